package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// ErrUnclean is what Run returns when something was lost, doubled, misled or not accounted for.
var ErrUnclean = errors.New("the demo lost, doubled or misled something: see the summary")

// Limits of Options.
const (
	MaxCollectives = 20
	MaxNodes       = 50_000
)

// Options of a demo. The zero value of a field means its default.
type Options struct {
	// Collectives, each with a server and a relay of its own. Default 2, at most 20.
	Collectives int
	// Nodes in all collectives together. Default 2,000, at most 50,000.
	Nodes int
	// For is how long the client goes on asking. Default 10s.
	For time.Duration
	// JSON prints one JSON object at the end on Stdout, and nothing else there. Lines about the
	// progress go to Stderr.
	JSON bool
	// Plain prints a line a second instead of redrawing one, also on a terminal.
	Plain bool
	// Stdout and Stderr. Default: nowhere.
	Stdout, Stderr io.Writer

	relay      newRelay      // default: the real one
	askTimeout time.Duration // default: 10s
}

func (o *Options) setDefaults() error {
	if o.Collectives == 0 {
		o.Collectives = 2
	}
	if o.Nodes == 0 {
		o.Nodes = 2000
	}
	if o.For == 0 {
		o.For = 10 * time.Second
	}
	if o.Stdout == nil {
		o.Stdout = io.Discard
	}
	if o.Stderr == nil {
		o.Stderr = io.Discard
	}
	if o.relay == nil {
		o.relay = startReal
	}
	if o.askTimeout == 0 {
		o.askTimeout = 10 * time.Second
	}
	return o.validate()
}

func (o *Options) validate() error {
	var errs []error
	if o.Collectives < 1 || o.Collectives > MaxCollectives {
		errs = append(errs, fmt.Errorf("collectives: %d is not between 1 and %d", o.Collectives, MaxCollectives))
	}
	if o.Nodes < o.Collectives || o.Nodes > MaxNodes {
		errs = append(errs, fmt.Errorf("nodes: %d is not between %d (one a collective) and %d",
			o.Nodes, o.Collectives, MaxNodes))
	}
	if o.For < 0 {
		errs = append(errs, fmt.Errorf("for: %s is negative", o.For))
	}
	return errors.Join(errs...)
}

// Run builds the federation, asks every node again and again until Options.For is over or ctx ends,
// takes everything down in order and prints a summary. A request on its way is waited for, at most
// 10 seconds: ctx ends the loop between requests. The error is ErrUnclean, a mistake in o, or says
// what could not be started.
func Run(ctx context.Context, o Options) (Report, error) {
	started := time.Now()
	if err := o.setDefaults(); err != nil {
		return Report{}, err
	}
	s, err := build(ctx, o)
	if err != nil {
		s.stop()
		return Report{}, err
	}
	show := newShow(o, s)
	asked := s.ask(ctx, o.For)
	show.end()
	s.drain()
	r := s.report(started, asked)
	s.stop()
	return r, finish(o, r)
}

func finish(o Options, r Report) error {
	if o.JSON {
		if err := r.writeJSON(o.Stdout); err != nil {
			return err
		}
	} else {
		r.writeText(o.Stdout)
		writeCommands(o.Stdout, sites(o.Collectives))
	}
	if !r.Clean() {
		return ErrUnclean
	}
	return nil
}
