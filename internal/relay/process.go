package relay

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
	"github.com/fedrelay/fedrelay/internal/telemetry"
)

// A Process is all that one process runs: a relay, or those that make up an edge, one for each of
// its clusters. They share nothing but the log and the settings.
type Process struct {
	relays []*Relay
	cfg    config.Config
}

// NewProcess returns a process that does nothing until Run. The settings must be valid
// (Config.Validate). The error is about mistakes that only link.NewEndpoint can find.
func NewProcess(c config.Config, o Options) (*Process, error) {
	p := &Process{cfg: c}
	for _, cluster := range clustersOf(c) {
		c.Cluster = cluster
		r, err := New(c, o)
		if err != nil {
			return nil, err // the settings are the same for all clusters
		}
		p.relays = append(p.relays, r)
	}
	return p, nil
}

// Run runs all relays (Relay.Run), and blocks until the last one has ended. Call it once.
func (p *Process) Run(ctx context.Context) error {
	errs := make([]error, len(p.relays))
	serving, stopServing := context.WithCancel(context.Background())
	var answering sync.WaitGroup
	defer answering.Wait()
	defer stopServing()
	if p.cfg.Service.Enabled {
		answering.Go(func() { p.answerOperators(serving) })
	}
	var running sync.WaitGroup
	for i, r := range p.relays {
		running.Go(func() { errs[i] = r.Run(ctx) })
	}
	running.Wait()
	return errors.Join(errs...)
}

// answerOperators blocks until ctx ends.
func (p *Process) answerOperators(ctx context.Context) {
	r := p.relays[0]
	service.Serve(ctx, service.Options{
		Endpoint: r.sides[0].endpoint,
		Name:     fmt.Sprintf("fedrelay %s %s service", r.cfg.Cluster, r.cfg.Identity),
		Version:  r.options.Version, Sources: p.Sources(), Log: r.log,
	})
}

// Sources returns what operators can ask, one source for each relay.
func (p *Process) Sources() (all []state.Source) {
	for _, r := range p.relays {
		all = append(all, r)
	}
	return all
}

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
