package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
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
	if o.from != "" {
		return again(o)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	set := trial.Settings{Servers: []string{self, "servers"}, Work: o.work, Patience: 2 * time.Second, Limit: time.Minute}
	chosen := slices.DeleteFunc(scenarios(), func(s trial.Scenario) bool { return !o.only.MatchString(s.Name) })
	who := slices.DeleteFunc(contestants(self, o.relay, o.peer), func(c trial.Contestant) bool { return !o.who.MatchString(c.Name) })
	if len(chosen) == 0 || len(who) == 0 {
		return errors.New("no scenario or no contestant has such a name")
	}
	run := &result.Run{
		Started: time.Now().UTC().Truncate(time.Second), Command: o.command, Rounds: o.rounds,
		Machine: machine(), Versions: versions(ctx, o.relay),
	}
	if err := interleave(ctx, run, chosen, who, set); err != nil {
		return err
	}
	return report(run, o)
}

// interleave has the contestants take turns, so that what slows the machine down for a while slows down all of them. Each round
// begins with another one, as the first after another scenario may have it harder.
func interleave(ctx context.Context, run *result.Run, all []trial.Scenario, who []trial.Contestant, set trial.Settings) error {
	for _, s := range all {
		run.Scenarios = append(run.Scenarios, result.Scenario{Name: s.Name, Title: s.Title})
	}
	for round := 1; round <= run.Rounds; round++ {
		for i, s := range all {
			for turn := range who {
				c := who[(turn+round-1)%len(who)]
				if c.Direct() && !s.Direct {
					continue
				}
				fmt.Fprintf(os.Stderr, "round %d/%d  %-20s %s\n", round, run.Rounds, s.Name, c.Name)
				t, err := once(ctx, s, c, set)
				if err != nil {
					return err
				}
				t.Round = round
				run.Scenarios[i].Trials = append(run.Scenarios[i].Trials, t)
			}
		}
	}
	run.Elapsed = time.Since(run.Started).Round(time.Second).String()
	run.Derive(subject)
	return nil
}

// once runs a trial. That it fails is its result, unless it was told to.
func once(ctx context.Context, s trial.Scenario, c trial.Contestant, set trial.Settings) (result.Trial, error) {
	outcome, err := s.Run(ctx, c, set)
	if err != nil {
		outcome.Invalid = err.Error()
	}
	return result.Trial{Contestant: c.Name, Outcome: outcome}, ctx.Err()
}

// again reports an earlier run.
func again(o options) error {
	run, err := result.Load(o.from)
	if err != nil {
		return err
	}
	run.Derive(subject)
	return report(run, o)
}

func report(run *result.Run, o options) error {
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
