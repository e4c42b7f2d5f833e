package fleet

import (
	"bytes"
	"time"

	"github.com/nats-io/nats.go"
)

// burst is how many answers are sent between two looks at the inbox: the time at which a copy is noted is late by no more
// than they take, some 50 microseconds.
const burst = 32

// order is a request as the nodes of a rack see it. Read-only.
type order struct {
	raw     []byte
	tmpl    *template // nil: refused
	account Account   // nil: nobody wants to know
	dice    Dice
}

// recent are the requests seen last: a relay sends the same bytes to all its targets. More than one because a relay may have
// several requests under way at once.
type recent struct {
	orders [16]*order
	next   int
}

func (c *recent) find(raw []byte) *order {
	for _, o := range c.orders {
		if o != nil && bytes.Equal(o.raw, raw) {
			return o
		}
	}
	return nil
}

func (c *recent) add(o *order) *order {
	c.orders[c.next] = o
	c.next = (c.next + 1) % len(c.orders)
	return o
}

// lookup reads a request, or finds what reading it gave the last time.
func (r *rack) lookup(raw []byte) *order {
	if o := r.orders.find(raw); o != nil {
		return o
	}
	opts := &r.nodes.opts
	o := &order{raw: raw}
	t, err := newTemplate(opts.Version.dialect(), raw, r.link.ConnectedUrlRedacted(), opts.ReplyBytes, time.Now())
	if err != nil {
		return r.orders.add(o)
	}
	o.tmpl, o.dice = t, opts.Behaviour.Dice(t.id)
	if opts.Ledger != nil {
		o.account = opts.Ledger.Request(t.id)
	}
	return r.orders.add(o)
}

// serve sends what is due. In between it notes the copies that have arrived, so that they do not seem to be as slow as the
// answers.
func (r *rack) serve() {
	for {
		r.takeAll()
		r.wake()
		if len(r.ready) == 0 {
			return
		}
		r.send(burst)
	}
}

func (r *rack) takeAll() {
	for {
		select {
		case m := <-r.inbox:
			r.take(m)
		default:
			return
		}
	}
}

// take notes a copy and decides who answers it, and when.
func (r *rack) take(m *nats.Msg) {
	from, to, ok := r.addressed(m.Subject)
	o := r.lookup(m.Data)
	if !ok || o.tmpl == nil {
		r.nodes.refused.Add(1)
		return
	}
	r.nodes.arrived.Add(int64(to - from))
	if o.account != nil {
		o.account.Deliver(from, to)
	}
	b := &r.nodes.opts.Behaviour
	if b.Loss == 0 && b.Delay.IsZero() {
		r.ready = append(r.ready, answers{o, from, to})
		return
	}
	for i := from; i < to; i++ {
		r.schedule(o, i)
	}
}

func (r *rack) schedule(o *order, node int) {
	if o.dice.Silent(node) {
		r.nodes.silent.Add(1)
		return
	}
	if wait := o.dice.Wait(node); wait > 0 {
		r.waiting.push(due{at: time.Now().Add(wait), order: o, node: node})
		return
	}
	r.ready = append(r.ready, answers{o, node, node + 1})
}

// send sends at most n answers.
func (r *rack) send(n int) {
	for ; r.sent < len(r.ready) && n > 0; n-- {
		a := &r.ready[r.sent]
		r.answer(a.order, a.from)
		if a.from++; a.from == a.to {
			r.sent++
		}
	}
	if r.sent == len(r.ready) {
		r.ready, r.sent = r.ready[:0], 0
	}
}

func (r *rack) answer(o *order, node int) {
	r.out = o.tmpl.append(r.out[:0], r.nodes.opts.Roster.Name(node), r.work)
	if err := r.link.Publish(o.tmpl.subject, r.out); err != nil {
		r.nodes.failed.Add(1)
		return
	}
	r.nodes.answered.Add(1)
}
