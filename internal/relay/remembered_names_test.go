package relay

import (
	"context"
	"hash/maphash"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/recent"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// A request with as many targets as allowed does not keep its memory, beside what is remembered.
func TestALargeRequestKeepsNoMemoryForItsNames(t *testing.T) {
	for targets, kept := range map[int]bool{100: true, 20_000: false} {
		list := strings.Repeat(`"mcollective.node.a-node-with-a-name.example.net", `, targets-1)
		message := []byte(`{"protocol":"choria:transport:1","data":"YQ==","headers":{"mc_sender":"c","reply-to":"mcollective.reply.c.1",` +
			`"federation":{"req":"r","target":[` + list + `"mcollective.node.last"]}}}`)
		m := recent.New(8 << 20)
		q := &requestRouter{
			rules: &wire.Rules{MaxLength: 255}, fanoutBytes: 1 << 40, answerTo: "a", hops: &hops{mode: "never"},
			duplicates: duplicates{seed: maphash.MakeSeed()}, accepted: func() {}, recent: m.Requests,
		}
		s := &bareStation{messages: [][]byte{message}, times: 1, size: len(message)}
		pipeline.New(pipeline.Config{
			Source: s, Publishers: []pipeline.Publisher{s}, Ledger: &s.ledger, Pool: &s.pool, DecodeWorkers: 1, Depth: 1,
			Rules: pipeline.Rules{Router: q, Limits: wire.Limits{Depth: 16, Hops: 16, Targets: 50_000, Parts: 256}},
		}).Run(context.Background())
		if d, _ := m.Request("r"); len(d.Names) != targets || (cap(q.names) > 0) != kept || cap(q.names) > mostNames {
			t.Errorf("%d targets: %d are remembered, %d bytes kept", targets, len(d.Names), cap(q.names))
		}
	}
}
