package seal

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/wire"
)

func TestASealBringsBackWhatItSays(t *testing.T) {
	ring := sampleRing(t)
	s, o := NewSealer(ring, london), NewOpener(ring, london)
	for _, request := range []string{
		"", "4f2a", "74ce5a837c1f0a5274ce5a837c1f0a52", "2QZ8Yb5mGq2vXr0sTbVJb0QeXyz", `\u00e9`, "é",
		strings.Repeat("x", MaxRequest),
	} {
		want := hourly(request)
		text := s.Append([]byte("before"), want, reply)
		text = text[len("before"):]
		if !wire.IsPlain(text) || len(text) > MaxLen {
			t.Errorf("%q: %d bytes, or not plain: %.80s", request, len(text), text)
		}
		got, reason := o.Open(text, reply, issued.Add(time.Minute))
		if reason != wire.OK {
			t.Errorf("%q: %s", request, reason)
		}
		if !got.Issued.Equal(want.Issued) || string(got.Request) != request {
			t.Errorf("%q: got %v %q", request, got.Issued, got.Request)
		}
		if !got.Deadline.Equal(want.Deadline.Truncate(time.Millisecond)) {
			t.Errorf("%q: deadline %v, want %v", request, got.Deadline, want.Deadline)
		}
	}
}

func TestALongRequestIDIsLeftOut(t *testing.T) {
	ring := sampleRing(t)
	text := NewSealer(ring, london).Append(nil, hourly(strings.Repeat("x", MaxRequest+1)), reply)
	got, reason := NewOpener(ring, london).Open(text, reply, issued)
	if reason != wire.OK || len(got.Request) != 0 {
		t.Errorf("%s, request id of %d bytes", reason, len(got.Request))
	}
}

// Golden: whoever changes a byte of the layout must see it here, and needs a new version.
func TestTheLayoutIsThatOfTheManual(t *testing.T) {
	const (
		text = "fs1.S7aXnrl8OQZhTGT_REAANu6ANGYyYTjIvcLABhKtABKsFRo605U"
		raw  = "4bb697 9eb97c39 06614c64ff4440 0036ee80 34663261 38c8bdc2c00612ad0012ac151a3ad395"
	)
	ring := sampleRing(t)
	got := string(NewSealer(ring, london).Append(nil, hourly("4f2a"), reply))
	decoded, _ := encoding.DecodeString(strings.TrimPrefix(got, prefix))
	if got != text {
		t.Errorf("got %s\n%s\nwant %s\n%s", got, hex.EncodeToString(decoded), text, raw)
	}
	manual, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{"\t" + text + "\n", raw} {
		if !bytes.Contains(manual, []byte(shown)) {
			t.Errorf("doc.go does not show %s", shown)
		}
	}
}

