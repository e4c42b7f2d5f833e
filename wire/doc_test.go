package wire

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A drawing is a block in the text of the package: lines of bytes, and below them lines of marks.
type drawing struct {
	text  string              // the lines of bytes, one behind the other
	marks map[string][]string // what each letter marks
}

var (
	onlyMarks = regexp.MustCompile(`^[ A-Z]+$`)
	oneMark   = regexp.MustCompile(`D+|F+|H+|L+|M+|Q+|R+|S+|T+`)
)

func drawings(t *testing.T) (all []drawing) {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	last, inside := "", false
	for line := range strings.Lines(string(doc)) {
		text, isDrawn := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "//\t")
		if isDrawn && !inside {
			all = append(all, drawing{marks: map[string][]string{}})
		}
		if inside = isDrawn; !inside {
			continue
		}
		d := &all[len(all)-1]
		if !onlyMarks.MatchString(text) {
			d.text += text
			last = text
			continue
		}
		for _, at := range oneMark.FindAllStringIndex(text, -1) {
			letter := text[at[0] : at[0]+1]
			d.marks[letter] = append(d.marks[letter], last[at[0]:at[1]])
		}
	}
	return all
}

// spansOf returns what a drawing of b has to mark.
func spansOf(t *testing.T, b []byte) map[string][]string {
	t.Helper()
	env, targets, reason := scanned(b)
	if reason != OK {
		t.Fatalf("%s: %s", reason, b)
	}
	want := map[string][]string{}
	for letter, span := range map[string]Span{
		"D": env.Data, "R": env.Reply, "S": env.Sender, "H": env.Trace, "Q": env.FedRequest, "F": env.FedReply,
	} {
		if !span.Empty() {
			want[letter] = []string{string(span.Of(b))}
		}
	}
	for _, target := range targets {
		want["T"] = append(want["T"], string(target.Of(b)))
	}
	return want
}

func scanned(b []byte) (env Envelope, targets []Span, reason Reason) {
	targets, reason = Scan(b, Limits{Depth: 16, Hops: 16, Targets: 10}, &env, nil)
	return env, targets, reason
}

func TestTheEnvelopesInTheDocumentAreTrue(t *testing.T) {
	all := drawings(t)
	if len(all) != 8 {
		t.Fatalf("%d drawings", len(all))
	}
	for _, i := range []int{0, 2, 4, 5} {
		if d := cmp.Diff(spansOf(t, []byte(all[i].text)), all[i].marks); d != "" {
			t.Errorf("drawing %d: %s", i+1, d)
		}
	}
	request, reply := []byte(all[0].text), []byte(all[2].text)
	env, _, _ := scanned(request)
	hop := AppendHop(nil, "nats://fed1:4222", "relay1 (fedrelay:london)", "nats://col1:4222")
	sent := AppendRequest(nil, request, &env, "choria.federation.london.collective", hop)
	if d := cmp.Diff(string(sent), all[1].text); d != "" {
		t.Errorf("what nodes get: %s", d)
	}
	env, _, _ = scanned(reply)
	hop = AppendHop(nil, "nats://col1:4222", "relay1 (fedrelay:london)", "nats://fed1:4222")
	if d := cmp.Diff(string(AppendReply(nil, reply, &env, hop)), all[3].text); d != "" {
		t.Errorf("what the client gets: %s", d)
	}
}

func TestTheFramesInTheDocumentAreTrue(t *testing.T) {
	all := drawings(t)
	msg, pub := all[6], all[7]
	payload := []byte(msg.marks["M"][0])
	subject := []byte(strings.Fields(pub.text)[1])
	if want := fmt.Sprintf(" %d"+`\r\n%s\r\n`, len(payload), payload); !strings.HasSuffix(msg.text, want) {
		t.Errorf("%q does not end with %q", msg.text, want)
	}
	frame := AppendPub(nil, subject, payload)
	start := PubStartLen(len(subject))
	want := map[string][]string{
		"L": {drawn(AppendPubLine(nil, subject, len(payload)))},
		"S": {drawn(AppendPubStart(nil, subject))},
		"T": {drawn(frame[start:])},
	}
	if d := cmp.Diff(want, pub.marks); d != "" || pub.text != drawn(frame) {
		t.Errorf("%s %s", pub.text, d)
	}
}

// drawn is b as it is drawn: a line end takes four characters.
func drawn(b []byte) string { return strings.Trim(strconv.Quote(string(b)), `"`) }
