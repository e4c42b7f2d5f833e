package pipeline_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// loud and late change a message so that only the incumbent takes it. Scan notices that of a loud
// one before its targets are read, of a late one behind them.
func loud(message string) string { return strings.ReplaceAll(message, `"headers"`, `"HEADERS"`) }
func late(message string) string {
	return strings.TrimSuffix(message, "}") + `,"Protocol":"choria:transport:1"}`
}

func TestNormalizeTakesWhatOnlyThePeerTakes(t *testing.T) {
	batch := []string{
		loud(message("a", "aGk=", "c.node.x")), request("b", 2, "c.node.y"), late(message("a", "aGk=", "c.node.z")), "hello",
	}
	for _, normalize := range []bool{false, true} {
		bothWays(t, func(t *testing.T, bring func(...[]string) []bring) {
			r := newRig(1, targetRouter{}, bring(batch))
			r.normalizes(normalize)
			r.runAll(t)
			want := []copied{{"c.node.y", `"2"`}}
			if normalize {
				want = []copied{{"c.node.x", `"aGk="`}, want[0], {"c.node.z", `"aGk="`}}
			}
			if d := cmp.Diff(want, r.all(), cmp.AllowUnexported(copied{})); d != "" {
				t.Errorf("normalize %v: %s", normalize, d)
			}
		})
	}
}

// markSource brings messages where they lie between other bytes, as a socket has them.
type markSource struct {
	pool    *pool.Pool
	batches []bring
}

func (s *markSource) Run(_ context.Context, line pipeline.Line) {
	for _, from := range s.batches {
		b := pipeline.NewBatch()
		in := s.pool.Get(0)
		for _, m := range from.messages {
			in.B = fmt.Appendf(in.B, "MSG subject 1 %d\r\n", len(m))
			b.AddInPlace(wire.Span{}, wire.Span{Off: uint32(len(in.B)), Len: uint32(len(m))})
			in.B = append(append(in.B, m...), "\r\n"...)
		}
		in.B = append(in.B, "MSG sub"...) // to be continued in the next buffer
		b.Buffer, b.MoreWaiting = in, from.more
		for i, m := range from.messages {
			if !bytes.Equal(b.Payload(i), []byte(m)) {
				panic("another message than was marked")
			}
		}
		line.Take(b)
	}
}

// A normalized message is appended behind the bytes of the socket, which may move all of them. The
// spans of other messages must still be right.
func TestNormalizeLeavesTheBytesOfOthersAlone(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 8))
		var batches []bring
		want := map[string][]copied{}
		for i := range 200 {
			client, target := fmt.Sprint("client", random.IntN(4)), fmt.Sprint("c.node.", random.IntN(100))
			m := message(client, fmt.Sprintf("%04d", i), target, target+".x")
			switch random.IntN(4) {
			case 0:
				m = loud(m)
			case 1:
				m = late(m)
			}
			if i == 0 || random.IntN(6) == 0 {
				batches = append(batches, bring{more: random.IntN(2) == 0})
			}
			last := &batches[len(batches)-1]
			last.messages = append(last.messages, m)
			payload := fmt.Sprintf(`"%04d"`, i)
			for _, c := range []copied{{target, payload}, {target + ".x", payload}} {
				want[client+c.subject] = append(want[client+c.subject], c)
			}
		}
		r := newRig(1+int(seed%3), targetRouter{}, nil)
		r.normalizes(true)
		r.Source = &markSource{&r.pool, batches}
		r.runAll(t)
		checkEach(t, want, r)
	}
}

// checkEach compares what each subject got from each client, in order.
func checkEach(t *testing.T, want map[string][]copied, r *rig) {
	t.Helper()
	got := map[string][]copied{}
	pair := map[copied]string{}
	for name, copies := range want {
		for _, c := range copies {
			pair[c] = name
		}
	}
	for _, c := range r.all() {
		got[pair[c]] = append(got[pair[c]], c)
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(copied{})); d != "" {
		t.Errorf("%.1000s", d)
	}
}