func TestEachReasonForWhatDoesNotOpen(t *testing.T) {
	ring := sampleRing(t)
	others := NewRing(keysFrom(t, issued))
	paris := Scope{Cluster: "paris", Role: Relay}
	edge := Scope{Cluster: "london", Role: Edge}
	c := hourly("4f2a")
	good := NewSealer(ring, london).Append(nil, c, reply)
	for name, test := range map[string]struct {
		text   string
		reply  string
		after  time.Duration
		reason wire.Reason
	}{
		"good":                 {string(good), string(reply), 0, wire.OK},
		"clocks that differ":   {string(good), string(reply), -time.Minute, wire.OK},
		"just in time":         {string(good), string(reply), time.Hour + Leeway - time.Millisecond, wire.OK},
		"too late":             {string(good), string(reply), time.Hour + Leeway, wire.SealExpired},
		"a stock request id":   {"74ce5a837c1f0a5274ce5a837c1f0a52", string(reply), 0, wire.SealMissing},
		"none":                 {"", string(reply), 0, wire.SealMissing},
		"only the version":     {"fs1.", string(reply), 0, wire.SealMalformed},
		"a future version":     {"fs2" + string(good[3:]), string(reply), 0, wire.SealMalformed},
		"cut short":            {string(good[:40]), string(reply), 0, wire.SealMalformed},
		"a line break in it":   {string(good[:40]) + "\n" + string(good[40:]), string(reply), 0, wire.SealMalformed},
		"a break at the end":   {string(good) + "\r\n", string(reply), 0, wire.SealMalformed},
		"too long":             {string(good) + strings.Repeat("A", MaxLen), string(reply), 0, wire.SealMalformed},
		"not base64":           {string(good[:40]) + "!" + string(good[41:]), string(reply), 0, wire.SealMalformed},
		"other reply subject":  {string(good), "mcollective.reply.evil", 0, wire.SealForged},
		"reply subject longer": {string(good), string(reply) + ".x", 0, wire.SealForged},
		"another cluster":      {string(NewSealer(ring, paris).Append(nil, c, reply)), string(reply), 0, wire.SealOtherCluster},
		"only an edge's":       {string(NewSealer(ring, edge).Append(nil, c, reply)), string(reply), 0, wire.SealMissing},
		"unknown key":          {string(NewSealer(others, london).Append(nil, c, reply)), string(reply), 0, wire.SealUnknownKey},
	} {
		got, reason := NewOpener(ring, london).Open([]byte(test.text), []byte(test.reply), issued.Add(test.after))
		if reason != test.reason {
			t.Errorf("%s: %q, want %q", name, reason, test.reason)
		}
		if reason != wire.OK && (got.Request != nil || !got.Issued.IsZero()) {
			t.Errorf("%s: claims of a bad seal: %v", name, got)
		}
	}
}

func TestEveryTruncationAndEveryFlippedBitIsFound(t *testing.T) {
	ring := sampleRing(t)
	o := NewOpener(ring, london)
	good := NewSealer(ring, london).Append(nil, hourly("74ce5a837c1f0a5274ce5a837c1f0a52"), reply)
	counts := map[wire.Reason]int{}
	try := func(text []byte) {
		_, reason := o.Open(text, reply, issued)
		counts[reason]++
	}
	for n := range good {
		try(good[:n])
	}
	for i := range 8 * len(good) {
		flipped := bytes.Clone(good)
		flipped[i/8] ^= 1 << (i % 8)
		try(flipped)
	}
	if counts[wire.OK] > 0 {
		t.Errorf("opened %d of them", counts[wire.OK])
	}
	for _, r := range []wire.Reason{
		wire.SealMissing, wire.SealMalformed, wire.SealOtherCluster, wire.SealUnknownKey, wire.SealForged,
	} {
		if counts[r] == 0 {
			t.Errorf("never %s: %v", r, counts)
		}
	}
}

// Edges seal as relays do, each what the one before has made.
func TestSealsOfAllEdgesFitIntoOneAnother(t *testing.T) {
	ring := sampleRing(t)
	edges := Scope{Cluster: "london", Role: Edge}
	request := strings.Repeat("r", 500)
	texts := []string{request}
	for i := range wire.MaxEdges + 1 {
		scope := edges
		if i == wire.MaxEdges {
			scope = london
		}
		texts = append(texts, string(NewSealer(ring, scope).Append(nil, hourly(texts[i]), reply)))
	}
	for i := wire.MaxEdges + 1; i > 0; i-- {
		scope := edges
		if i == wire.MaxEdges+1 {
			scope = london
		}
		got, reason := NewOpener(ring, scope).Open([]byte(texts[i]), reply, issued)
		if reason != wire.OK || string(got.Request) != texts[i-1] {
			t.Fatalf("seal %d of %d bytes: %q, holds %.80q", i, len(texts[i]), reason, got.Request)
		}
	}
}

func TestDeadlines(t *testing.T) {
	for name, test := range map[string]struct{ deadline, want time.Time }{
		"none":    {time.Time{}, issued.Add(time.Hour)},
		"earlier": {issued.Add(time.Minute), issued.Add(time.Minute)},
		"later":   {issued.Add(2 * time.Hour), issued.Add(time.Hour)},
	} {
		if c := Lives(nil, issued, time.Hour, test.deadline); !c.Deadline.Equal(test.want) || !c.Issued.Equal(issued) {
			t.Errorf("%s: %v", name, c)
		}
	}
}

