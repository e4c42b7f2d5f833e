package pipeline

import "github.com/fedrelay/fedrelay/wire"

// skips are the targets of one message that get no copy, by reason.
type skips struct {
	targets  int
	byReason [wire.NumReasons]struct{ targets, first int }
}

// forget makes s that of a message without any.
func (s *skips) forget() {
	if s.targets > 0 {
		*s = skips{}
	}
}

// Skip says that n targets get no copy for a reason; the i-th of r.Targets is the first of them.
func (r *Route) Skip(i, n int, reason wire.Reason) {
	s := &r.skips.byReason[reason]
	if s.targets == 0 {
		s.first = i
	}
	s.targets += n
	r.skips.targets += n
}

// A Finding is what was wrong with a message, for a line in a log. The texts are as the message spells them, escapes
// included, as long as it likes and with whatever in them; they alias the message.
type Finding struct {
	Reason  wire.Reason
	Sender  []byte // as far as they are known
	Request []byte

	// Of skipped targets; Targets is 0 for a message that was refused whole.
	Targets  int
	Target   []byte // the first of them
	Position int    // of that one in the message's list, from 1
}

// find makes the finding that m was refused whole.
func (f *fan) find(b *Batch, m *Message, reason wire.Reason) {
	msg := m.payload.Of(b.Buffer.B)
	f.finding = Finding{Reason: reason, Sender: m.envelope.Sender.Of(msg), Request: m.envelope.FedRequest.Of(msg)}
}

// skip settles the targets of m that are not served. They are accepted first: books never show more fates than copies.
func (f *fan) skip(b *Batch, m *Message) {
	f.enter()
	for reason, s := range f.skips.byReason {
		if s.targets == 0 {
			continue
		}
		reason := wire.Reason(reason)
		f.Ledger.Settle(Skipped, reason, s.targets)
		f.find(b, m, reason)
		target := b.targets[int(m.targets.Off)+s.first]
		f.finding.Targets, f.finding.Position, f.finding.Target = s.targets, s.first+1, target.Of(m.payload.Of(b.Buffer.B))
		f.OnSkipped(&f.finding)
	}
}
