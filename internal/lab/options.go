package lab

import (
	"errors"
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/internal/line"
	"github.com/fedrelay/fedrelay/internal/load"
)

// Options describe a measurement.
type Options struct {
	// Load is what is asked. Run fills in Fed, Roster, Elsewhere and, with NodesFrom, Behaviour.
	Load load.Options

	// Nodes to simulate, the Connections that they share, and the text in each answer. Defaults:
	// 10,000, one for each 2,500 nodes, 0.
	Nodes, Connections, ReplyBytes int

	// Fed and Col are the URLs of the two servers. Both empty: two are started in this process.
	Fed, Col string
	// NodesFrom is the URL of a collective server on which nodes of another process announce
	// themselves. Instead of Col.
	NodesFrom string

	// Exec is a command line that the shell runs as the relay. {fed}, {col} and {http} in it become
	// host:port, {cluster} the cluster. PID is a running relay to watch instead. Both are optional.
	Exec string
	PID  int
	// HTTP is host:port of the metrics of a running relay. With {http} in Exec Run chooses it.
	HTTP string

	// Edge is a command line that the shell runs as an edge between the clients and the relay. They
	// get a server of their own in this process: {fed} is that one, {line} the federation's. {http}
	// and {cluster} are as in Exec. Optional.
	Edge string

	// Line is what the federation's server is like for whom connects to it from far: the edge, or
	// without one the relay. The zero value is no line.
	Line line.Shape

	// Ready is how long the relay may take to carry a first message. Default 30s. Stop is how long
	// it may take to drain before it is killed. Default 20s.
	Ready, Stop time.Duration
	// Calibration is how long it may take at most to learn what a copy costs. Default 2s.
	Calibration time.Duration
	// Interval between samples of the relay and of this process. Default 100ms.
	Interval time.Duration

	// Phase is told what happens while nothing is measured, in a few words; at the end the words
	// are empty. Optional.
	Phase func(what string)
	// Began is called before the first request, with a function that returns live numbers. What it
	// returns is called when all requests are over. Optional.
	Began func(live func() load.Live) (ended func())
}

// ErrUnreachable marks errors of servers, nodes and relays that could not be reached, or were not
// ready in time.
var ErrUnreachable = errors.New("unreachable")

// unreachable is an error that is ErrUnreachable, but with other words.
type unreachable struct{ error }

func (u unreachable) Is(target error) bool { return target == ErrUnreachable }
func (u unreachable) Unwrap() error        { return u.error }

func cannotReach(format string, args ...any) error { return unreachable{fmt.Errorf(format, args...)} }

func (o *Options) setDefaults() {
	if o.Nodes == 0 {
		o.Nodes = 10_000
	}
	if o.Connections == 0 {
		o.Connections = max(2, o.Nodes/2500)
	}
	if o.Ready == 0 {
		o.Ready = 30 * time.Second
	}
	if o.Stop == 0 {
		o.Stop = 20 * time.Second
	}
	if o.Calibration == 0 {
		o.Calibration = 2 * time.Second
	}
	if o.Phase == nil {
		o.Phase = func(string) {}
	}
	if o.Interval == 0 {
		o.Interval = 100 * time.Millisecond
	}
	if o.Load.Timeout == 0 {
		o.Load.Timeout = 10 * time.Second
	}
	if o.Load.Cluster == "" {
		o.Load.Cluster = "london"
	}
}

// Check returns an error if options do not go together.
func (o Options) Check() error {
	switch {
	case o.Col != "" && o.NodesFrom != "":
		return errors.New("nodes run here (with the collective's server) or elsewhere (nodes from), not both")
	case o.Fed == "" && (o.Col != "" || o.NodesFrom != ""):
		return errors.New("the federation's server is missing")
	case o.Fed != "" && o.Col == "" && o.NodesFrom == "":
		return errors.New("the collective's server is missing, or where the nodes are")
	case o.Exec != "" && o.PID != 0:
		return errors.New("the relay is started here (exec) or watched (pid), not both")
	}
	if n := o.Nodes; n > 0 && o.NodesFrom == "" && o.Load.Targets > n {
		return fmt.Errorf("%d targets are more than %d nodes", o.Load.Targets, n)
	}
	if o.Load.Broadcast && o.Load.Targets != 0 {
		return errors.New("a broadcast is for all nodes, not for a number of targets")
	}
	if err := o.Load.Plan.Check(); err != nil {
		return err
	}
	if o.Fed == "" && o.Exec == "" {
		return errors.New("there is no relay: name the command that starts one (exec), or the servers of one that runs (fed, col)")
	}
	return nil
}
