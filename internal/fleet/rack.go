package fleet

import (
	"bytes"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// inboxSize is how many messages may wait for a rack, beside a few for each node. Beyond it the NATS client drops them.
const inboxSize = 1 << 16

// rack is one connection and the nodes that share it. All its subscriptions feed one channel and one goroutine: a
// goroutine for each of 50,000 nodes would cost more than the nodes.
type rack struct {
	// Set by startRack, then read-only.
	nodes    *Nodes
	link     *link
	from, to int
	prefix   string // of a node's own subject
	inbox    chan *nats.Msg
	subs     []*nats.Subscription
	quit     chan struct{}
	ended    chan struct{}

	lost atomic.Int64 // dropped at the time of close, when the library no longer tells

	// Owned by run.
	recent [4]recent
	next   int
	out    []byte
	work   *workspace
}

// recent is a request seen before: a relay sends the same bytes to all its targets.
type recent struct {
	raw   []byte
	tmpl  *template // nil: refused
	entry *entry
}

func startRack(n *Nodes, name string, from, to int) (*rack, error) {
	link, err := dial(n.opts.URL, name, &n.errors, n.opts.NATS)
	if err != nil {
		return nil, err
	}
	r := &rack{
		nodes: n, link: link, from: from, to: to,
		prefix: n.opts.Collective + ".node.",
		inbox:  make(chan *nats.Msg, inboxSize+4*(to-from)),
		quit:   make(chan struct{}), ended: make(chan struct{}),
		work: newWorkspace(),
	}
	go r.run()
	if err := r.subscribe(); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *rack) subscribe() error {
	var subjects []string
	for _, agent := range r.nodes.opts.Agents {
		subjects = append(subjects, r.nodes.opts.Collective+".broadcast.agent."+agent)
	}
	for i := r.from; i < r.to; i++ {
		subjects = append(subjects, r.prefix+r.nodes.opts.Roster.Name(i))
	}
	for _, subject := range subjects {
		sub, err := r.link.ChanSubscribe(subject, r.inbox)
		if err != nil {
			return err
		}
		r.subs = append(r.subs, sub)
	}
	return r.link.FlushTimeout(30 * time.Second)
}

func (r *rack) run() {
	defer close(r.ended)
	for {
		select {
		case m := <-r.inbox:
			r.serve(m)
		case <-r.quit:
			return
		}
	}
}

// serve lets the nodes that m is for answer it.
func (r *rack) serve(m *nats.Msg) {
	from, to, ok := r.addressed(m.Subject)
	req := r.lookup(m.Data)
	if !ok || req.tmpl == nil {
		r.nodes.refused.Add(1)
		return
	}
	req.entry.deliver(from, to)
	for i := from; i < to; i++ {
		r.out = req.tmpl.append(r.out[:0], r.nodes.opts.Roster.Name(i), r.work)
		if err := r.link.Publish(req.tmpl.subject, r.out); err != nil {
			r.nodes.failed.Add(1)
			continue
		}
		r.nodes.answered.Add(1)
	}
}

// addressed says which nodes hear a subject: one of its own, or all for a broadcast.
func (r *rack) addressed(subject string) (from, to int, ok bool) {
	name, direct := strings.CutPrefix(subject, r.prefix)
	if !direct {
		return r.from, r.to, true
	}
	i, ok := r.nodes.opts.Roster.index[name]
	return i, i + 1, ok
}

// lookup reads a request, or finds what reading it gave the last time.
func (r *rack) lookup(raw []byte) *recent {
	for i := range r.recent {
		if seen := &r.recent[i]; bytes.Equal(seen.raw, raw) && seen.raw != nil {
			return seen
		}
	}
	slot := &r.recent[r.next]
	r.next = (r.next + 1) % len(r.recent)
	*slot = recent{raw: raw}
	o := r.nodes.opts
	t, err := newTemplate(o.Version.dialect(), raw, r.link.ConnectedUrlRedacted(), o.ReplyBytes, time.Now())
	if err == nil {
		slot.tmpl, slot.entry = t, o.Ledger.entry(t.id)
	}
	return slot
}

func (r *rack) dropped() int64 {
	n := r.lost.Load()
	for _, sub := range r.subs {
		if d, err := sub.Dropped(); err == nil {
			n += int64(d)
		}
	}
	return n
}

func (r *rack) close() {
	r.lost.Store(r.dropped())
	r.link.close()
	close(r.quit)
	<-r.ended
}