func TestTimesOutOfRangeAreCut(t *testing.T) {
	ring := sampleRing(t)
	s, o := NewSealer(ring, london), NewOpener(ring, london)
	old := s.Append(nil, &Claims{Issued: time.Unix(-5, 0), Deadline: time.Unix(-9, 0)}, reply)
	if _, reason := o.Open(old, reply, issued); reason != wire.SealExpired {
		t.Errorf("made before 1970: %q", reason)
	}
	long := s.Append(nil, &Claims{Issued: issued, Deadline: issued.AddDate(10, 0, 0)}, reply)
	if c, reason := o.Open(long, reply, issued); reason != wire.OK || c.Deadline.Sub(issued) > 50*24*time.Hour {
		t.Errorf("ten years: %q, %v", reason, c.Deadline)
	}
}

func TestNothingIsAllocated(t *testing.T) {
	ring := sampleRing(t)
	s, o := NewSealer(ring, london), NewOpener(ring, london)
	c := hourly("74ce5a837c1f0a5274ce5a837c1f0a52")
	text := s.Append(nil, c, reply)
	if n := testing.AllocsPerRun(1000, func() { text = s.Append(text[:0], c, reply) }); n != 0 {
		t.Errorf("%v allocations to seal", n)
	}
	if n := testing.AllocsPerRun(1000, func() { o.Open(text, reply, issued) }); n != 0 {
		t.Errorf("%v allocations to open", n)
	}
}

func BenchmarkSeal(b *testing.B) {
	s, c := NewSealer(sampleRing(b), london), hourly("74ce5a837c1f0a5274ce5a837c1f0a52")
	text := s.Append(nil, c, reply)
	for b.Loop() {
		text = s.Append(text[:0], c, reply)
	}
}

func BenchmarkOpen(b *testing.B) {
	ring := sampleRing(b)
	o := NewOpener(ring, london)
	text := NewSealer(ring, london).Append(nil, hourly("74ce5a837c1f0a5274ce5a837c1f0a52"), reply)
	for b.Loop() {
		if _, reason := o.Open(text, reply, issued); reason != wire.OK {
			b.Fatal(reason)
		}
	}
}

func FuzzOpen(f *testing.F) {
	ring := sampleRing(f)
	f.Add([]byte(""), reply)
	f.Add([]byte("fs1."), reply)
	f.Add(NewSealer(ring, Scope{"paris", Edge}).Append(nil, hourly("4f2a"), reply), reply)
	good := NewSealer(ring, london).Append(nil, hourly("4f2a"), reply)
	f.Add(good, []byte("another"))
	f.Add(good[:50], reply)
	o := NewOpener(ring, london)
	f.Fuzz(func(t *testing.T, text, subject []byte) {
		genuine := bytes.Equal(text, good) && bytes.Equal(subject, reply)
		_, reason := o.Open(text, subject, issued)
		named := wire.SealMissing <= reason && reason <= wire.SealExpired
		if genuine != (reason == wire.OK) || !genuine && !named {
			t.Errorf("%q", reason)
		}
		if _, reason := o.Open(good, reply, issued); reason != wire.OK {
			t.Errorf("a good seal after that: %s", reason)
		}
	})
}

// FuzzSeal: whatever is sealed comes back.
func FuzzSeal(f *testing.F) {
	f.Add([]byte("4f2a"), reply, int64(1), int64(2))
	ring := sampleRing(f)
	s, o := NewSealer(ring, london), NewOpener(ring, london)
	f.Fuzz(func(t *testing.T, request, subject []byte, at, lives int64) {
		c := Claims{Request: request}
		c.Issued = time.UnixMicro(at & (1<<55 - 1))
		c.Deadline = c.Issued.Add(time.Duration(uint32(lives)) * time.Millisecond)
		got, reason := o.Open(s.Append(nil, &c, subject), subject, c.Issued)
		if reason != wire.OK || !got.Issued.Equal(c.Issued) || got.Deadline.After(c.Deadline) {
			t.Fatalf("%q: %v, want %v", reason, got, c)
		}
		if len(request) <= MaxRequest && !bytes.Equal(got.Request, request) {
			t.Errorf("request %q, want %q", got.Request, request)
		}
	})
}
