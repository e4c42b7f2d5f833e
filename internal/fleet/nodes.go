package fleet

import (
	"fmt"
	"sync/atomic"

	"github.com/nats-io/nats.go"
)

// NodesOptions describe the simulated nodes of one collective.
type NodesOptions struct {
	// URL of the collective's server. NATS are further connection options.
	URL  string
	NATS []nats.Option
	// Name labels the connections. Default: nodes.
	Name string

	// Version of the protocol. Default V1. Requests of the other one are refused, as real nodes do.
	Version Version
	// Collective is the first token of the subjects. Default: the version's, mcollective or choria.
	Collective string
	// Agents hear broadcasts. Default: discovery and rpcutil.
	Agents []string

	// Roster names all nodes of the run; these are the ones From up to, not including, To. To 0: to the end.
	Roster   *Roster
	From, To int
	// Connections the nodes share. Default 2.
	Connections int
	// ReplyBytes is the text in each answer, before the layers around it. 0: no text.
	ReplyBytes int
	// Ledger to write to. Required.
	Ledger *Ledger
}

// Nodes is a range of simulated nodes on one collective, answering requests until Close.
type Nodes struct {
	opts  NodesOptions // set by StartNodes, then read-only
	racks []*rack

	answered, refused, failed, errors atomic.Int64
}

// NodeStats are what the nodes did, and what went wrong on their side of the wire. All but Answered should be 0.
type NodeStats struct {
	Answered int64 // replies handed to the NATS client
	Refused  int64 // messages that are no request for these nodes
	Failed   int64 // replies the NATS client did not take
	Dropped  int64 // messages lost here because the simulated nodes were too slow
	Errors   int64 // asynchronous errors of the connections: permissions, slow consumers
}

// StartNodes connects, subscribes and returns when the server knows all subscriptions. The caller must Close.
func StartNodes(o NodesOptions) (*Nodes, error) {
	o.setDefaults()
	n := &Nodes{opts: o}
	count := min(o.Connections, max(1, o.To-o.From))
	for i := range count {
		from := o.From + i*(o.To-o.From)/count
		to := o.From + (i+1)*(o.To-o.From)/count
		name := fmt.Sprintf("%s %d/%d", o.Name, i+1, count)
		r, err := startRack(n, name, from, to)
		if err != nil {
			n.Close()
			return nil, fmt.Errorf("fleet: %s: %w", name, err)
		}
		n.racks = append(n.racks, r)
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
		Answered: n.answered.Load(), Refused: n.refused.Load(), Failed: n.failed.Load(), Errors: n.errors.Load(),
	}
	for _, r := range n.racks {
		s.Dropped += r.dropped()
	}
	return s
}

// Close disconnects the nodes and waits for their goroutines. What waits in front of them is not answered.
func (n *Nodes) Close() {
	for _, r := range n.racks {
		r.close()
	}
}
