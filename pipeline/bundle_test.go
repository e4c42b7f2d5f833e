package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// A bundlingRouter does what scripts say, and bundles the messages of clients with an odd number.
// Its bundles hold as many messages as it likes.
type bundlingRouter struct {
	scriptRouter
	most int // messages in a bundle
}

func bundles(client string) bool { return strings.ContainsAny(client[len(client)-1:], "13579") }

func (q *bundlingRouter) Route(r *pipeline.Route) wire.Reason {
	if bundles(readScript(r).client) {
		r.BundleAt(r.Envelope.Reply)
	}
	return q.scriptRouter.Route(r)
}

// Together parts messages by their serial numbers: six go together, then six others.
func (q *bundlingRouter) Together(a, b *pipeline.Bundled) bool {
	return serialOf(a)/6%2 == serialOf(b)/6%2
}

// AppendBundle writes what must come out of a bundle: a line for each copy, behind so many spaces
// as the script wants bytes.
func (q *bundlingRouter) AppendBundle(dst []byte, all []*pipeline.Bundled) ([]byte, int) {
	n := min(q.most, len(all))
	for _, m := range all[:n] {
		size, _ := strconv.Atoi(words(m)[3])
		dst = append(dst, strings.Repeat(" ", size)...)
		for _, s := range m.Subjects {
			dst = fmt.Appendf(dst, "%s %d %s\n", clientIn(m), serialOf(m), s.Of(m.Text))
		}
	}
	return dst, n
}

func words(m *pipeline.Bundled) []string {
	return strings.Fields(strings.Trim(string(m.Envelope.Data.Of(m.Message)), `"`))
}

func clientIn(m *pipeline.Bundled) string { return words(m)[0] }

func serialOf(m *pipeline.Bundled) (n int) {
	_, _ = fmt.Sscan(words(m)[1], &n)
	return n
}

// linesOf returns the copies of each client that bundles, in order, and the frames that held them.
func (r *rig) linesOf(t *testing.T) (lines map[string][]string, frames int) {
	t.Helper()
	lines = map[string][]string{}
	for _, p := range r.publishers {
		for i := 0; i < len(p.seen); {
			c := p.seen[i]
			if !strings.HasPrefix(c.subject, "mcollective.reply.") {
				i++
				continue
			}
			copies := strings.Split(strings.ReplaceAll(strings.TrimSpace(c.payload), "  ", ""), "\n")
			for k := range copies {
				copies[k] = strings.TrimSpace(copies[k])
			}
			for _, again := range p.seen[i : i+len(copies)] {
				if again != c {
					t.Fatalf("a bundle of %d copies is followed by %q too soon", len(copies), again)
				}
			}
			client := clientOf([]byte(strings.TrimSpace(c.payload)))
			if c.subject != "mcollective.reply."+client+".1" {
				t.Fatalf("the bundle of %s goes to %s", client, c.subject)
			}
			lines[client] = append(lines[client], copies...)
			i += len(copies)
			frames++
		}
	}
	return lines, frames
}

// wantedLines is what linesOf must return, and the outcome of the other clients.
func wantedLines(batches [][]*script) map[string][]string {
	want := map[string][]string{}
	for _, s := range slices.Concat(batches...) {
		if !bundles(s.client) || s.verdict == garbage || s.verdict == unrouted {
			continue
		}
		for _, target := range s.targets {
			if !strings.HasPrefix(target, skipped) {
				want[s.client] = append(want[s.client], fmt.Sprintf("%s %d %s", s.client, s.serial, target))
			}
		}
	}
	return want
}

