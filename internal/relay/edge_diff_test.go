package relay

import (
	"bytes"
	"hash/maphash"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

func edgeStation(asJSON bool) *station {
	s := requestStation()
	s.router = &edgeRouter{
		requestRouter: requestRouter{
			rules: &wire.Rules{MaxLength: 1024}, hops: noHops(), asText: true,
			duplicates: duplicates{seed: maphash.MakeSeed()}, accepted: func() {},
		},
		name: "ams.london", json: asJSON, limits: compactLimits(config.Default()), maxPayload: func() int { return 1 << 20 },
	}
	return s
}

// requestThroughEdgeIsDirect checks that nodes get the same requests through an edge, but for the
// reply subject, and that what is refused is refused for the same reasons.
func requestThroughEdgeIsDirect(t *testing.T, asJSON bool, messages ...[]byte) (carried bool) {
	t.Helper()
	for _, m := range messages {
		// A mark makes other subjects, an edge resolves escapes, and makes subjects longer.
		if bytes.Contains(m, []byte(".=")) || bytes.Contains(m, []byte{'\\'}) || len(m) > 900 && longest(m) > 900 {
			return false
		}
	}
	direct, edge, relay := requestStation(), edgeStation(asJSON), requestStation()
	for _, s := range []*station{direct, relay} {
		s.router.(*requestRouter).rules.MaxLength = 1024 // a reply subject is longer now
	}
	want := direct.carry(t, messages...)
	var payloads [][]byte
	for _, p := range edge.carry(t, messages...) {
		if p[0] != "in" {
			t.Fatalf("published to %s", p[0])
		}
		payloads = append(payloads, []byte(p[1]))
	}
	got := relay.carry(t, payloads...)
	for i := range got {
		at := strings.Index(got[i][1], ".reply.edge.ams.london.=.")
		if at < 0 {
			t.Fatalf("no address in %s", got[i][1])
		}
		from := strings.LastIndexByte(got[i][1][:at], '"') + 1
		got[i][1] = got[i][1][:from] + got[i][1][at+len(".reply.edge.ams.london.=."):]
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%q\ndirectly %q, refused %q\nthrough an edge %q, refused %q and %q", messages, want, direct.refusals, got, edge.refusals, relay.refusals)
	}
	if refused := append(edge.refusals, relay.refusals...); !slices.Equal(refused, direct.refusals) {
		t.Fatalf("%q\nrefused directly %q, through an edge %q", messages, direct.refusals, refused)
	}
	return len(want) > 0
}

// longest returns the length of the longest run without a quote.
func longest(m []byte) (n int) {
	for part := range bytes.SplitSeq(m, []byte{'"'}) {
		n = max(n, len(part))
	}
	return n
}

func TestRequestsThroughAnEdgeAreThoseWithout(t *testing.T) {
	const rounds = diffRounds / 2
	carried := 0
	for seed := range uint64(rounds) {
		f := forger{rand.New(rand.NewPCG(seed, 11))}
		var messages [][]byte
		for range 1 + seed%3 {
			m := f.message()
			messages = append(messages, m)
			if seed%2 == 0 {
				messages = append(messages, slices.Clone(m)) // may leave together
			}
		}
		if requestThroughEdgeIsDirect(t, seed%5 == 0, messages...) {
			carried++
		}
	}
	if carried < rounds/200 {
		t.Errorf("only %d of %d went anywhere", carried, rounds)
	}
}

func FuzzRequestsThroughAnEdgeAreThoseWithout(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(forger{rand.New(rand.NewPCG(seed, 11))}.message(), seed%2 == 0)
	}
	f.Fuzz(func(t *testing.T, message []byte, asJSON bool) {
		requestThroughEdgeIsDirect(t, asJSON, message, message)
	})
}

func TestRightsThatTheLineNeeds(t *testing.T) {
	c := config.Default()
	c.Edge.Clusters, c.Edge.Group = []string{"london", "tokyo"}, "ams"
	want := link.Needs{
		Publish:   []string{"choria.federation.london.federation", "choria.federation.tokyo.federation"},
		Subscribe: []string{"?.reply.edge.ams.london.>", "?.reply.edge.ams.tokyo.>"},
	}
	if n := needsOf(c, link.Line); !slices.Equal(n.Publish, want.Publish) || !slices.Equal(n.Subscribe, want.Subscribe) {
		t.Error(n)
	}
	if n := needsOf(c, link.Federation); !slices.Equal(n.Subscribe, want.Publish) || !slices.Equal(n.Publish, []string{"?.reply.>"}) {
		t.Error(n)
	}
}

// A request that is too large for the bundles that relays take leaves as JSON.
func TestALargeRequestLeavesAsJSON(t *testing.T) {
	s := edgeStation(false)
	s.router.(*edgeRouter).limits.Bytes = 1 << 10
	message := []byte(`{"protocol":"choria:transport:1","data":"` + strings.Repeat("YWFh", 300) +
		`","headers":{"reply-to":"m.reply.c.1","mc_sender":"c","federation":{"req":"4f","target":["m.node.a"]}}}`)
	out := s.carry(t, message)
	if len(out) != 1 || compact.Is([]byte(out[0][1])) || !strings.Contains(out[0][1], `"m.reply.edge.ams.london.=.m.reply.c.1"`) {
		t.Errorf("%.200q", out)
	}
}

var _ pipeline.Bundler = (*edgeRouter)(nil)
