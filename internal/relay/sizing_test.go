package relay

import (
	"context"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/natsio"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

func TestNodesMakeLanes(t *testing.T) {
	s := Sizing{Most: 32}.withDefaults()
	for subjects, want := range map[int]int{
		0: 1, 1: 1, 400: 1, 401: 2, 800: 2, 801: 3, 10_000: 25, 12_400: 31, 12_401: 32, 1_000_000: 32,
	} {
		if got := s.wanted(subjects); got != want {
			t.Errorf("%d subjects want %d lanes, not %d", subjects, got, want)
		}
	}
}

func TestLittleMemoryMakesFewLanes(t *testing.T) {
	for limit, want := range map[int64]int{
		math.MaxInt64: mostLanes, 1 << 30: mostLanes, 40 << 20: 20, 10 << 20: 5, 1 << 20: 1, 0: 1,
	} {
		if got := affordable(limit); got != want {
			t.Errorf("%d bytes are enough for %d lanes, not %d", limit, got, want)
		}
	}
}

// A surplus must last, and half of the lanes are enough to call the others one.
func TestASurplusMustLast(t *testing.T) {
	z := &sizer{Sizing: Sizing{Surplus: time.Minute}}
	now := time.Now()
	for _, step := range []struct {
		after        time.Duration
		wanted, have int
		surplus      bool
	}{
		{0, 1, 1, false}, {time.Hour, 1, 1, false}, // one lane is never too many
		{0, 5, 8, false}, {time.Hour, 5, 8, false},
		{0, 4, 8, false}, {59 * time.Second, 4, 8, false}, {time.Minute, 4, 8, true},
		{0, 5, 8, false}, {0, 4, 8, false}, {59 * time.Second, 4, 8, false}, // it begins anew
		{2 * time.Minute, 1, 2, true},
	} {
		if got := z.surplus(step.wanted, step.have, now.Add(step.after)); got != step.surplus {
			t.Errorf("%+v: surplus %v", step, got)
		}
	}
}

// Only answers from far away are worth a longer wait, and only if a shorter one was in vain.
func TestAPathIsHeldUpLongerForAnswersOnly(t *testing.T) {
	z := &sizer{Sizing: Sizing{Hold: 200 * time.Millisecond}}
	for _, step := range []struct {
		wait      time.Duration
		published bool
		want      time.Duration
	}{
		{0, true, z.Hold}, {0, false, z.Hold},
		{time.Second, true, 450 * time.Millisecond}, {time.Second, false, z.Hold},
		{longestWait, true, 800 * time.Millisecond}, {longestWait, false, z.Hold},
	} {
		if z.wait = step.wait; z.longestHold(step.published) != step.want {
			t.Errorf("%+v: %s", step, z.longestHold(step.published))
		}
	}
}

// A busyPath is the source and the router of a pipeline that is busy with one message until it may
// end.
type busyPath struct {
	ledger pipeline.Ledger
	pool   pool.Pool
	busy   chan struct{} // closed when the message is being carried
	end    chan struct{}
}

func (b *busyPath) Run(_ context.Context, line pipeline.Line) {
	batch := pipeline.NewBatch()
	batch.Buffer = b.pool.Get(0)
	batch.Add("", []byte(`{"protocol":"choria:transport:1","data":"","headers":{"federation":{"target":["a"]}}}`))
	line.Take(batch)
}

func (b *busyPath) Route(*pipeline.Route) wire.Reason {
	close(b.busy)
	<-b.end
	return wire.NotFederated
}

func (b *busyPath) Append(dst []byte, _ *pipeline.Route) ([]byte, wire.Reason) { return dst, wire.OK }

func (b *busyPath) Publish(*pipeline.Egress) {}

func (b *busyPath) Prompt(int) bool { return true }

// carryNothing is a line for a source that brings nothing.
type carryNothing struct{}

func (carryNothing) Take(b *pipeline.Batch) { b.Free() }

// Lanes do not change under load, and an attempt to change them must not cost anything then.
func TestAPathThatIsPublishingIsNotHeldUp(t *testing.T) {
	b := &busyPath{busy: make(chan struct{}), end: make(chan struct{})}
	source := natsio.NewSource(natsio.SourceConfig{Ledger: &b.ledger, InboxMessages: 1, InboxBytes: 1, BatchBytes: 1})
	z := &sizer{Sizing: Sizing{Hold: time.Minute}, path: &path{source: source, pipeline: pipeline.New(pipeline.Config{
		Source: b, Publishers: []pipeline.Publisher{b}, Ledger: &b.ledger, Pool: &b.pool,
		Rules: pipeline.Rules{Router: b, Limits: wire.Limits{Depth: 16, Targets: 10}}, DecodeWorkers: 1, Depth: 1,
	})}}
	z.lanes.Store(&[]*lane{})
	z.beside.Store(&[]*lane{})
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { source.Run(ctx, carryNothing{}) })
	running.Go(func() { z.pipeline.Run(ctx) })
	<-b.busy
	for !source.Hold(func() {}) { // until it runs
		pause(ctx, time.Millisecond)
	}
	tried := make(chan bool, 1)
	go func() { tried <- z.exchange(ctx, nil) }()
	for over := false; !over; {
		select {
		case changed := <-tried:
			if over = true; changed {
				t.Error("the lanes were changed under load")
			}
		default:
			if !source.Hold(func() {}) {
				t.Error("the source was held up")
				over = true
			}
			pause(ctx, time.Millisecond)
		}
	}
	close(b.end)
	stop()
	running.Wait()
	if s := b.ledger.Snapshot(); !s.Balanced() || b.pool.InUse() != 0 {
		t.Errorf("%d buffers lent: %s", b.pool.InUse(), s.String())
	}
}
