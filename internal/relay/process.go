package relay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
	"github.com/fedrelay/fedrelay/internal/telemetry"
)

// A Process is all that one process runs: a relay, or those that make up an edge, one for each of
// its clusters. They share nothing but the log and the settings.
type Process struct {
	// Set by NewProcess, then read-only.
	relays  []*Relay
	service *service.Server // speaks for all relays

	// Guarded by reloading, which Reload holds from its beginning to its end.
	reloading lock.Mutex[Process]
	read      [2]*link.Reading // what the last reload has read for each side; nil before

	// Written by Reload.
	settings atomic.Pointer[config.Config] // in force; not to be changed
}

// NewProcess returns a process that does nothing until Run. The settings must be valid
// (Config.Validate). The error is about mistakes that only link.NewEndpoint can find.
func NewProcess(c config.Config, o Options) (*Process, error) {
	p := &Process{}
	settings := c
	p.settings.Store(&settings)
	for _, cluster := range clustersOf(c) {
		c.Cluster = cluster
		r, err := New(c, o)
		if err != nil {
			return nil, err // the settings are the same for all clusters
		}
		p.relays = append(p.relays, r)
	}
	p.service = newService(c, p.relays)
	for _, r := range p.relays {
		r.warners = append(r.warners, func() []string { return p.service.Warnings(r.cfg.Cluster) })
	}
	return p, nil
}

// Warn has all relays of the process warn of what warnings returns, which must not block. Call it
// before Run.
func (p *Process) Warn(warnings func() []string) {
	for _, r := range p.relays {
		r.warners = append(r.warners, warnings)
	}
}

// newService returns what speaks for all relays of a process. It uses the login of the federation
// side, which they share.
func newService(c config.Config, relays []*Relay) *service.Server {
	first := relays[0]
	o := service.Options{
		Endpoint: first.sides[0].endpoint, Log: first.log, Version: first.options.Version,
		Name:   fmt.Sprintf("fedrelay %s %s service", first.cfg.Cluster, c.Identity),
		Duties: dutiesOf(c),
		Up: func() (uint64, bool) {
			s := first.sides[0].receive.Status()
			return s.Epoch, s.Connected
		},
	}
	for _, r := range relays {
		i := service.Instance{Cluster: r.cfg.Cluster, Identity: r.cfg.Identity, Source: r, Statistics: r.statistics}
		o.Instances = append(o.Instances, i)
	}
	return service.New(o)
}

func dutiesOf(c config.Config) service.Duties {
	return service.Duties{Answer: c.Service.Enabled, Publish: c.Stats.Publish, Interval: c.Stats.Interval}
}

// Run runs all relays (Relay.Run), and blocks until the last one has ended. Call it once.
func (p *Process) Run(ctx context.Context) error {
	errs := make([]error, len(p.relays))
	serving, stopServing := context.WithCancel(context.Background())
	var answering sync.WaitGroup
	defer answering.Wait()
	defer stopServing()
	answering.Go(func() { p.service.Run(serving) })
	var running sync.WaitGroup
	for i, r := range p.relays {
		running.Go(func() { errs[i] = r.Run(ctx) })
	}
	running.Wait()
	return errors.Join(errs...)
}

// reloadService has operators answered by new settings.
func (p *Process) reloadService(next prepared) {
	switch {
	case next.concerns("service", "stats"):
		p.service.Change(dutiesOf(next.config))
	case next.otherSide[0] || next.otherFiles[0]:
		p.service.Renew()
	}
}

// Sources returns what operators can ask, one source for each relay.
func (p *Process) Sources() (all []state.Source) {
	for _, r := range p.relays {
		all = append(all, r)
	}
	return all
}

// Settings returns those in force.
func (p *Process) Settings() config.Config { return *p.settings.Load() }

// Abort makes Run end at once, as Relay.Abort does.
func (p *Process) Abort() {
	for _, r := range p.relays {
		r.Abort()
	}
}

// Views returns what telemetry shows, one view for each relay.
func (p *Process) Views() (all []telemetry.View) {
	for _, r := range p.relays {
		all = append(all, r)
	}
	return all
}

// CountStatsRequest counts an HTTP request for the statistics documents.
func (p *Process) CountStatsRequest() {
	for _, r := range p.relays {
		r.statsRequests.Add(1)
	}
}

// Connected reports whether all connections have been made at least once.
func (p *Process) Connected() bool {
	for _, r := range p.relays {
		for _, side := range r.Sides() {
			for _, c := range side.Connections {
				if c.Epoch == 0 {
					return false
				}
			}
		}
	}
	return true
}

// Unconfirmed returns how many copies are unconfirmed, on all paths together.
func (p *Process) Unconfirmed() (n int64) {
	for _, r := range p.relays {
		n += r.Unconfirmed()
	}
	return n
}

// LedgerLines returns the books of all relays, each on a line of its own.
func (p *Process) LedgerLines() (lines []string) {
	for _, r := range p.relays {
		lines = append(lines, r.LedgerLine())
	}
	return lines
}

// clusterPrefix is what stands in front of a text about one of the relays of an edge.
func (r *Relay) clusterPrefix() string {
	if !r.cfg.IsEdge() {
		return ""
	}
	return "cluster " + r.cfg.Cluster + ": "
}
