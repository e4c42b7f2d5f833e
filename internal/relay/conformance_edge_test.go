package relay_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// newEdgeBench starts a bench with an edge in front of the relay: what goes in is what clients and
// nodes send, and what comes out is what they get.
func newEdgeBench(t *testing.T, o embedded.Options, set func(*config.Config)) *bench {
	t.Helper()
	n := fedtest.StartLine(t, o)
	edge := n.EdgeConfig()
	set(&edge)
	b := benchBetween(t, n, set)
	for s, server := range []*embedded.Server{n.Federation, n.Collective} {
		b.taps[s] = fedtest.NewTap(t, server)
	}
	b.edge = fedtest.StartRelay(t, edge)
	line, clients := n.Line.ClientURL(), n.Federation.ClientURL()
	hop := func(from, to string) string {
		return fmt.Sprintf(`["%s","edge1 (fedrelay:london)","%s"]`, from, to)
	}
	b.hops[federation] = hop(clients, line) + "," + b.hops[federation]
	b.hops[collective] += "," + hop(line, clients)
	b.arrives = func(payload string) string { return addressOfEdge.ReplaceAllString(payload, "") }
	return b
}

// addressOfEdge is what an edge puts in front of a reply subject.
var addressOfEdge = regexp.MustCompile(`[^".]+\.reply\.edge\.ams\.london\.=\.`)

// Clients and nodes see no difference between a relay and a relay behind an edge.
func TestConformanceTableThroughAnEdge(t *testing.T) {
	for _, form := range []string{config.WireCompact, config.WireJSON} {
		for mode, compat := range map[string]func(*config.Config){
			config.CompatStrict: func(*config.Config) {},
			config.CompatPeer:   func(c *config.Config) { c.Compat, c.Trace = config.CompatPeer, "always" },
		} {
			t.Run(form+"/"+mode, func(t *testing.T) {
				t.Parallel()
				b := newEdgeBench(t, embedded.Options{MaxPayload: 8 << 20}, func(c *config.Config) {
					compat(c)
					c.Edge.Wire = form
					if !c.IsEdge() {
						c.Edge.Wire = config.WireCompact
					}
				})
				for _, c := range conformanceTable() {
					if throughAnEdge(&c) {
						t.Run(c.id+" "+c.what, func(t *testing.T) { b.conform(t, c, mode) })
					}
				}
				for _, r := range []*fedtest.Relay{b.edge, b.relay} {
					if err := r.Stop(); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
}

// throughAnEdge makes a reply one to a request that came through an edge. It reports false for a
// case about hops that are left out, because there are two more.
func throughAnEdge(c *conformanceCase) bool {
	for _, want := range []**outcome{&c.strict, &c.peer} {
		if *want == nil || (*want).payload == "" {
			continue
		}
		resolved := **want
		resolved.payload = strings.ReplaceAll(resolved.payload, `mcollective.reply.\u0061\/b.c`, "mcollective.reply.a/b.c")
		*want = &resolved
		if hops := strings.Count(fill(resolved.payload, ""), `["`); hops > 12 {
			return false
		}
		if c.from == collective {
			collective, _, _ := strings.Cut(resolved.to[0], ".")
			c.payload = toEdge(fill(c.payload, ""), collective)
		}
	}
	return true
}

var savedSubject = regexp.MustCompile(`(?i)"federation".*"(reply-to|reply)"\s*:\s*"`)

// toEdge puts the address of the edge in front of the reply subject of a reply, once.
func toEdge(payload, collective string) string {
	at := savedSubject.FindStringIndex(payload)
	if at == nil || addressOfEdge.MatchString(payload) {
		return payload
	}
	return payload[:at[1]] + collective + ".reply.edge.ams.london.=." + payload[at[1]:]
}
