package natsio

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/internal/socket"
)

const (
	// beatInterval is how often a heart beats.
	beatInterval = 250 * time.Millisecond
	// standstill is from which time without a beat on the process is taken to have stood still.
	standstill = time.Second
)

// A Heartbeat notices when the process has stood still: stopped by a signal, without a processor,
// on a machine that was suspended. What arrived meanwhile has waited, and nobody here saw for how
// long. It goes by clocks that nobody sets. The zero value does not beat until Run; a nil one never
// does. All methods may be called from any goroutine.
type Heartbeat struct {
	last   atomic.Int64           // beat, in nanoseconds after beginning; 0 while it does not beat
	pauses atomic.Pointer[[]span] // that were noticed; what it points to does not change
	asleep func() time.Duration   // see suspended; tests have their own

	mu    lock.Mutex[Heartbeat] // held while a beat is entered
	slept time.Duration         // asleep at the last beat
}

// Run beats until ctx ends.
func (h *Heartbeat) Run(ctx context.Context) {
	if h.asleep == nil {
		h.asleep = suspended
	}
	tick := time.NewTicker(beatInterval)
	defer tick.Stop()
	h.slept = h.asleep()
	h.last.Store(int64(time.Since(socket.Beginning)))
	defer h.stop()
	for {
		select {
		case <-tick.C:
			h.beat(time.Now())
		case <-ctx.Done():
			return
		}
	}
}

func (h *Heartbeat) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last.Store(0)
}

// beat enters a beat, and the pause before it if there was one.
func (h *Heartbeat) beat(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	last := socket.Beginning.Add(time.Duration(h.last.Load()))
	if h.last.Load() == 0 || !now.After(last) {
		return // somebody else was faster
	}
	slept := h.asleep()
	if length := now.Sub(last) + slept - h.slept; length > standstill {
		var pauses []span
		if known := h.pauses.Load(); known != nil {
			pauses = slices.Clone(*known)
		}
		pauses = remember(pauses, span{last, now, length})
		h.pauses.Store(&pauses)
	}
	h.slept = slept
	h.last.Store(int64(now.Sub(socket.Beginning)))
}

// noticed returns the pauses there have been, the latest last. It does not wait for the next beat
// to notice one.
func (h *Heartbeat) noticed(now time.Time) []span {
	if h == nil {
		return nil
	}
	if last := h.last.Load(); last != 0 && now.Sub(socket.Beginning)-time.Duration(last) > standstill {
		h.beat(now)
	}
	if pauses := h.pauses.Load(); pauses != nil {
		return *pauses
	}
	return nil
}

// arrival is when something may have arrived that is read now, where all that was sent before
// since, which counts from beginning, has been read. It is the beginning of the pause before it, if
// there was one: what waited for us, in the kernel or with the server, comes before the answer to
// what we have asked later.
func (h *Heartbeat) arrival(now time.Time, since time.Duration) time.Time {
	pauses := h.noticed(now)
	for i := len(pauses) - 1; i >= 0 && pauses[i].ended.Sub(socket.Beginning) > since; i-- {
		now = pauses[i].began
	}
	return now
}
