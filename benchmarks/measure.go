package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/secure"
	"github.com/fedrelay/fedrelay/benchmarks/trial"
	"github.com/fedrelay/fedrelay/internal/progress"
	"github.com/fedrelay/fedrelay/internal/record"
)

// measure runs everything that the flags ask for, or reads an earlier series, and reports.
func measure(ctx context.Context, args []string) error {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil // it has been printed
	}
	if err != nil {
		return err
	}
	if o.from != "" {
		series, err := record.ReadSeries(o.from)
		if err != nil {
			return err
		}
		part := series.Only(o.only.MatchString, o.who.MatchString)
		if len(part.Contestants()) == 0 {
			return fmt.Errorf("%s: %w", o.from, errNobody)
		}
		return show(part, o)
	}
	certificates, err := os.MkdirTemp("", "fedrelay-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(certificates)
	c, err := newContest(o, certificates)
	if err != nil {
		return err
	}
	series := &record.Series{
		Started: time.Now().UTC().Truncate(time.Second), Command: o.command, Rounds: o.rounds,
		Machine: machine(), Versions: versions(ctx, o.relay), Peer: c.peer(),
	}
	if c.run(ctx, series) != nil {
		o.markdown, o.keep = "", "" // half a series is not published
		return errors.Join(show(series, o), errors.New("interrupted: this is what there was"))
	}
	return show(series, o)
}

var errNobody = errors.New("no scenario or no contestant has such a name")

// A contest is who measures up in which scenarios.
type contest struct {
	scenarios   []trial.Scenario
	contestants []trial.Contestant
	settings    trial.Settings
	everybody   bool // nobody stands aside
	line        *progress.Line
}

// newContest makes certificates in a directory.
func newContest(o options, dir string) (contest, error) {
	self, err := os.Executable()
	if err != nil {
		return contest{}, err
	}
	files, err := secure.Make(dir)
	if err != nil {
		return contest{}, err
	}
	c := contest{
		scenarios: slices.DeleteFunc(scenarios(), func(s trial.Scenario) bool {
			return !o.only.MatchString(s.Name) || s.Extra && !o.all && o.only.String() == ""
		}),
		contestants: slices.DeleteFunc(contestants(self, o.relay, o.peer), func(c trial.Contestant) bool {
			return !o.who.MatchString(c.Name) && slices.Contains(ours, c.Name)
		}),
		settings: trial.Settings{
			Servers: []string{self, "servers"}, Work: o.work, Patience: 2 * time.Second, Settle: 3 * time.Second,
			Limit: 2 * time.Minute, Files: files,
		},
		everybody: o.all || o.who.String() != "",
		line:      progress.New(os.Stderr),
	}
	if len(c.scenarios) == 0 || len(c.contestants) == 0 {
		return contest{}, errNobody
	}
	return c, nil
}

// peer is the name of the relay from outside, empty if there is none. Another fedrelay is none.
func (c *contest) peer() string {
	for _, who := range c.contestants {
		if !slices.Contains(ours, who.Name) && !strings.Contains(who.Name, subject) {
			return who.Name
		}
	}
	return ""
}

// A turn is one trial to come.
type turn struct {
	round      int
	place      int // of the scenario
	scenario   trial.Scenario
	contestant trial.Contestant
	name       string // of all that
	done       int    // trials that come before it
}

// turns lets the contestants take turns, so that what slows the machine down for a while slows down
// all of them. Each round begins with another contestant, because the first one of a scenario may
// be at a disadvantage.
func (c *contest) turns(rounds int) (all []turn) {
	for round := 1; round <= rounds; round++ {
		for place, s := range c.scenarios {
			for i := range c.contestants {
				who := c.contestants[(i+round-1)%len(c.contestants)]
				if who.Direct() && !s.Direct || who.Aside && s.Few && !c.everybody {
					continue
				}
				name := fmt.Sprintf("round %d of %d  %s  %s", round, rounds, s.Name, who.Name)
				all = append(all, turn{round, place, s, who, name, len(all)})
			}
		}
	}
	return all
}

// run measures every turn of all rounds, until ctx ends. A trial that fails is a result, too.
func (c *contest) run(ctx context.Context, series *record.Series) error {
	for _, s := range c.scenarios {
		series.Scenarios = append(series.Scenarios, record.Scenario{Name: s.Name, Title: s.Title})
	}
	began, all := time.Now(), c.turns(series.Rounds)
	defer func() { series.Elapsed = time.Since(began).Round(time.Second).String() }()
	for _, t := range all {
		stop := c.line.Follow(func() string {
			return t.name + "  " + progress.Left(time.Since(began), float64(t.done)/float64(len(all)))
		})
		outcome, err := t.scenario.Run(ctx, t.contestant, c.settings)
		stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			outcome.Invalid = err.Error()
		}
		trials := &series.Scenarios[t.place].Trials
		*trials = append(*trials, record.Trial{Contestant: t.contestant.Name, Round: t.round, Outcome: outcome})
	}
	return nil
}
