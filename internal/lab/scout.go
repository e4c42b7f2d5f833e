package lab

import (
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/fleet"
)

// probeName is the name of a node that only the scout asks.
const probeName = "probe.loadgen.example.net"

// scout sends through the relay before the run, to see whether it is ready and what a copy costs.
// It has connections of its own, so the books of the run do not count what it sends.
type scout struct {
	probe    *fleet.Nodes // one, which always answers
	client   *fleet.Client
	fed, col *nats.Conn
	targets  *fleet.Targets
}

func (l *lab) startScout() error {
	s := &scout{}
	l.scout = s
	o := &l.opts
	roster, err := fleet.NewRoster([]string{probeName})
	if err != nil {
		return err
	}
	s.targets = roster.Directed(nil)
	ledger := fleet.NewLedger(roster)
	if s.probe, err = fleet.StartNodes(fleet.NodesOptions{
		URL: o.Col, Name: "loadgen probe", Version: o.Load.Version, Collective: o.Load.Collective, Roster: roster,
		Agents: []string{"loadgen_probe"}, Ledger: ledger,
	}); err != nil {
		return l.explain("collective", o.Col, err)
	}
	if s.client, err = fleet.Dial(fleet.ClientOptions{
		URL: l.clients, Version: o.Load.Version, Collective: o.Load.Collective, Clusters: []string{o.Load.Cluster},
		Identity: "probe1.fed.example.net", Roster: roster, Ledger: ledger, Timeout: 250 * time.Millisecond,
	}); err != nil {
		return l.explain("federation", l.clients, err)
	}
	if s.fed, err = nats.Connect(l.clients, nats.Name("loadgen calibration")); err != nil {
		return l.explain("federation", l.clients, err)
	}
	s.col, err = nats.Connect(o.Col, nats.Name("loadgen calibration"))
	return l.explain("collective", o.Col, err)
}

func (s *scout) close() {
	for _, nc := range []*nats.Conn{s.fed, s.col} {
		if nc != nil {
			nc.Close()
		}
	}
	if s.client != nil {
		s.client.Close()
	}
	if s.probe != nil {
		s.probe.Close()
	}
}

// explain says which server could not be reached.
func (l *lab) explain(side, url string, err error) error {
	if err == nil {
		return nil
	}
	if isNetwork(err) {
		return cannotReach("cannot connect to the %s server %s: %w", side, hostPort(url), err)
	}
	return fmt.Errorf("%s: %w", side, err)
}
