package fleet

import (
	"bytes"
	"time"

	"github.com/nats-io/nats.go"
)

// burst is how many answers are sent between two looks at the inbox. They take some 50
// microseconds, and no copy is noted later than that after it has arrived.
const burst = 32

// task is a request that nodes of a shard have to answer. Read-only.
type task struct {
	raw     []byte
	tmpl    *template // nil: it is no request for these nodes
	account Account   // nil: nobody keeps one
	dice    Dice
}

// recentTasks are the requests seen last. A relay sends the same bytes to all targets of a request,
// and may send several requests at the same time.
type recentTasks struct {
	tasks [16]*task
	next  int
}

func (c *recentTasks) find(raw []byte) *task {
	for _, o := range c.tasks {
		if o != nil && bytes.Equal(o.raw, raw) {
			return o
		}
	}
	return nil
}

func (c *recentTasks) add(o *task) *task {
	c.tasks[c.next] = o
	c.next = (c.next + 1) % len(c.tasks)
	return o
}

// lookup reads a request, or finds the task that was made of the same bytes before.
func (r *shard) lookup(raw []byte) *task {
	if o := r.tasks.find(raw); o != nil {
		return o
	}
	opts := &r.nodes.opts
	o := &task{raw: raw}
	t, err := newTemplate(opts.Version.dialect(), raw, r.link.ConnectedUrlRedacted(), opts.ReplyBytes, time.Now())
	if err != nil {
		return r.tasks.add(o)
	}
	o.tmpl, o.dice = t, opts.Behaviour.Dice(t.id)
	if opts.Ledger != nil {
		o.account = opts.Ledger.Request(t.id)
	}
	return r.tasks.add(o)
}

// serve sends what is due. In between it notes the copies that have arrived, so that they do not
// seem to have arrived after the answers.
func (r *shard) serve() {
	for {
		r.takeAll()
		r.wake()
		if len(r.ready) == 0 {
			return
		}
		r.send(burst)
	}
}

func (r *shard) takeAll() {
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
func (r *shard) take(m *nats.Msg) {
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

func (r *shard) schedule(o *task, node int) {
	if o.dice.Silent(node) {
		r.nodes.silent.Add(1)
		return
	}
	if wait := o.dice.Wait(node); wait > 0 {
		r.waiting.push(due{when: time.Now().Add(wait), task: o, node: node})
		return
	}
	r.ready = append(r.ready, answers{o, node, node + 1})
}

// send sends at most n answers.
func (r *shard) send(n int) {
	for ; r.sent < len(r.ready) && n > 0; n-- {
		a := &r.ready[r.sent]
		r.answer(a.task, a.from)
		if a.from++; a.from == a.to {
			r.sent++
		}
	}
	if r.sent == len(r.ready) {
		r.ready, r.sent = r.ready[:0], 0
	}
}

func (r *shard) answer(o *task, node int) {
	r.buf = o.tmpl.append(r.buf[:0], r.nodes.opts.Roster.Name(node), r.work)
	if err := r.link.Publish(o.tmpl.subject, r.buf); err != nil {
		r.nodes.failed.Add(1)
		return
	}
	r.nodes.answered.Add(1)
}

// wake moves what is due by now from waiting to ready.
func (r *shard) wake() {
	if len(r.waiting) == 0 {
		return
	}
	for now := time.Now(); len(r.waiting) > 0 && !r.waiting[0].when.After(now); {
		d := r.waiting.pop()
		r.ready = append(r.ready, answers{d.task, d.node, d.node + 1})
	}
}

// setTimer makes run wake up for the answer that is due first. One timer serves all nodes of the
// shard.
func (r *shard) setTimer() {
	if len(r.waiting) > 0 {
		r.timer.Reset(time.Until(r.waiting[0].when))
	}
}
