package load

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/fleet"
)

// lead is the time between the call of Ask and the first request, in which that is made.
const lead = 20 * time.Millisecond

// sender writes requests. Owned by Ask.
type sender struct {
	*Generator
	packer *Packer
	timer  *time.Timer
}

// send publishes every request of the plan at its time. It returns early when ctx ends.
func (s *sender) send(ctx context.Context) error {
	for k := 0; ; k++ {
		planned, more := s.opts.Plan.plannedAt(k, s.now())
		if !more {
			return nil
		}
		began := s.clock()
		r := s.prepare(k, planned)
		draft, err := s.writer.Draft(s.nc.ConnectedUrlRedacted(), r.id, time.Now())
		if err != nil {
			return err
		}
		s.writing += s.clock() - began
		if s.waitUntil(ctx, r.planned) != nil {
			return nil
		}
		if s.opts.Plan.ClosedLoop {
			r.planned = s.clock() // the time that it took to write the request does not count
		}
		s.register(r)
		if err := s.publish(r, draft); err != nil {
			return err
		}
		if s.opts.Plan.ClosedLoop && s.waitFor(ctx, r) != nil {
			return nil
		}
	}
}

// now is the time since the first request was planned.
func (g *Generator) now() time.Duration { return g.clock() - time.Duration(g.begin.Load()) }

func (s *sender) prepare(k int, planned time.Duration) *request {
	r := &request{
		gen: s.Generator, id: s.ids.Next(), planned: time.Duration(s.begin.Load()) + planned,
		window:  windowOf(k, s.opts.Targets, s.opts.Roster.Len()),
		replies: make([]atomic.Uint32, s.opts.Targets),
	}
	r.dice = s.opts.Behaviour.Dice(r.id)
	r.silent = silent(r.dice, r.window)
	r.wanted = int64(r.window.n - r.silent)
	if !s.opts.Elsewhere {
		r.copies = make([]atomic.Uint32, s.opts.Targets)
		r.wanted += int64(r.window.n)
	}
	return r
}

func silent(d fleet.Dice, w window) (n int) {
	for i := range w.n {
		if d.Silent(w.node(i)) {
			n++
		}
	}
	return n
}

// register lets arrivals find r.
func (s *sender) register(r *request) {
	if r.wanted > 0 {
		s.open.Add(1)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[r.id] = r
	s.all = append(s.all, r)
}

func (s *sender) waitUntil(ctx context.Context, until time.Duration) error {
	ahead := until - s.clock()
	if ahead <= 0 {
		return ctx.Err()
	}
	s.timer.Reset(ahead)
	select {
	case <-s.timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *sender) publish(r *request, draft *fleet.Draft) error {
	s.noteLag(s.clock() - r.planned)
	defer func() { r.sent = s.clock() }()
	if s.opts.Broadcast {
		return s.packer.Broadcast(draft)
	}
	return s.packer.Directed(draft, r.window.n, r.window.node)
}

// publishOne publishes a message that stands for so many groups.
func (s *sender) publishOne(payload []byte, stands int) error {
	err := s.nc.Publish("choria.federation."+s.opts.Cluster+".federation", payload)
	if err != nil && s.opts.Persist {
		s.errors.Add(1)
		return nil
	}
	if err != nil {
		return fmt.Errorf("load: publishing %d bytes: %w", len(payload), err)
	}
	s.messages.Add(int64(stands))
	return nil
}

// waitFor waits until r is complete or its time is over.
func (s *sender) waitFor(ctx context.Context, r *request) error {
	s.timer.Reset(r.planned + s.opts.Timeout - s.clock())
	defer s.timer.Stop()
	for !r.done() {
		select {
		case <-s.kick:
		case <-s.timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (s *sender) noteLag(lag time.Duration) {
	if int64(lag) > s.maxLag.Load() {
		s.maxLag.Store(int64(lag))
	}
	if lag > lagLimit {
		s.lags.Add(1)
	}
}
