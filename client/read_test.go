package client

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"testing"

	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

const subject = "mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506.7c1f.="

var single = `{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"mc_sender":"web1","seen-by":[["a","b","c"]]}}`

func expectation() *expected {
	return &expected{
		subject: subject, id: "7c1f", version: wire.V1, limits: compact.Limits{Bytes: 1 << 20, Messages: 100, Targets: 1},
	}
}

// Whatever comes is a reply, as encoding/json reads it, or is rejected for a reason.
func FuzzRead(f *testing.F) {
	f.Add([]byte(single))
	f.Add([]byte(`{"protocol":"choria:transport:1","data":"aGVs\nbG8=\n","headers":{"mc_sender":"web1"}}`))
	f.Add([]byte(`{"protocol":"choria:transport:1","data":null,"headers":null}`))
	var e compact.Encoder
	part := wire.Parts{
		Version: wire.V1, Data: []byte(`"aGVsbG8="`), Sender: []byte("web1"), FedRequest: []byte("7c1f"), FedReply: []byte(subject),
	}
	f.Add(e.AppendReplies(nil, []byte(subject), []wire.Parts{part, part}))
	var r reader
	f.Fuzz(func(t *testing.T, m []byte) {
		before := bytes.Clone(m)
		found, rejected := 0, 0
		compacted := r.read(m, expectation(), func(reply *Reply) {
			found++
			checkAgainstJSON(t, m, reply)
			_ = reply.Trace()
		}, func(reason string) {
			if rejected++; reason == "" {
				t.Fatalf("%q is rejected without a reason", m)
			}
		})
		if found+rejected == 0 && !compacted || found > 100 {
			t.Fatalf("%d replies, %d rejected", found, rejected)
		}
		if !bytes.Equal(m, before) {
			t.Fatal("the message has changed")
		}
	})
}

func checkAgainstJSON(t *testing.T, m []byte, reply *Reply) {
	if compact.Is(m) {
		return
	}
	var o struct {
		Data    string
		Headers struct {
			Sender string `json:"mc_sender"`
		}
	}
	if err := json.Unmarshal(m, &o); err != nil {
		t.Fatalf("%q: %v", m, err)
	}
	want, err := base64.StdEncoding.DecodeString(o.Data)
	if err != nil || !bytes.Equal(want, reply.Secure) || o.Headers.Sender != reply.Sender {
		t.Fatalf("%q: %q %q, %v", m, reply.Sender, reply.Secure, err)
	}
}

func TestARubyNodeBreaksTheLinesOfBase64(t *testing.T) {
	var r reader
	n := 0
	r.read([]byte(`{"protocol":"choria:transport:1","data":"aGVs\nbG8=\n","headers":{"mc_sender":"web1"}}`), expectation(), func(reply *Reply) {
		if n++; string(reply.Secure) != "hello" || reply.Trace() != nil {
			t.Errorf("%q", reply.Secure)
		}
	}, func(reason string) { t.Error(reason) })
	if n != 1 {
		t.Error(n)
	}
}

func TestTheTraceOfARubyNodeHasShorterHops(t *testing.T) {
	r := Reply{trace: []byte(`[["a","b"],["c","d","e"]]`)}
	if got := r.Trace(); len(got) != 2 || got[0] != (Hop{From: "a", By: "b"}) || got[1] != (Hop{"c", "d", "e"}) {
		t.Error(got)
	}
	r.trace = []byte(`[["a",1]]`)
	if got := r.Trace(); got != nil {
		t.Error(got)
	}
}

// One hostile message must not make a reader keep its memory for ever.
func TestAReaderGivesUpMemory(t *testing.T) {
	r := reader{text: make([]byte, 0, 2*keepable), places: make([]wire.Span, 0, keepable), base64: make([]byte, 0, 2*keepable)}
	r.trim()
	if r.text != nil || r.places != nil || r.base64 != nil {
		t.Error(cap(r.text), cap(r.places), cap(r.base64))
	}
}

func BenchmarkRead(b *testing.B) {
	part := wire.Parts{
		Version: wire.V1, Data: []byte(`"aGVsbG8="`), Sender: []byte("web1"), FedRequest: []byte("7c1f"), FedReply: []byte(subject),
	}
	const many = 200
	bundle := new(compact.Encoder).AppendReplies(nil, []byte(subject), slices.Repeat([]wire.Parts{part}, many))
	for name, m := range map[string][]byte{"single": []byte(single), "bundle": bundle} {
		b.Run(name, func(b *testing.B) {
			var r reader
			e, n := expectation(), 0
			e.limits.Messages = many
			b.ReportAllocs()
			for b.Loop() {
				r.read(m, e, func(*Reply) { n++ }, func(reason string) { b.Fatal(reason) })
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/reply")
		})
	}
}
