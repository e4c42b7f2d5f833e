package compact

import (
	"math/rand/v2"
	"testing"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
)

// TestMixesComeBack writes bundles of replies to several requests, of both versions, in random
// order and of random size. Some replies are cut short inside, so that their hashes no longer fit.
func TestMixesComeBack(t *testing.T) {
	var all [][]byte
	for i, kind := range corpus.Kinds() {
		for _, o := range []corpus.Options{
			{Version: wire.V1}, {Version: wire.V1, Ping: true}, {Version: wire.V2}, {Version: wire.V2, OwnTokens: true},
		} {
			o.Seed = uint64(i)
			all = append(all, corpus.Replies(corpus.Names(kind, 40, uint64(i)), o)...)
		}
	}
	var e Encoder
	var d Decoder
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 4))
		var ps []wire.Parts
		var want []byte
		for range 1 + r.IntN(1+r.IntN(250)) {
			p, _ := parts(t, all[r.IntN(len(all))])
			if r.IntN(20) == 0 {
				p.Data = cut(p.Data, r)
			}
			ps, want = append(ps, p), wire.AppendMessage(want, &p)
		}
		mustOpen(t, &d, e.AppendReplies(nil, []byte("a.="), ps), want, len(ps))
	}
}

// cut returns data without some characters, mostly whole groups of base64.
func cut(data []byte, r *rand.Rand) []byte {
	from := 1 + 4*r.IntN(len(data)/8)
	to := from + 4*r.IntN(20) + r.IntN(2)
	return append(append([]byte(nil), data[:from]...), data[min(to, len(data)-1):]...)
}
