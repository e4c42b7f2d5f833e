package compact

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldens are compact messages that every later version has to open. The streams of each, unpacked,
// and its messages are in a text of the same name. What zstd makes of a stream may change.
func goldens(t *testing.T) map[string][]byte {
	var e Encoder
	all := map[string][]byte{}
	request := func(name string, messages [][]byte) {
		r, _ := joined(t, messages)
		r.Hops, r.Deadline = 1, 1_795_332_602_000
		all[name] = e.AppendRequest(nil, &r)
	}
	replies := func(name string, messages [][]byte) {
		ps, _ := allParts(t, messages)
		all[name] = e.AppendReplies(nil, []byte("mcollective.reply.edge.ams.london.="), ps)
	}
	request("request-sample", [][]byte{[]byte(sampleRequest[0]), []byte(sampleRequest[1])})
	replies("replies-sample", [][]byte{[]byte(sampleReplies[0]), []byte(sampleReplies[1]), []byte(sampleReplies[2])})
	request("request-v1-sequential", corpus.Request(corpus.Names(corpus.Sequential, 420, 1), wire.V1, 900, 1))
	request("request-v1-ip", corpus.Request(corpus.Names(corpus.IP, 20, 1), wire.V1, 900, 1))
	request("request-v2-hex", corpus.Request(corpus.Names(corpus.Hex, 20, 1), wire.V2, 900, 1))
	replies("replies-v1", corpus.Replies(corpus.Names(corpus.Sequential, 5, 1), corpus.Options{Version: wire.V1}))
	replies("replies-v2", corpus.Replies(corpus.Names(corpus.IP, 5, 1), corpus.Options{Version: wire.V2}))
	replies("replies-v2-tokens", corpus.Replies(corpus.Names(corpus.Hex, 4, 1), corpus.Options{Version: wire.V2, OwnTokens: true}))
	replies("reply-v1-alone", corpus.Replies([]string{"web1"}, corpus.Options{Version: wire.V1, Ping: true}))
	return all
}

var sampleRequest = []string{
	`{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"reply-to":"m.reply.c.7","federation":{"req":"4f","target":["m.node.web1","m.node.web2"]}}}`,
	`{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"reply-to":"m.reply.c.7","federation":{"req":"4f","target":["m.node.web5"]}}}`,
}

var sampleReplies = []string{
	`{"protocol":"choria:transport:1","data":"eyJhIjoxfQ==","headers":{"mc_sender":"web1","federation":{"req":"4f","reply-to":"m.reply.c.7"}}}`,
	`{"protocol":"choria:transport:1","data":"eyJhIjoyfQ==","headers":{"mc_sender":"web2","federation":{"req":"4f","reply-to":"m.reply.c.7"}}}`,
	`{"protocol":"choria:transport:1","data":"eyJhIjo3fQ==","headers":{"mc_sender":"web7","federation":{"req":"4f","reply-to":"m.reply.c.7"}}}`,
}

func TestGoldenMessages(t *testing.T) {
	for name, m := range goldens(t) {
		path := filepath.Join("testdata", name+".compact")
		text := filepath.Join("testdata", name+".txt")
		if *update {
			write(t, path, m)
			write(t, text, []byte(describe(t, m)))
		}
		old, want := read(t, path), string(read(t, text))
		if got := describe(t, old); got != want {
			t.Errorf("%s is no longer read as before:\n%s", path, got)
		}
		if got := describe(t, m); got != want {
			t.Errorf("%s is no longer written as before:\n%s", path, got)
		}
	}
}

// describe returns what is in a message as text: its header, both streams unpacked, its messages.
func describe(t *testing.T, m []byte) string {
	t.Helper()
	h, packed, raw, reason := parseHeader(m, generous)
	if reason != wire.OK {
		t.Fatal(reason)
	}
	var u unpacker
	stream, ok := u.unpack(packed, h.text)
	if !ok {
		t.Fatal("cannot be unpacked")
	}
	var d Decoder
	c, reason := d.Open(m, generous)
	if reason != wire.OK {
		t.Fatal(reason)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "kind %d, %d messages, %d targets, %d bytes; hops %d, deadline %d, address %q\n",
		c.Kind, c.Messages, h.targets, c.Bytes, c.Hops, c.Deadline, c.Address)
	fmt.Fprintf(&b, "text, %d bytes:\n%s", len(stream), lines(stream))
	fmt.Fprintf(&b, "raw, %d bytes:\n%s", len(raw), lines(raw))
	all, places := d.Append(nil, nil)
	for _, p := range places {
		fmt.Fprintf(&b, "%s\n", p.Of(all))
	}
	return b.String()
}

// lines are up to 80 bytes of b each, quoted.
func lines(b []byte) string {
	var s strings.Builder
	for len(b) > 0 {
		n := min(80, len(b))
		fmt.Fprintf(&s, "\t%q\n", b[:n])
		b = b[n:]
	}
	return s.String()
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
