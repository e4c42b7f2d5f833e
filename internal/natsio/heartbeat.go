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
	// beatInterval is the time between two beats.
	beatInterval = 250 * time.Millisecond
	// standstill is how long a time without a beat must be to count as a standstill of the process.
	standstill = time.Second
)

// A Heartbeat notices when the process has stood still: because a signal stopped it, because it got
// no processor, or because the machine was suspended. Messages that arrived meanwhile have waited,
// and nobody knows for how long. It uses clocks that nobody can set. The zero value does not beat
// until Run; a nil one never does. All methods may be called from any goroutine.
type Heartbeat struct {
	last   atomic.Int64           // nanoseconds from Beginning to the last beat; 0: does not beat
	pauses atomic.Pointer[[]span] // all that were noticed; a stored slice never changes
	asleep func() time.Duration   // suspended, except in tests

	mu    lock.Mutex[Heartbeat] // held while a beat is entered
	slept time.Duration         // what asleep returned at the last beat
}

// Run beats, and blocks, until ctx ends.
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

// beat enters a beat, and the standstill before it if there was one.
func (h *Heartbeat) beat(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	last := socket.Beginning.Add(time.Duration(h.last.Load()))
	if h.last.Load() == 0 || !now.After(last) {
		return // another goroutine has entered a later beat
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

// noticed returns all standstills so far, the latest last. If the last beat is overdue it beats
// itself, so that a standstill that has just ended is among them.
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

// arrival returns when a message that is read now may have arrived at the earliest. since is when
// the latest answered PING was sent, as a duration after Beginning. What waited for us during a
// standstill, in the kernel or at the server, is read before the answer to a later PING. So if
// there was a standstill after since, the message may have come at its beginning.
func (h *Heartbeat) arrival(now time.Time, since time.Duration) time.Time {
	pauses := h.noticed(now)
	for i := len(pauses) - 1; i >= 0 && pauses[i].ended.Sub(socket.Beginning) > since; i-- {
		now = pauses[i].began
	}
	return now
}
