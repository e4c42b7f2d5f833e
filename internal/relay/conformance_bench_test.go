package relay_test

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A side is one of the two networks.
type side int

const (
	federation side = iota
	collective
)

func (s side) String() string { return [...]string{"federation", "collective"}[s] }

func (s side) other() side { return 1 - s }

// A bench is a relay between two taps, for one message at a time. It sees everything that a message
// makes the relay do.
type bench struct {
	networks *fedtest.Networks
	relay    *fedtest.Relay
	edge     *fedtest.Relay // between the federation and the relay; nil without one
	taps     [2]*fedtest.Tap
	subjects [2]string // that the relay receives on
	hops     [2]string // that the relay adds to what comes from a side
	epochs   []uint64
	arrives  func(payload string) string // what a payload is that is compared; nil: as it is
	sent     int                         // sentinels
	seals    *benchSeals                 // nil in plain mode
	raw      bool                        // carry sends what it gets; only sentinels are sealed
}

// newBench starts servers and a relay; set, if any, changes its settings.
func newBench(t *testing.T, o embedded.Options, set func(*config.Config)) *bench {
	t.Helper()
	return benchBetween(t, fedtest.StartNetworks(t, o), set)
}

// benchBetween starts a relay between servers that run.
func benchBetween(t *testing.T, n *fedtest.Networks, set func(*config.Config)) *bench {
	t.Helper()
	c := n.Config()
	if set != nil {
		set(&c)
	}
	b := &bench{networks: n}
	if mode := os.Getenv(returnAddress); mode != "" && c.ReturnAddress.Mode == config.ReturnPlain {
		b.seals = sealed(t, &c, mode)
	}
	for s, server := range []*embedded.Server{n.Federation, n.Collective} {
		b.taps[s] = fedtest.NewTap(t, server)
		b.subjects[s] = "choria.federation." + c.Cluster + "." + side(s).String()
	}
	by := fmt.Sprintf("%s (fedrelay:%s)", c.Identity, c.Cluster)
	b.hops[federation] = fmt.Sprintf(`["%s","%s","%s"]`, c.Federation.Servers[0], by, c.Collective.Servers[0])
	b.hops[collective] = fmt.Sprintf(`["%s","%s","%s"]`, c.Collective.Servers[0], by, c.Federation.Servers[0])
	b.relay = fedtest.StartRelay(t, c)
	b.epochs = epochsOf(b.relay)
	return b
}

// epochsOf are the epochs of all connections.
func epochsOf(r *fedtest.Relay) (epochs []uint64) {
	for _, s := range r.Sides() {
		for _, c := range s.Connections {
			epochs = append(epochs, c.Epoch)
		}
	}
	return epochs
}

// A sighting is a message that the relay published.
type sighting struct {
	side side // that it was published on
	*nats.Msg
}

// carry sends a message to the relay and returns everything that the relay publishes because of it.
// It needs no time limit. A well-formed message behind it on the same path shows that this path is
// done. Another one on the other path, sent after that, shows that the other path is done, too.
func (b *bench) carry(t *testing.T, from side, m *nats.Msg) (seen []sighting) {
	t.Helper()
	if m.Subject == "" {
		m.Subject = b.subjects[from]
	}
	if !b.raw {
		m.Data = b.outgoing(from, m.Data)
	}
	if b.seals != nil && int64(len(m.Data)) > b.taps[from].MaxPayload() {
		t.Skip("no node can send this reply: with its seal it is larger than the server takes")
	}
	b.taps[from].SendMsg(m)
	seen = b.behind(t, from)
	return append(seen, b.behind(t, from.other())...)
}

// behind returns what is seen on the side that a message goes to, up to a sentinel behind
// everything. The first sentinel may overtake what takes several turns. So a second one follows
// when the books say that all has been written and confirmed.
func (b *bench) behind(t *testing.T, from side) (seen []sighting) {
	t.Helper()
	seen = b.sentinel(t, from)
	fedtest.Eventually(t, "everything is settled", func() bool {
		b.relay.SettleSoon() // the tables are long, and barriers far apart
		if b.edge != nil {
			b.edge.SettleSoon()
		}
		books := b.books()
		return books[0].Balanced() && books[1].Balanced()
	})
	return append(seen, b.sentinel(t, from)...)
}

// sentinel sends a message that is known and returns what is seen before it on the other side.
func (b *bench) sentinel(t *testing.T, from side) (seen []sighting) {
	t.Helper()
	b.sent++
	id := fmt.Sprintf("sentinel%d", b.sent)
	subject, payload := fedtest.Node(id), fedtest.Request(id, fedtest.Node(id))
	if from == collective {
		subject, payload = fedtest.ReplySubject(id), fedtest.Reply(id, "sentinel")
		if b.edge != nil {
			payload = edgeReply(id, "sentinel")
		}
	}
	b.taps[from].Send(b.subjects[from], string(b.outgoing(from, []byte(payload))))
	for _, m := range b.taps[from.other()].Until(subject) {
		m.Data = b.incoming(t, from.other(), m.Data)
		seen = append(seen, sighting{from.other(), m})
	}
	return seen
}

// outgoing returns what is sent to the relay from a side in the place of a message.
func (b *bench) outgoing(from side, payload []byte) []byte {
	if b.seals == nil || from == federation {
		return payload
	}
	return b.seals.answer(payload)
}

// incoming returns what a message says that was published on a side, without seals.
func (b *bench) incoming(t *testing.T, on side, payload []byte) []byte {
	t.Helper()
	if b.seals == nil || on == federation {
		return payload
	}
	return b.seals.unsealed(t, payload)
}

