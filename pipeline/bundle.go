package pipeline

import (
	"bytes"

	"github.com/fedrelay/fedrelay/wire"
)

// A Bundler is a Router that lets messages of a batch leave together, as one payload to one
// subject: a bundle. Its Route calls r.BundleAt or r.BundleBack. What it appends to r.Subjects then
// says what the message is for, and nothing is published there. Each is a copy in the ledger. All
// copies of a bundle meet one fate.
//
// Messages are put aside, and leave when all of their batch have been routed. So what is gathered
// is what one read brought, and nothing waits for a timer.
type Bundler interface {
	Router
	// Together reports whether two messages for the same address may leave in one bundle. If some
	// may not, those that may must have one key (keyOf). It must not block.
	Together(a, b *Bundled) bool
	// AppendBundle appends one payload for the first of all, at least for one, and returns for how
	// many. It borrows them until it returns, and must not block.
	AppendBundle(dst []byte, all []*Bundled) ([]byte, int)
}

// A Bundled is a message that leaves in a bundle. Its slices alias the batch.
type Bundled struct {
	Message  []byte
	Envelope *wire.Envelope // of Message
	Origin   string         // URL of the server that it came from
	Deadline int64          // as in Route
	Hops     int            // as in Route

	Text     []byte      // of the whole batch
	Subjects []wire.Span // in Text: what the router has appended

	mark    uint32
	address wire.Span // in Text
	lineUp  wire.Span // in Text: the key of the bundle on its lane
	next    int       // index of the next one of its group; 0 if it is the last
}

// key returns the key of m, which decides about order.
func (m *Bundled) key() []byte { return keyOf(m.Envelope).Of(m.Message) }

// An address is where a message leaves in a bundle.
type address struct {
	set  bool
	back bool      // to the subject that the message came on
	span wire.Span // else: in Message
}

// BundleAt makes the message leave in a bundle to a subject that stands in Message. Bundles to one
// subject keep their order.
func (r *Route) BundleAt(subject wire.Span) { r.address = address{set: true, span: subject} }

// BundleBack makes the message leave in a bundle to the subject that it came on, on the other side.
// All messages of a bundle must have one key. Bundles with one key keep their order, and take turns
// with others.
func (r *Route) BundleBack() { r.address = address{set: true, back: true} }

// aside is the messages of the batch at hand that leave in bundles.
type aside struct {
	messages []Bundled
	subjects []wire.Span // of all messages, one after the other
	groups   []group
	picked   []*Bundled
}

// A group is messages that leave together, as indices into aside.messages.
type group struct{ first, last int }

// putAside keeps m, the answer about which is in d.route, for a bundle, and accepts it. It returns
// why m is rejected, if it is.
func (d *dealer) putAside(b *Batch, m *Message) wire.Reason {
	r, a := &d.route, &d.aside
	d.cargo.subjects = r.Subjects[:r.first]
	at, lineUp := m.subject, shift(keyOf(&m.envelope), m.payload.Off)
	if !r.address.back {
		at = shift(r.address.span, m.payload.Off)
		lineUp = at
	}
	if !wire.OneWord(at.Of(b.Buffer.B)) {
		return wire.BadSubject
	}
	subjects := r.Subjects[r.first:]
	from := len(a.subjects)
	for _, s := range subjects {
		a.subjects = append(a.subjects, shift(s, m.payload.Off))
	}
	a.messages = append(a.messages, Bundled{
		Message: r.Message, Envelope: &m.envelope, Origin: b.Origin,
		Deadline: b.compact.deadline, Hops: b.compact.hops,
		Text: b.Buffer.B, Subjects: a.subjects[from:], address: at, lineUp: lineUp, mark: r.Mark,
	})
	d.messages++
	d.copies += len(subjects) + d.skips.targets
	if d.skips.targets > 0 {
		d.settleSkipped(b, m)
	}
	d.join(b, len(a.messages)-1)
	return wire.OK
}

// openGroups is how many groups a message is compared with. What one client or node sends comes
// close together.
const openGroups = 16

// join puts the i-th message aside, which is of b, into a group that it may leave with, or into a
// new one. It does not join a group over a later one with its own key, because it would overtake
// that.
func (d *dealer) join(b *Batch, i int) {
	a := &d.aside
	m := &a.messages[i]
	for g := len(a.groups) - 1; g >= max(0, len(a.groups)-openGroups); g-- {
		group := &a.groups[g]
		first := &a.messages[group.first]
		if bytes.Equal(first.address.Of(first.Text), m.address.Of(m.Text)) && b.rules.bundler.Together(first, m) {
			a.messages[group.last].next = i
			group.last = i
			return
		}
		if bytes.Equal(first.key(), m.key()) {
			break
		}
	}
	a.groups = append(a.groups, group{i, i})
}

// pack lays out the bundles of the batch, and puts them into the egresses of their lanes.
func (d *dealer) pack(b *Batch) {
	a := &d.aside
	if len(a.groups) == 0 {
		return
	}
	if d.cargo == nil {
		d.cargo = d.newCargo(b, 0)
	}
	for _, g := range a.groups {
		picked := a.picked[:0]
		for i := g.first; ; i = a.messages[i].next {
			picked = append(picked, &a.messages[i])
			if i == g.last {
				break
			}
		}
		for a.picked = picked; len(picked) > 0; {
			picked = picked[d.packOne(b.rules.bundler, picked):]
		}
	}
	clear(a.messages)
	clear(a.picked)
	*a = aside{recycle(a.messages), recycle(a.subjects), recycle(a.groups), recycle(a.picked)}
}

// packOne lays out a bundle with the first of all, and returns with how many.
func (d *dealer) packOne(by Bundler, all []*Bundled) (n int) {
	out, subject := d.cargo.buffer, all[0].address.Of(all[0].Text)
	room := 0
	for _, m := range all {
		room += len(m.Message) + overhead
	}
	start := len(out.B)
	payload := start + wire.PubLineLen(len(subject), room)
	out.Grow(payload - start + room)
	out.B, n = by.AppendBundle(out.B[:payload], all)
	m := OutgoingMessage{
		payload: wire.Span{Off: uint32(payload), Len: uint32(len(out.B) - payload)},
		address: all[0].address,
		key:     all[0].lineUp,
		mark:    all[0].mark,
	}
	messageBytes := 0
	for _, b := range all[:n] {
		m.bundled += uint32(len(b.Subjects))
		messageBytes += len(b.Message)
		if b.mark != m.mark {
			m.mark = 0
		}
	}
	d.Ledger.Bundle(Bundles{1, int64(m.bundled), int64(messageBytes), int64(m.payload.Len)})
	d.cargo.completeFrame(&m, start, subject)
	lane := 0
	if len(d.lanes) > 1 {
		lane = d.laneOf(all[0].address)
	}
	d.add(lane, m)
	return n
}
