package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/page"
	"github.com/fedrelay/fedrelay/benchmarks/result"
	"github.com/fedrelay/fedrelay/benchmarks/trial"
)

// measure runs everything and reports.
func measure(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	set := trial.Settings{Servers: []string{self, "servers"}, Work: time.Second, Limit: time.Minute}
	run := result.Run{Started: time.Now().UTC().Truncate(time.Second), Command: o.command, Rounds: o.rounds, Machine: machine(),
		Versions: versions(ctx, o.relay)}
	for _, s := range scenarios() {
		if o.only.MatchString(s.Name) {
			run.Scenarios = append(run.Scenarios, result.Scenario{Name: s.Name, Title: s.Title})
		}
	}
	if len(run.Scenarios) == 0 {
		return errors.New("no scenario has such a name")
	}
	if err := interleave(ctx, &run, contestants(self, o.relay, o.peer), set); err != nil {
		return err
	}
	run.Elapsed = time.Since(run.Started).Round(time.Second).String()
	return report(&run, o)
}

// interleave has the contestants take turns, so that what slows the machine down for a while slows down all of them.
func interleave(ctx context.Context, run *result.Run, all []trial.Contestant, set trial.Settings) error {
	for round := 1; round <= run.Rounds; round++ {
		for i := range run.Scenarios {
			into := &run.Scenarios[i]
			s := named(into.Name)
			for _, c := range all {
				if c.Direct() && !s.Direct {
					continue
				}
				fmt.Fprintf(os.Stderr, "round %d/%d  %-20s %s\n", round, run.Rounds, s.Name, c.Name)
				outcome, err := s.Run(ctx, c, set)
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if err != nil {
					outcome.Invalid = err.Error()
				}
				into.Trials = append(into.Trials, result.Trial{Contestant: c.Name, Round: round, Outcome: outcome})
			}
		}
	}
	return nil
}

func named(name string) trial.Scenario {
	for _, s := range scenarios() {
		if s.Name == name {
			return s
		}
	}
	panic("benchmarks: BUG: no scenario " + name)
}

func report(run *result.Run, o options) error {
	run.Derive(subject)
	result.WriteTable(os.Stdout, run, subject)
	if o.out != "" {
		if err := errors.Join(result.Save(o.out+".json", run), page.Save(o.out+".html", run)); err != nil {
			return err
		}
	}
	if o.baseline == "" {
		return nil
	}
	old, err := result.Load(o.baseline)
	if err != nil {
		return err
	}
	result.WriteComparison(os.Stdout, old, run, subject)
	return nil
}
