package natsio

import (
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// An askedSender writes nothing, and its server answers after a while.
type askedSender struct {
	after         time.Duration
	riding, alone atomic.Int64 // PINGs that went out with copies, and PINGs on their own
}

func (s *askedSender) prompt(int) bool { return true }

func (s *askedSender) write(e *pipeline.Egress, from cursor, answered func()) (copies int, asked bool, err error) {
	if answered != nil {
		s.riding.Add(1)
		time.AfterFunc(s.after, answered)
	}
	return left(from, e), answered != nil, nil
}

func (s *askedSender) ask(answered func()) {
	s.alone.Add(1)
	time.AfterFunc(s.after, answered)
}

func (s *askedSender) delay() time.Duration { return barrierDelay }

// steady is a feeder whose one outbox has an askedSender.
func steady(t *testing.T, after time.Duration) (*feeder, *outbox, *askedSender) {
	ours, theirs := net.Pipe()
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	f := newFeeder(time.Hour)
	o := newOutbox(f.Publisher, link.Unlinked(framedWire(ours, largestPayload)))
	s := &askedSender{after: after}
	o.sender = s
	f.use(o)
	return f, o, s
}

// feedSteadily feeds one copy each millisecond.
func feedSteadily(f *feeder, copies int) {
	for range copies {
		f.feed("one")
		natstest.Pass(time.Millisecond)
	}
}

// A PING on its own costs a write and a wake-up.
func TestSteadyTrafficTakesPINGsAlong(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f, o, s := steady(t, time.Millisecond)
		feedSteadily(f, 200)
		if riding, alone := s.riding.Load(), s.alone.Load(); riding+alone > 9 || riding < 5 {
			t.Errorf("in 200 ms, %d PINGs went with copies and %d alone", riding, alone)
		}
		natstest.Pass(barrierDelay + 2*time.Millisecond)
		if f.InDoubt() != 0 {
			t.Errorf("%d copies are in doubt", f.InDoubt())
		}
		if s := f.end(t); s.Fate(pipeline.Confirmed) != 200 {
			t.Error(s.String())
		}
		o.end()
	})
}

// A server far away has one PING of an outbox under way, not one for every barrierInterval.
func TestOneBarrierIsUnderWay(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f, o, s := steady(t, 300*time.Millisecond)
		feedSteadily(f, 1000)
		if n := s.riding.Load() + s.alone.Load(); n < 3 || n > 4 {
			t.Errorf("%d PINGs in a second", n)
		}
		natstest.Pass(time.Second)
		f.end(t)
		o.end()
	})
}

// The goroutine that reads must not wait for a lane that writes to a server that takes nothing.
func TestAnAnswerDoesNotWaitForTheLane(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f, o, _ := steady(t, time.Hour)
		feedSteadily(f, 1)
		o.mu.Lock()
		o.answered()
		if f.InDoubt() != 1 {
			t.Error("the books were changed without the lock")
		}
		o.mu.Unlock()
		natstest.Pass(time.Millisecond)
		if f.InDoubt() != 0 {
			t.Error("the answer was forgotten")
		}
		f.end(t)
		o.end()
	})
}

// left returns how many copies there are from c on.
func left(c cursor, e *pipeline.Egress) (n int) {
	for !c.end(e) {
		n += c.skip(e)
	}
	return n
}
