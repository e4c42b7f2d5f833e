package lab

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/line"
	"github.com/fedrelay/fedrelay/internal/load"
)

// through is a run of 5 requests to 100 nodes through a toy that behaves in a certain way.
func through(how string) Options {
	return Options{
		Nodes: 100, Calibration: 200 * time.Millisecond, Exec: "env " + actAsRelay + "=" + how + " " + os.Args[0] + " {fed} {col} {http}",
		Load: load.Options{Plan: load.Plan{Rate: 100, Requests: 5}, Timeout: 5 * time.Second},
	}
}

func TestARelayIsStartedMeasuredAndStopped(t *testing.T) {
	t.Parallel()
	began := 0
	o := through("honest")
	o.Began = func(live func() load.Live) func() {
		began++
		return func() {
			if v := live(); v.Replies != 500 {
				t.Errorf("%+v", v)
			}
		}
	}
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	run := r.Run
	if len(r.Problems) > 0 || r.Interrupted || began != 1 || run.Totals.Lost != 0 || run.Totals.Replies != 500 {
		t.Errorf("%v %+v", r.Problems, run.Totals)
	}
	if run.Costs.CPUPerCopy <= 0 || run.Costs.CPUPerCopy > 10_000 || run.Costs.RSSPeak < 1<<20 {
		t.Errorf("%+v", run.Costs)
	}
	if len(run.Cost) < 1 || len(run.Self) < 1 || !strings.Contains(run.Meta.Relay, "127.0.0.1:") || !run.Meta.InProcess {
		t.Errorf("%d samples of the relay, %d of its own; %+v", len(run.Cost), len(run.Self), run.Meta)
	}
	if len(run.Relay) != 2 || run.Relay[0].Copies != 500 || run.Relay[1].Confirmed != 500 {
		t.Errorf("%+v", run.Relay)
	}
}

func TestABroadcastIsOneCopy(t *testing.T) {
	t.Parallel()
	o := through("honest")
	o.Load.Broadcast = true
	r, err := Run(context.Background(), o)
	if err != nil || len(r.Problems) > 0 || r.Run.Totals.Delivered != 500 || r.Run.Relay[0].Confirmed != 5 {
		t.Fatalf("%v %+v", err, r)
	}
}

func TestAnEdgeStandsBetween(t *testing.T) {
	t.Parallel()
	o := through("honest")
	o.Edge = "env " + actAsRelay + "=edge " + os.Args[0] + " {fed} {line} {http}"
	r, err := Run(context.Background(), o)
	if err != nil || len(r.Problems) > 0 || r.Run.Totals.Replies != 500 || r.Run.Totals.Lost != 0 {
		t.Fatalf("%v %+v", err, r)
	}
	if books := r.Run.Relay; len(books) != 4 || books[2].Path != "edge request" || books[2].Copies != 500 || books[3].Confirmed != 500 {
		t.Errorf("%+v", books)
	}
}

// Who is far is the relay, or the edge before it.
func TestALineIsLong(t *testing.T) {
	t.Parallel()
	for _, edge := range []string{"", "env " + actAsRelay + "=edge " + os.Args[0] + " {fed} {line} {http}"} {
		o := through("honest")
		o.Line, o.Edge = line.Shape{RoundTrip: 60 * time.Millisecond}, edge
		r, err := Run(context.Background(), o)
		if err != nil || len(r.Problems) > 0 || r.Run.Totals.Replies != 500 || r.Run.Totals.Lost != 0 {
			t.Fatalf("edge %q: %v %+v", edge, err, r)
		}
		for _, latency := range r.Run.Requests[0].Replies { // in microseconds
			if latency < 60_000 {
				t.Errorf("edge %q: a node answered in %d us", edge, latency)
			}
		}
	}
}

func TestAnEdgeThatDiesEndsTheRun(t *testing.T) {
	t.Parallel()
	o := through("honest")
	o.Edge = "env " + actAsRelay + "=dead " + os.Args[0] + " {fed} {line} {http}"
	_, err := Run(context.Background(), o)
	if !errors.Is(err, ErrUnreachable) || !strings.HasPrefix(err.Error(), "the edge ended before it was ready: exit status 7") {
		t.Error(err)
	}
}

func TestBooksThatDisagreeAreAProblem(t *testing.T) {
	t.Parallel()
	r, err := Run(context.Background(), through("liar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "the relay confirmed 550 copies on its request path, and only 500 arrived") {
		t.Error(r.Problems)
	}
}

func TestARelayWithoutBooksIsNotCompared(t *testing.T) {
	t.Parallel()
	r, err := Run(context.Background(), through("bookless"))
	if err != nil || len(r.Problems) > 0 || len(r.Run.Relay) != 0 {
		t.Fatalf("%v %+v", err, r)
	}
}

func TestARelayThatDiesEndsTheRun(t *testing.T) {
	t.Parallel()
	o := through("mortal")
	o.Load.Plan = load.Plan{Rate: 500, Requests: 100_000}
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Problems) == 0 || !strings.Contains(r.Problems[0], "the relay ended during the run: exit status 9") || r.Interrupted {
		t.Error(r.Problems)
	}
}

