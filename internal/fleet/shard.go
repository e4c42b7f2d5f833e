package fleet

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// inboxSize is how many messages may wait for a shard, beside a few for each node. The NATS library
// drops those that are more.
const inboxSize = 1 << 16

// shard is one connection and the nodes that share it. All its subscriptions feed one channel and
// one goroutine: a goroutine for each of 50,000 nodes would cost more than the nodes.
type shard struct {
	// Set by startShard, then read-only.
	nodes    *Nodes
	link     *link
	from, to int
	prefix   string // of the subject of a node
	inbox    chan *nats.Msg
	subs     []*nats.Subscription
	quit     chan struct{}
	ended    chan struct{}

	lost atomic.Int64 // dropped by the time of close; afterwards the library does not tell

	// Owned by run.
	tasks   recentTasks
	ready   []answers // to be sent now
	sent    int       // of those
	waiting dueHeap   // to be sent later
	timer   *time.Timer
	buf     []byte
	work    *workspace
}

// answers are those of the nodes from <= i < to.
type answers struct {
	task     *task
	from, to int
}

func startShard(n *Nodes, name string, from, to int) (*shard, error) {
	link, err := dial(n.opts.URL, name, &n.errors, n.opts.NATS)
	if err != nil {
		return nil, err
	}
	r := &shard{
		nodes: n, link: link, from: from, to: to,
		prefix: n.opts.Collective + ".node.",
		inbox:  make(chan *nats.Msg, inboxSize+4*(to-from)),
		quit:   make(chan struct{}), ended: make(chan struct{}),
		timer: time.NewTimer(maxDelay), work: newWorkspace(),
	}
	go r.run()
	if err := r.subscribe(); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *shard) subscribe() error {
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

func (r *shard) run() {
	defer close(r.ended)
	defer r.timer.Stop()
	for {
		r.setTimer()
		select {
		case m := <-r.inbox:
			r.take(m)
		case <-r.timer.C:
		case <-r.quit:
			return
		}
		r.serve()
	}
}

// addressed returns the nodes that hear a subject: one, or all of the shard for a broadcast.
func (r *shard) addressed(subject string) (from, to int, ok bool) {
	name, direct := strings.CutPrefix(subject, r.prefix)
	if !direct {
		return r.from, r.to, true
	}
	i, ok := r.nodes.opts.Roster.index[name]
	return i, i + 1, ok
}

func (r *shard) dropped() int64 {
	n := r.lost.Load()
	for _, sub := range r.subs {
		if d, err := sub.Dropped(); err == nil {
			n += int64(d)
		}
	}
	return n
}

func (r *shard) close() {
	r.lost.Store(r.dropped())
	r.link.close()
	close(r.quit)
	<-r.ended
}
