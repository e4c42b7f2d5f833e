package compact

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
)

func TestSizes(t *testing.T) {
	var e Encoder
	var d Decoder
	for _, c := range []struct {
		name   string
		o      corpus.Options
		bundle int
	}{
		{"v1", corpus.Options{Version: wire.V1}, 107}, {"v2", corpus.Options{Version: wire.V2}, 67},
		{"v2 own tokens", corpus.Options{Version: wire.V2, OwnTokens: true}, 67},
		{"v1 ping", corpus.Options{Version: wire.V1, Ping: true}, 200},
	} {
		all := replies(1000, c.o)
		for _, bundle := range []int{1, 10, c.bundle, 1000} {
			before, after := 0, 0
			n := 1000
			if bundle == 1 {
				n = 20
			}
			for from := 0; from < n; from += bundle {
				ps, text := allParts(t, all[from:min(from+bundle, n)])
				m := e.AppendReplies(nil, []byte("mcollective.reply.edge.ams.london.="), ps)
				mustOpen(t, &d, m, text, len(ps))
				before, after = before+len(text), after+len(m)
			}
			t.Logf("%s, %d: %d to %d, %.1f, %.1f a reply", c.name, bundle, before/n, after, float64(before)/float64(after), float64(after)/float64(n))
		}
	}
	for _, k := range corpus.Kinds() {
		for _, n := range []int{1, 200, 10000} {
			r, text := joined(t, corpus.Request(corpus.Names(k, n, 1), wire.V1, 3000, 1))
			m := e.AppendRequest(nil, &r)
			mustOpen(t, &d, m, text, len(r.Groups))
			t.Logf("%s, %d: %d to %d, %.1f", k, n, len(text), len(m), float64(len(text))/float64(len(m)))
		}
	}
}
