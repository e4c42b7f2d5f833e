package wire

import "testing"

func TestScanAllocatesNothing(t *testing.T) {
	msg := []byte(`{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"reply-to":"mcollective.reply.a.b","mc_sender":"c","seen-by":[["a","b","c"]],"federation":{"req":"x","target":["mcollective.node.n1","mcollective.node.n2"]}}}`)
	limits := Limits{Depth: 16, Hops: 16, Targets: 50_000}
	var env Envelope
	targets := make([]Span, 0, 8)
	var dst = make([]byte, 0, 4096)
	hop := AppendHop(nil, "a", "b", "c")
	n := testing.AllocsPerRun(100, func() {
		ts, r := Scan(msg, limits, &env, targets[:0])
		if r != OK || len(ts) != 2 {
			t.Fatal(r)
		}
		dst = AppendRequest(dst[:0], msg, &env, "choria.federation.london.collective", hop)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
	t.Logf("%s", dst)
}
func BenchmarkScan(b *testing.B) {
	msg := []byte(`{"protocol":"choria:transport:1","data":"` + string(make1k()) + `","headers":{"reply-to":"mcollective.reply.a.b","mc_sender":"c","seen-by":[["a","b","c"]],"federation":{"req":"x","target":["mcollective.node.n1","mcollective.node.n2"]}}}`)
	limits := Limits{Depth: 16, Hops: 16, Targets: 50_000}
	var env Envelope
	targets := make([]Span, 0, 8)
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	for b.Loop() {
		Scan(msg, limits, &env, targets[:0])
	}
}
func make1k() []byte {
	b := make([]byte, 1368)
	for i := range b {
		b[i] = 'A'
	}
	return b
}
