package fleet

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// NodesOptions describe the simulated nodes of one collective.
type NodesOptions struct {
	// URL of the collective's server. NATS are further connection options.
	URL  string
	NATS []nats.Option
	// Name labels the connections. Default: nodes.
	Name string

	// Version of the protocol. Default V1. Requests of the other one are rejected, as real nodes
	// do.
	Version Version
	// Collective is the first token of the subjects. Default: the version's, mcollective or choria.
	Collective string
	// Agents hear broadcasts. Default: discovery and rpcutil.
	Agents []string

	// Roster names all nodes of the run. These are the nodes From <= i < To. Default of To: the
	// end.
	Roster   *Roster
	From, To int
	// Connections the nodes share. Default 2.
	Connections int
	// ReplyBytes is the text in each answer, before the layers around it. 0: no text.
	ReplyBytes int
	// Behaviour says who answers, and when. Default: everybody at once.
	Behaviour Behaviour
	// Ledger is told which copies arrive. Optional.
	Ledger Books
}

// Books are told of the copies that arrive at nodes. They must be safe for concurrent use, and
// quick: the nodes wait.
type Books interface {
	// Request is called once or a few times for each request, by its id.
	Request(id string) Account
}

// An Account is told of the copies of one request.
type Account interface {
	// Deliver is called when a copy has arrived at each of the nodes from <= i < to, before they
	// answer.
	Deliver(from, to int)
}

// Nodes is a range of simulated nodes on one collective, answering requests until Close.
type Nodes struct {
	opts   NodesOptions // set by StartNodes, then read-only
	shards []*shard

	arrived, answered, silent, refused, failed, errors atomic.Int64
}

// NodeStats are what the nodes did, and what went wrong on their side of the wire. The last four
// should be 0.
type NodeStats struct {
	Arrived  int64 // copies of requests, one for each node that heard it
	Answered int64 // replies handed to the NATS client
	Silent   int64 // replies that were not sent, as Behaviour.Loss wants it
	Refused  int64 // messages that are no requests for these nodes
	Failed   int64 // replies the NATS client did not take
	Dropped  int64 // messages lost here because the simulated nodes were too slow
	Errors   int64 // asynchronous errors of the connections: permissions, slow consumers
}

// StartNodes connects, subscribes and returns when the server knows all subscriptions. The caller
// must Close.
func StartNodes(o NodesOptions) (*Nodes, error) {
	o.setDefaults()
	if err := o.Behaviour.Check(); err != nil {
		return nil, err
	}
	n := &Nodes{opts: o}
	count := min(o.Connections, max(1, o.To-o.From))
	for i := range count {
		from := o.From + i*(o.To-o.From)/count
		to := o.From + (i+1)*(o.To-o.From)/count
		name := fmt.Sprintf("%s %d/%d", o.Name, i+1, count)
		r, err := startShard(n, name, from, to)
		if err != nil {
			n.Close()
			return nil, fmt.Errorf("fleet: %s: %w", name, err)
		}
		n.shards = append(n.shards, r)
	}
	return n, nil
}

func (o *NodesOptions) setDefaults() {
	if o.Version == 0 {
		o.Version = V1
	}
	if o.Collective == "" {
		o.Collective = o.Version.Collective()
	}
	if o.Name == "" {
		o.Name = "nodes"
	}
	if o.Agents == nil {
		o.Agents = []string{discovery, "rpcutil"}
	}
	if o.To == 0 {
		o.To = o.Roster.Len()
	}
	if o.Connections == 0 {
		o.Connections = 2
	}
}

// Stats reads the counters. Safe for concurrent use.
func (n *Nodes) Stats() NodeStats {
	s := NodeStats{
		Arrived: n.arrived.Load(), Answered: n.answered.Load(), Silent: n.silent.Load(),
		Refused: n.refused.Load(), Failed: n.failed.Load(), Errors: n.errors.Load(),
	}
	for _, r := range n.shards {
		s.Dropped += r.dropped()
	}
	return s
}

// Settle waits until the servers have everything that the nodes have answered, at most 10 seconds
// for each connection. It does not wait for answers that are still delayed.
func (n *Nodes) Settle() error {
	for _, r := range n.shards {
		if err := r.link.FlushTimeout(10 * time.Second); err != nil {
			return fmt.Errorf("fleet: %s: %w", r.link.Opts.Name, err)
		}
	}
	return nil
}

// Close disconnects the nodes and waits for their goroutines. Copies that they have not handled are
// not answered.
func (n *Nodes) Close() {
	for _, r := range n.shards {
		r.close()
	}
}