func TestBundlesHoldEveryCopyOnceAndInOrderUnderEveryMix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for seed := range uint64(60) {
			random := rand.New(rand.NewPCG(seed, 4))
			w := &scriptWriter{Rand: random, clients: 1 + random.IntN(6), heavy: 1 + random.IntN(40)}
			var batches [][]*script
			for range 25 {
				batches = append(batches, w.batch(1+random.IntN(9)))
			}
			lanes := 1 + random.IntN(5)
			r := newRig(lanes, &bundlingRouter{most: 1 + random.IntN(9)}, bringScripts(batches, func() bool { return random.IntN(2) == 0 }))
			r.prompt(random)
			gate := r.gate()
			r.end()
			release(gate, r.start(t.Context()))
			r.check(t)
			got, _ := r.linesOf(t)
			want := wantedLines(batches)
			for client := range want {
				if !slices.Equal(got[client], want[client]) {
					t.Errorf("%s: %d copies, not %d, or others", client, len(got[client]), len(want[client]))
				}
			}
			if t.Failed() || len(got) != len(want) {
				t.Fatalf("seed %d, %d lanes, %d clients, not %d", seed, lanes, len(got), len(want))
			}
		}
	})
}

// A reply must not wait for others, and a storm must not make as many frames as replies.
func TestABundleIsWhatOneBatchBrings(t *testing.T) {
	var batches [][]*script
	for i, n := range []int{1, 40, 7} {
		var batch []*script
		for k := range n {
			serial := i + 2*k/n*6
			batch = append(batch, lightTo("client1", serial), lightTo("client3", serial))
		}
		batches = append(batches, batch)
	}
	r := newRig(1, &bundlingRouter{most: 100}, bringScripts(batches, func() bool { return false }))
	r.runAll(t)
	if _, frames := r.linesOf(t); frames != 2+4+4 {
		t.Errorf("%d frames", frames)
	}
}

// compactRequest is a compact message with a group for each of the targets.
func compactRequest(t *testing.T, client, data string, targets ...string) string {
	t.Helper()
	r := compact.Request{Parts: wire.Parts{
		Version: wire.V1, Data: []byte(`"` + data + `"`), Reply: []byte("mcollective.reply." + client + ".1"),
	}, Deadline: 77, Hops: 2}
	for _, target := range targets {
		r.Parts.Targets = append(r.Parts.Targets, wire.Span{Off: uint32(len(r.Parts.Text)), Len: uint32(len(target))})
		r.Parts.Text = append(r.Parts.Text, target...)
		r.Groups = append(r.Groups, len(r.Parts.Targets))
	}
	return string(new(compact.Encoder).AppendRequest(nil, &r))
}

// A questioner notes what it is asked.
type questioner struct {
	scriptRouter
	asked []string
}

func (q *questioner) Route(r *pipeline.Route) wire.Reason {
	q.asked = append(q.asked, fmt.Sprintf("%s %d %d %s", r.Subject(), r.Deadline(), r.Hops(), r.Targets[0].Of(r.Message)))
	return q.scriptRouter.Route(r)
}

func TestCompactMessagesAreCarriedInTheirPlace(t *testing.T) {
	plain := func(n int) string { return lightTo("a", n).String() }
	packed := compactRequest(t, "a", "a 2 serve 9", "c.node.x", "c.node.y")
	for _, messages := range [][]string{
		{packed},
		{plain(1), packed, plain(3)},
		{packed, packed, plain(3), plain(4), packed[:5], packed},
		{packed[:1], plain(1)},
	} {
		var want []string
		bad := 0
		for _, m := range messages {
			switch {
			case m == packed:
				want = append(want, "in 77 2 c.node.x", "in 77 2 c.node.y")
			case compact.Is([]byte(m)):
				bad++
			default:
				want = append(want, "in 0 0 c.node.0")
			}
		}
		for _, more := range []bool{false, true} {
			q := &questioner{}
			r := newRig(1, q, []bring{{messages: messages, more: more}})
			r.takes(pipeline.Compact{Kind: compact.KindRequest, Limits: compact.Limits{Bytes: 1 << 20, Messages: 9, Targets: 9}})
			books := r.runAll(t)
			if !slices.Equal(q.asked, want) {
				t.Errorf("asked %q, not %q", q.asked, want)
			}
			if books.Rejected[wire.CompactMalformed] != int64(bad) || books.Received != int64(len(want)+bad) {
				t.Errorf("%q: the books: %s", messages, books.String())
			}
		}
	}
}