func TestARelayThatDiesBeforeTheRun(t *testing.T) {
	t.Parallel()
	_, err := Run(context.Background(), through("frail"))
	if !errors.Is(err, ErrUnreachable) || err.Error() != "the relay ended while it was calibrated: exit status 9; it said last:\n  that was too much" {
		t.Error(err)
	}
}

func TestAStubbornRelayIsKilled(t *testing.T) {
	t.Parallel()
	o := through("stubborn")
	o.Stop = 50 * time.Millisecond
	r, err := Run(context.Background(), o)
	if err != nil || len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "had to be killed") {
		t.Fatalf("%v %+v", err, r)
	}
}

func TestRelaysThatNeverBecomeReady(t *testing.T) {
	t.Parallel()
	for how, want := range map[string]string{
		"dead": "the relay ended before it was ready: exit status 7; it said last:\n  first words\n  no licence",
		"mute": "the relay is not ready after 5s: a request to cluster london does not arrive at its node",
	} {
		o := through(how)
		o.Ready = 5 * time.Second
		if how == "dead" {
			o.Ready = 20 * time.Second
		}
		_, err := Run(context.Background(), o)
		if !errors.Is(err, ErrUnreachable) || err.Error() != want {
			t.Errorf("%s: %v", how, err)
		}
	}
}

func TestServersThatAreNotThere(t *testing.T) {
	t.Parallel()
	plan := load.Options{Plan: load.Plan{Burst: true, Requests: 1}}
	const nowhere = "nats://user:secret@127.0.0.1:1"
	for _, o := range []Options{
		{Load: plan, Fed: nowhere, Col: nowhere}, {Load: plan, Fed: nowhere, NodesFrom: nowhere}, {Load: plan, Nodes: 1, Exec: "sleep 60", HTTP: "127.0.0.1:1", Ready: time.Second},
	} {
		_, err := Run(context.Background(), o)
		if !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestAnInterruptionBeforeAndDuringTheRun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	o := through("honest")
	o.Load.Plan = load.Plan{Rate: 100, Duration: time.Hour}
	o.Began = func(live func() load.Live) func() {
		go func() {
			for live().Requests == 0 {
				<-time.After(time.Millisecond)
			}
			cancel()
		}()
		return func() {}
	}
	r, err := Run(ctx, o)
	if err != nil || !r.Interrupted || r.Run.Totals.Requests == 0 || r.Run.Totals.Requests > 10_000 {
		t.Fatalf("%v %+v", err, r)
	}
	if _, err := Run(ctx, through("honest")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// The nodes may run in another process; here they only run outside the lab.
func TestNodesFromElsewhere(t *testing.T) {
	t.Parallel()
	outer := &lab{opts: Options{}}
	outer.opts.setDefaults()
	if err := outer.startServers(); err != nil {
		t.Fatal(err)
	}
	defer outer.stop()
	d := fleet.Description{Site: "tokyo", Nodes: 50, Version: fleet.V1, Behaviour: fleet.Behaviour{Loss: 0.2, Seed: 3}}
	roster, _ := d.Roster()
	nodes, err := fleet.StartNodes(fleet.NodesOptions{URL: outer.opts.Col, Roster: roster, Behaviour: d.Behaviour})
	if err != nil {
		t.Fatal(err)
	}
	defer nodes.Close()
	stop, err := fleet.Announce(outer.opts.Col, d)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()

	o := through("honest")
	o.Fed, o.NodesFrom, o.Nodes = outer.opts.Fed, outer.opts.Col, 0
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	got := r.Run.Totals
	if len(r.Problems) > 0 || got.Targets != 250 || got.Lost != 0 || got.Silent == 0 || got.Replies+got.Silent != 250 {
		t.Errorf("%v %+v", r.Problems, got)
	}
	if r.Run.Meta.InProcess || r.Run.Nodes[0] != "node00001.tokyo.example.net" || r.Run.Requests[0].Copies != nil {
		t.Errorf("%+v", r.Run.Meta)
	}
}

func TestOptionsThatDoNotGoTogether(t *testing.T) {
	t.Parallel()
	plan := load.Options{Plan: load.Plan{Burst: true, Requests: 1}}
	for _, o := range []Options{
		{}, {Load: plan, Col: "a"}, {Load: plan, Fed: "a"}, {Load: plan, Fed: "a", Col: "b", NodesFrom: "c"}, {Load: plan, Exec: "x", PID: 1},
	} {
		if _, err := Run(context.Background(), o); err == nil || errors.Is(err, ErrUnreachable) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
