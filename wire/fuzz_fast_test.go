package wire

import (
	"slices"
	"testing"
)

// FuzzFastScan looks for messages that the fast way of Scan takes and the parser rejects, or reads
// in another way.
func FuzzFastScan(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	for _, s := range canonicalSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) <= 1<<16 {
			mustScanAlike(t, b)
		}
	})
}

// canonicalSeeds are messages that the fast way takes.
var canonicalSeeds = []string{
	string(request(3, 16)),
	string(reply(16)),
	v1(`"reply-to":"a.b","mc_sender":"c"`),
	v1(`"federation":{"req":"r","reply-to":"a.reply.b","target":["a.node.b"]}`),
	v1(`"mc_sender":"","seen-by":[["a","b"]],"federation":{}`),
	v2(``),
	v2(`"reply":"choria.reply.a.b","sender":"up=alice","trace":[["a","b","c"]],"federation":{"request":"r","targets":["choria.node.n1","choria.node.n2"]}`),
	v2(`"sender":"n1","trace":[["a","b"],["c","d","e"]],"federation":{"request":"r","reply":"choria.reply.a.b"}`),
	v2(`"reply":"a.b","trace":[["a","b","c"]]`),
}

// mustScanAlike reads b in both ways, with several limits and behind a target of an earlier
// message. It reports whether the fast way takes b with the usual limits.
func mustScanAlike(tb testing.TB, b []byte) (fast bool) {
	tb.Helper()
	before := []Span{{Off: 7, Len: 7}}
	for _, limits := range []Limits{
		{Depth: 4, Hops: 1, Targets: 1}, {Depth: 4, Hops: 2, Targets: 2}, {Depth: 4, Targets: 1}, {Depth: 4, Hops: -1, Targets: -1},
		{Depth: 4, Hops: 1, SkipTargets: true}, {Depth: 3, Hops: 9, Targets: 9, SkipTargets: true}, {},
		{Depth: 4, Targets: 9, Parts: 1}, {Depth: 4, Targets: 9, Parts: 3}, {Depth: 4, Parts: 1, SkipTargets: true}, skipping, usual,
	} {
		var env, want Envelope
		targets, verdict, ok := scanCanonical(b, limits, &env, before)
		if fast = ok; !fast {
			continue
		}
		wantTargets, r := scan(b, limits, &want, before, false)
		if verdict != OK && r == verdict && targets[0] == before[0] {
			continue
		}
		if want.Escapes = false; r != verdict || env != want || !slices.Equal(targets, wantTargets) {
			tb.Fatalf("the fast way reads %+v %v,\nthe parser %+v %v %q,\nin %q", env, targets, want, wantTargets, r, b)
		}
	}
	return fast
}