func TestWhatIsCompactMustBeWantedAndAddressed(t *testing.T) {
	request := compactRequest(t, "a", "a 2 serve 9", "c.node.x")
	replies := string(new(compact.Encoder).AppendReplies(nil, []byte("m.reply.x.="), []wire.Parts{{
		Version: wire.V1, Data: []byte(`"a 2 serve 9"`), FedReply: []byte("m.reply.x"),
	}}))
	limits := compact.Limits{Bytes: 1 << 20, Messages: 9, Targets: 9}
	not := func(address []byte) bool { return string(address) != "m.reply.x.=" }
	for _, c := range []struct {
		message string
		takes   pipeline.Compact
		want    wire.Reason
	}{
		{request, pipeline.Compact{}, wire.CompactKind},
		{request, pipeline.Compact{Kind: compact.KindReplies, Limits: limits}, wire.CompactKind},
		{replies, pipeline.Compact{Kind: compact.KindRequest, Limits: limits}, wire.CompactKind},
		{replies, pipeline.Compact{Kind: compact.KindReplies, Limits: limits, Addressed: not}, wire.Misdirected},
		{request, pipeline.Compact{Kind: compact.KindRequest, Limits: compact.Limits{Bytes: 9}}, wire.DecompressLimit},
	} {
		r := newRig(1, scriptRouter{}, []bring{{messages: []string{c.message}}})
		r.takes(c.takes)
		if books := r.runAll(t); books.Rejected[c.want] != 1 || len(r.all()) > 0 {
			t.Errorf("%+v: the books: %s, not one %s", c.takes, books.String(), c.want)
		}
	}
}

// Bundles take turns whole.
func TestBundlesInAHeavyEgressAreWhole(t *testing.T) {
	var batch []*script
	for i := range 99 {
		s := lightTo("client1", i)
		s.size, s.targets = 15_000, []string{"c.node.a", "c.node.b", "c.node.c"}
		batch = append(batch, s)
	}
	r := newRig(1, &bundlingRouter{most: 2}, bringScripts([][]*script{batch, batch}, func() bool { return false }))
	books := r.runAll(t)
	got, frames := r.linesOf(t)
	if want := wantedLines([][]*script{batch, batch}); !slices.Equal(got["client1"], want["client1"]) || frames != 100 {
		t.Errorf("%d copies in %d frames, not %d, or others: %s", len(got["client1"]), frames, len(want["client1"]), books.String())
	}
}

// A backRouter sends each message back to the subject that it came on, in a bundle of its own.
type backRouter struct{ bundlingRouter }

func (q *backRouter) Route(r *pipeline.Route) wire.Reason {
	r.BundleBack()
	return q.scriptRouter.Route(r)
}

func (*backRouter) AppendBundle(dst []byte, all []*pipeline.Bundled) ([]byte, int) {
	size, _ := strconv.Atoi(words(all[0])[3])
	dst = fmt.Appendf(dst, "%s %d ", clientIn(all[0]), serialOf(all[0]))
	return append(dst, strings.Repeat(".", size)...), 1
}

// All requests at an edge leave on one subject. One client's many must not hold up another's few.
func TestBundlesOfDifferentClientsTakeTurns(t *testing.T) {
	for _, more := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var batch []string
			for i := range 200 {
				s := lightTo("heavy", i)
				s.size = 15_000
				batch = append(batch, s.String())
			}
			r := newRig(1, &backRouter{}, []bring{{append(batch, lightTo("light", 0).String()), more}})
			r.publishers[0].terse = true
			gate := r.gate()
			r.end()
			release(gate, r.start(t.Context()))
			r.check(t)
			at := position(r.publishers[0].calls, "light")
			if at < 0 || at > 1 {
				t.Errorf("more %v: the light message came with call %d of %d", more, at+1, len(r.publishers[0].calls))
			}
		})
	}
}
