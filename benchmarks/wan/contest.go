package wan

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

// Run measures everything in turns, and tells of each trial before it begins. A trial that fails is
// a result, too. An error means that ctx has ended.
func Run(ctx context.Context, setup Setup, tell func(string)) ([]record.Scenario, error) {
	if setup.Only == nil {
		setup.Only = func(string) bool { return true }
	}
	c := &contest{setup: setup, phases: phases(setup.Nodes), tell: tell, place: map[string]int{}, slow: map[string]bool{}}
	for round := 1; round <= setup.Rounds; round++ {
		if err := c.round(ctx, round); err != nil {
			return c.results, err
		}
	}
	return c.results, nil
}

type contest struct {
	setup   Setup
	phases  []*phase
	tell    func(string)
	results []record.Scenario
	place   map[string]int  // of scenarios in results, by name
	slow    map[string]bool // trials that took very long in an earlier round
}

// round sets up a rig for each contestant and lets them take turns in each cell.
func (c *contest) round(ctx context.Context, round int) error {
	rigs, broken := c.build(ctx, round)
	defer func() {
		for _, r := range rigs {
			r.close()
		}
	}()
	for place, cell := range c.setup.Cells {
		for i := range rigs {
			r := rigs[(i+place+round)%len(rigs)]
			r.line.Reshape(cell.shape())
			for _, p := range c.phases {
				if place == 0 || !p.aside && (cell.Loss == 0 || p.quick) {
					c.trial(ctx, round, r, cell, p)
				}
			}
		}
		for name, err := range broken {
			c.note(scenarioOf(cell, c.phases[0]), record.Trial{Contestant: name, Round: round, Outcome: record.Outcome{Invalid: oneLine(err)}})
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	c.encodings(round)
	return c.latencies(ctx, round, rigs)
}

// build starts all rigs. Those that do not come up are broken.
func (c *contest) build(ctx context.Context, round int) (rigs []*rig, broken map[string]error) {
	broken = map[string]error{}
	for _, who := range c.setup.contestants() {
		c.tell(fmt.Sprintf("round %d of %d  starting %s", round, c.setup.Rounds, who.Name))
		r, err := newRig(ctx, who, &c.setup)
		if err != nil {
			broken[who.Name] = err
			continue
		}
		rigs = append(rigs, r)
	}
	return rigs, broken
}

const (
	// trialLimit is how long a phase may take.
	trialLimit = 2 * time.Minute
	// tooLong is how long it may take to be measured in more than one round. What takes so long is
	// the line's work, and about the same each time.
	tooLong = 15 * time.Second
)

func (c *contest) trial(ctx context.Context, round int, r *rig, cell Cell, p *phase) {
	key, began := r.Name+" "+scenarioOf(cell, p).Name, time.Now()
	if c.slow[key] {
		return
	}
	defer func() { c.slow[key] = time.Since(began) > tooLong }()
	limited, cancel := context.WithTimeout(ctx, trialLimit)
	defer cancel()
	c.tell(fmt.Sprintf("round %d of %d  %s  %s  %s", round, c.setup.Rounds, cell, r.Name, p.name))
	o, err := p.run(limited, r, cell)
	if ctx.Err() != nil {
		return // it was not the contestant that failed
	}
	if err != nil {
		o.Invalid = oneLine(err)
	}
	c.note(scenarioOf(cell, p), record.Trial{Contestant: r.Name, Round: round, Outcome: o})
}

func scenarioOf(cell Cell, p *phase) record.Scenario {
	return record.Scenario{Name: cell.Name() + "/" + p.name, Title: cell.String() + ": " + p.title}
}

// note adds a trial to its scenario.
func (c *contest) note(s record.Scenario, t record.Trial) {
	at, ok := c.place[s.Name]
	if !ok {
		at = len(c.results)
		c.place[s.Name] = at
		c.results = append(c.results, s)
	}
	c.results[at].Trials = append(c.results[at].Trials, t)
}

// oneLine is an error as a part of a list.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
