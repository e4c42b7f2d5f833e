package lab

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/fedrelay/fedrelay/internal/child"
	"github.com/fedrelay/fedrelay/internal/cost"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/line"
	"github.com/fedrelay/fedrelay/internal/load"
)

// lab is everything that a measurement needs. Started by build, ended by stop.
type lab struct {
	opts    Options
	servers []*embedded.Server // started here
	line    *line.Line         // to the federation's server; nil without
	clients string             // URL of the clients' server, which may be the federation's
	roster  *fleet.Roster
	desc    fleet.Description
	nodes   *fleet.Nodes // nil when they run elsewhere
	gen     *load.Generator
	relay   *child.Process // nil when it was not started here
	edge    *child.Process // nil without
	watch   *cost.Watcher  // of the relay; nil when nobody knows which process it is
	self    *cost.Watcher
	scout   *scout
	books   *reader // of the relay's metrics; nil without
	edges   *reader // of the edge's metrics; nil without
}

// Run measures. It blocks until the run is over and everything that it started has ended. When ctx
// ends during the run, the result is what there is by then. Errors that are ErrUnreachable are
// about servers and relays, others about Options.
func Run(ctx context.Context, o Options) (*Result, error) {
	o.setDefaults()
	if err := o.Check(); err != nil {
		return nil, err
	}
	l := &lab{opts: o}
	defer l.stop()
	o.Phase("starting")
	if err := l.build(ctx); err != nil {
		return nil, err
	}
	return l.measure(ctx)
}

// build starts everything. If it fails, stop ends what it had started by then.
func (l *lab) build(ctx context.Context) error {
	steps := []func() error{
		l.startServers, l.describeNodes, l.startRelay, l.startEdge, l.startGenerator, l.startNodes, l.startScout,
		func() error { return l.waitReady(ctx) },
		l.startWatching,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

func (l *lab) startServers() error {
	if l.opts.Fed != "" && l.opts.NodesFrom != "" {
		l.opts.Col = l.opts.NodesFrom
	}
	if l.opts.Fed == "" {
		if err := errors.Join(l.startServer("federation", &l.opts.Fed), l.startServer("collective", &l.opts.Col)); err != nil {
			return err
		}
	}
	if l.opts.Line != (line.Shape{}) {
		var err error
		if l.line, err = line.Listen(hostPort(l.opts.Fed), l.opts.Line); err != nil {
			return err
		}
	}
	l.clients = l.opts.Fed
	if l.opts.Edge != "" {
		return l.startServer("clients", &l.clients)
	}
	return nil
}

func (l *lab) startServer(name string, url *string) error {
	s, err := embedded.Start(embedded.Options{Name: name})
	if err != nil {
		return err
	}
	l.servers = append(l.servers, s)
	*url = s.ClientURL()
	return nil
}

func (l *lab) describeNodes() (err error) {
	o := &l.opts
	if o.NodesFrom != "" {
		if l.desc, err = fleet.Describe(o.NodesFrom); err != nil {
			return cannotReach("nodes on %s: %w", hostPort(o.NodesFrom), err)
		}
		o.Load.Behaviour, o.Load.Version, o.Load.Collective = l.desc.Behaviour, l.desc.Version, l.desc.Collective
		o.Nodes, o.Load.Elsewhere = l.desc.Nodes, true
	} else {
		l.desc = fleet.Description{Site: o.Load.Cluster, Nodes: o.Nodes}
	}
	l.roster, err = l.desc.Roster()
	o.Load.Roster = l.roster
	if o.Load.Targets == 0 {
		o.Load.Targets = o.Nodes
	}
	return err
}

func (l *lab) startGenerator() (err error) {
	l.opts.Load.Fed = l.clients
	if l.gen, err = load.New(l.opts.Load); err != nil {
		l.gen = nil
		return l.explain("federation", l.clients, err)
	}
	return nil
}

func (l *lab) startNodes() (err error) {
	o := &l.opts
	if o.NodesFrom != "" {
		return nil
	}
	l.nodes, err = fleet.StartNodes(fleet.NodesOptions{
		URL: o.Col, Roster: l.roster, Version: o.Load.Version, Collective: o.Load.Collective, Connections: o.Connections,
		ReplyBytes: o.ReplyBytes, Behaviour: o.Load.Behaviour, Ledger: l.gen,
	})
	return l.explain("collective", o.Col, err)
}

func (l *lab) startWatching() (err error) {
	if l.self, err = cost.Watch(os.Getpid(), l.opts.Interval); err != nil {
		return err
	}
	pid := l.opts.PID
	if l.relay != nil {
		pid = l.relay.PID()
	}
	if pid == 0 {
		return nil
	}
	if l.watch, err = cost.Watch(pid, l.opts.Interval); err != nil {
		return cannotReach("relay: %w", err)
	}
	return nil
}

// stop ends everything that was started, in order: clients first, servers last.
func (l *lab) stop() {
	for _, w := range []*cost.Watcher{l.watch, l.self} {
		if w != nil {
			w.Stop()
		}
	}
	if l.scout != nil {
		l.scout.close()
	}
	for _, p := range []*child.Process{l.relay, l.edge} {
		if p != nil {
			_ = p.Stop(time.Second) // after a measurement it has been stopped with more patience
		}
	}
	if l.gen != nil {
		l.gen.Close()
	}
	if l.nodes != nil {
		l.nodes.Close()
	}
	if l.line != nil {
		l.line.Close()
	}
	for _, s := range l.servers {
		s.Stop()
	}
}
