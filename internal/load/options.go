package load

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/fleet"
)

// Options describe a run.
type Options struct {
	// Fed is the URL of the federation's server. NATS are further connection options.
	Fed  string
	NATS []nats.Option

	// Version of the protocol. Default V1. Collective is the first token of the subjects; default
	// the version's.
	Version    fleet.Version
	Collective string
	// Cluster of the relay. Required.
	Cluster string
	// Roster names the nodes. Required.
	Roster *fleet.Roster
	// Targets is how many nodes each request asks: the next ones, going round. Default: all.
	Targets int
	// Group is the number of targets in one message. Default 200, as real clients do. Broadcast
	// sends one message to all nodes.
	Group     int
	Broadcast bool
	// Compact asks with one compact message for many groups, and takes compact replies. Without it
	// all is JSON, as of real clients.
	Compact bool
	// RequestBytes is the text in each request, before the layers around it.
	RequestBytes int
	Plan         Plan
	// Timeout is how long after its planned time a reply counts. Default 10s.
	Timeout time.Duration
	// Behaviour of the nodes: who is not expected to answer.
	Behaviour fleet.Behaviour
	// Seed of the request ids, on which the behaviour of nodes depends.
	Seed uint64
	// Elsewhere says that the nodes run in another process: copies are not known.
	Elsewhere bool
	// Persist goes on when the server is gone: what cannot be published is lost. Without it a run
	// ends there.
	Persist bool
	// CheckEvery is how many replies share one full check: unwrapped, hash compared. Default 64.
	CheckEvery int
}

func (o *Options) setDefaults() {
	if o.Targets == 0 {
		o.Targets = o.Roster.Len()
	}
	if o.Group == 0 {
		o.Group = 200
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Version == 0 {
		o.Version = fleet.V1
	}
}

func (o *Options) check() error {
	switch {
	case o.Targets < 0 || o.Targets > o.Roster.Len():
		return fmt.Errorf("load: %d targets of %d nodes", o.Targets, o.Roster.Len())
	case o.Broadcast && o.Targets != o.Roster.Len():
		return errors.New("load: a broadcast is for all nodes")
	case o.Group < 0:
		return errors.New("load: a group has at least one target")
	case o.Timeout < 0 || o.Timeout > time.Hour:
		return errors.New("load: the timeout is at most an hour")
	}
	if err := o.Plan.Check(); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	return o.Behaviour.Check()
}
