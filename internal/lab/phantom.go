package lab

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/load"
)

// phantoms are nodes that do not exist. Their names are as long as those of the real ones.
func phantoms(real *fleet.Roster) (*fleet.Roster, error) {
	names := make([]string, real.Len())
	for i := range names {
		names[i] = "0" + real.Name(i)[1:]
	}
	return fleet.NewRoster(names)
}

// phantomRun asks nodes that do not exist. Owned by calibrate.
type phantomRun struct {
	*scout
	lab      *lab
	writer   *fleet.Writer
	ids      *fleet.IDs
	targets  []int
	requests int           // how many to measure
	copies   int           // of each
	pause    time.Duration // between two requests; 0 in a burst
	packer   *load.Packer
	sent     int64         // groups
	heard    atomic.Int64  // of those, how many came out of the relay
	kick     chan struct{} // gets a value when heard has grown
}

func (l *lab) newPhantomRun() (*phantomRun, error) {
	o := &l.opts.Load
	roster, err := phantoms(l.roster)
	if err != nil {
		return nil, err
	}
	co := fleet.ClientOptions{
		Version: o.Version, Collective: o.Collective, RequestBytes: o.RequestBytes, Roster: roster, Caller: "choria=calibration.mcollective",
	}
	if o.Broadcast {
		co.Agent = "nobodys" // as long as rpcutil
	}
	p := &phantomRun{scout: l.scout, lab: l, writer: fleet.NewWriter(co), ids: fleet.NewIDs(o.Version, 0), kick: make(chan struct{}, 1)}
	p.targets = make([]int, o.Targets)
	for i := range p.targets {
		p.targets[i] = i
	}
	p.copies = o.Targets
	if o.Broadcast {
		p.copies = 1
	}
	packing := *o
	packing.Group = p.group()
	p.packer = load.NewPacker(p.writer, &packing, p.publish)
	p.plan()
	return p, p.listen(co, roster)
}

// plan decides how many requests to ask, and at which pace: that of the run, but only for as long
// as it takes to see a cost.
func (p *phantomRun) plan() {
	plan := p.lab.opts.Load.Plan
	least, most := max(1, calibrationLeast/p.copies), max(1, calibrationMost/p.copies)
	p.requests = most
	if plan.Rate > 0 {
		limit := p.lab.opts.Calibration
		p.requests = min(most, max(least, int(plan.Rate*limit.Seconds())))
		p.pause = min(time.Duration(float64(time.Second)/plan.Rate), limit/time.Duration(p.requests))
	}
}

// listen subscribes for the last target of each message.
func (p *phantomRun) listen(o fleet.ClientOptions, roster *fleet.Roster) error {
	collective := o.Collective
	if collective == "" {
		collective = max(o.Version, fleet.V1).Collective()
	}
	var subjects []string
	if o.Agent != "" {
		subjects = []string{collective + ".broadcast.agent." + o.Agent}
	} else {
		for from := 0; from < len(p.targets); from += p.group() {
			last := min(from+p.group(), len(p.targets)) - 1
			subjects = append(subjects, collective+".node."+roster.Name(last))
		}
	}
	for _, subject := range subjects {
		if _, err := p.col.Subscribe(subject, p.hear); err != nil {
			return err
		}
	}
	return p.col.Flush()
}

func (p *phantomRun) group() int {
	if g := p.lab.opts.Load.Group; g > 0 {
		return g
	}
	return 200
}

// run asks n times, or as often as the time allows, and waits until the relay has carried it all.
func (p *phantomRun) run(ctx context.Context, n int) (requests int, err error) {
	began := time.Now()
	for requests < n && time.Since(began) < p.lab.opts.Calibration {
		if err := p.ask(); err != nil {
			return requests, err
		}
		requests++
		if p.pause > 0 {
			err = pause(ctx, time.Until(began.Add(time.Duration(requests)*p.pause)))
		} else if p.lab.opts.Load.Plan.ClosedLoop {
			err = p.carried(ctx)
		}
		if err != nil {
			return requests, err
		}
	}
	return requests, p.carried(ctx)
}

func (p *phantomRun) ask() error {
	draft, err := p.writer.Draft(p.fed.ConnectedUrlRedacted(), p.ids.Next(), time.Now())
	if err != nil {
		return err
	}
	if p.lab.opts.Load.Broadcast {
		return p.packer.Broadcast(draft)
	}
	return p.packer.Directed(draft, len(p.targets), func(i int) int { return p.targets[i] })
}

// publish publishes a message that stands for so many groups.
func (p *phantomRun) publish(payload []byte, stands int) error {
	p.sent += int64(stands)
	return p.fed.Publish("choria.federation."+p.lab.opts.Load.Cluster+".federation", payload)
}

var errUncarried = errors.New("the relay did not carry what it was calibrated with within 5 seconds")

// carried waits until every message has come out of the relay.
func (p *phantomRun) carried(ctx context.Context) error {
	timer := time.NewTimer(5 * time.Second)
	defer timer.Stop()
	for p.heard.Load() < p.sent {
		select {
		case <-p.kick:
		case <-timer.C:
			return errUncarried
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (p *phantomRun) hear(*nats.Msg) {
	p.heard.Add(1)
	select {
	case p.kick <- struct{}{}:
	default:
	}
}
