//go:build !race

package compact

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
)

// TestNothingIsAllocatedOnceWarm writes and reads bundles and requests in turns.
func TestNothingIsAllocatedOnceWarm(t *testing.T) {
	var e Encoder
	var d Decoder
	var m, text []byte
	var places []wire.Span
	read := func() {
		if _, reason := d.Open(m, generous); reason != wire.OK {
			t.Fatal(reason)
		}
		text, places = d.Append(text[:0], places[:0])
	}
	v1, _ := allParts(t, replies(50, corpus.Options{Version: wire.V1}))
	v2, _ := allParts(t, replies(50, corpus.Options{Version: wire.V2, OwnTokens: true}))
	ip, _ := joined(t, corpus.Request(corpus.Names(corpus.IP, 2000, 1), wire.V1, 3000, 1))
	hex, _ := joined(t, corpus.Request(corpus.Names(corpus.Hex, 2000, 1), wire.V2, 3000, 1))
	n := testing.AllocsPerRun(20, func() {
		for _, replies := range [][]wire.Parts{v1, v2, v1[:1]} {
			m = e.AppendReplies(m[:0], []byte("c.reply.edge.a.k.="), replies)
			read()
		}
		for _, r := range []*Request{&ip, &hex} {
			m = e.AppendRequest(m[:0], r)
			read()
		}
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}