// An effect is how a message changed the books.
type effect struct {
	rejected [2][wire.NumReasons]int64 // messages, by path
	skipped  [2][wire.NumReasons]int64 // copies skipped or refused, by path
	stripped int64
}

// measure runs do and returns what it did to the books. The paths are in the order of the sides
// that they come from.
func (b *bench) measure(do func()) (e effect) {
	before := b.books()
	do()
	for i, after := range b.books() {
		for r := range wire.NumReasons {
			e.rejected[i][r] = after.Rejected[r] - before[i].Rejected[r]
			for _, f := range []pipeline.Fate{pipeline.Skipped, pipeline.Refused} {
				e.skipped[i][r] += after.Fates[f][r] - before[i].Fates[f][r]
			}
		}
		e.stripped += after.HeadersStripped - before[i].HeadersStripped
	}
	return e
}

// books are those of the relay. With an edge they are the sums of both legs, which balance if those
// of each leg do.
func (b *bench) books() [2]pipeline.Snapshot {
	request, reply := b.relay.Ledgers()
	both := [2]pipeline.Snapshot{request, reply}
	if b.edge != nil {
		request, reply := b.edge.Ledgers()
		for i, s := range []pipeline.Snapshot{request, reply} {
			addBooks(&both[i], s)
		}
	}
	return both
}

func addBooks(sum *pipeline.Snapshot, s pipeline.Snapshot) {
	sum.Received, sum.Accepted, sum.Copies = sum.Received+s.Received, sum.Accepted+s.Accepted, sum.Copies+s.Copies
	sum.HeadersStripped += s.HeadersStripped
	for r := range wire.NumReasons {
		sum.Rejected[r] += s.Rejected[r]
		for f := range s.Fates {
			sum.Fates[f][r] += s.Fates[f][r]
		}
	}
}

// An outcome is what must become of a message.
type outcome struct {
	to      []string // subjects, in order
	payload string   // that goes there
	skipped []wire.Reason
	reason  wire.Reason // why nothing is published
}

func rejected(r wire.Reason) *outcome { return &outcome{reason: r} }

// skipped is the outcome of a message whose targets are all skipped.
func skipped(reasons ...wire.Reason) *outcome { return &outcome{skipped: reasons} }

func published(payload string, to ...string) *outcome { return &outcome{payload: payload, to: to} }

func (o *outcome) skipping(reasons ...wire.Reason) *outcome {
	o.skipped = reasons
	return o
}

// expect sends a message and checks that exactly want becomes of it, that the books say so, and
// that no connection was lost over it.
func (b *bench) expect(t *testing.T, from side, m *nats.Msg, want *outcome) {
	t.Helper()
	var seen []sighting
	e := b.measure(func() { seen = b.carry(t, from, m) })
	b.checkSeen(t, from, seen, want)
	b.checkBooks(t, from, e, want)
	if stripped := len(m.Header) > 0; stripped != (e.stripped == 1) {
		t.Errorf("headers were stripped from %d messages", e.stripped)
	}
	if now := epochsOf(b.relay); !slices.Equal(now, b.epochs) {
		t.Errorf("connections were lost: epochs %v, before %v", now, b.epochs)
	}
}

func (b *bench) checkSeen(t *testing.T, from side, seen []sighting, want *outcome) {
	t.Helper()
	var subjects []string
	for _, s := range seen {
		if s.side != from.other() {
			t.Errorf("published on the wrong side: %s", s.Subject)
		}
		if s.Reply != "" || len(s.Header) != 0 {
			t.Errorf("%s: published with reply subject %q and headers %v", s.Subject, s.Reply, s.Header)
		}
		got := string(s.Data)
		if b.arrives != nil {
			got = b.arrives(got)
		}
		if got != want.payload {
			t.Errorf("%s:\n got %s\nwant %s", s.Subject, clip(got), clip(want.payload))
		}
		subjects = append(subjects, s.Subject)
	}
	if !slices.Equal(subjects, want.to) {
		t.Errorf("published to %q, want %q", clipAll(subjects), clipAll(want.to))
	}
}

func (b *bench) checkBooks(t *testing.T, from side, e effect, want *outcome) {
	t.Helper()
	var expected effect
	if want.reason != wire.OK {
		expected.rejected[from][want.reason] = 1
	}
	for _, r := range want.skipped {
		expected.skipped[from][r]++
	}
	if e.rejected != expected.rejected {
		t.Errorf("rejected: %s, want %s", counts(e.rejected), counts(expected.rejected))
	}
	if e.skipped != expected.skipped {
		t.Errorf("copies skipped: %s, want %s", counts(e.skipped), counts(expected.skipped))
	}
}

// counts lists what is not 0.
func counts(byPath [2][wire.NumReasons]int64) string {
	text := ""
	for s, byReason := range byPath {
		for r, n := range byReason {
			if n != 0 {
				text += fmt.Sprintf("[from %s %s %d]", side(s), wire.Reason(r), n)
			}
		}
	}
	if text == "" {
		return "none"
	}
	return text
}

// clip shortens what would fill the screen.
func clip(s string) string {
	if len(s) > 2000 {
		return fmt.Sprintf("%s... (%d bytes)", s[:2000], len(s))
	}
	return s
}

func clipAll(all []string) []string {
	if len(all) > 20 {
		return append(slices.Clone(all[:20]), fmt.Sprintf("... (%d)", len(all)))
	}
	return all
}
