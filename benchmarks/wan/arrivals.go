package wan

import (
	"context"
	"fmt"
	"hash/maphash"
	"sync"
	"time"
)

// arrivals count what arrives. Each expected thing has a key and must come once.
type arrivals struct {
	mu    sync.Mutex
	due   map[uint64]bool // guarded by mu, like all below; by hash of the key: has it come
	left  int
	wrong string // what should not have come, empty if all is well
	last  time.Time
	done  chan struct{} // closed when nothing is left
}

var keySeed = maphash.MakeSeed()

// expect forgets what was before.
func (a *arrivals) expect(keys [][]byte) {
	due := make(map[uint64]bool, len(keys))
	for _, k := range keys {
		due[maphash.Bytes(keySeed, k)] = false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.due, a.left, a.wrong, a.done = due, len(due), "", make(chan struct{})
}

func (a *arrivals) arrived(key []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	h := maphash.Bytes(keySeed, key)
	came, expected := a.due[h]
	switch {
	case !expected:
		a.wrong = fmt.Sprintf("what nobody sent: %.60q", key)
	case came:
		a.wrong = fmt.Sprintf("twice: %.60q", key)
	default:
		a.due[h] = true
		a.last = time.Now()
		if a.left--; a.left == 0 {
			close(a.done)
		}
	}
}

// fail notes that something came that was not whole.
func (a *arrivals) fail(why string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wrong = why
}

// patience is how long nothing may arrive before what is missing counts as lost.
const patience = 15 * time.Second

// await waits until all has arrived, and returns when the last did and what went wrong. It gives up
// when nothing comes for too long.
func (a *arrivals) await(ctx context.Context) (last time.Time, wrong string, err error) {
	a.mu.Lock()
	done, before := a.done, -1
	a.mu.Unlock()
	tick := time.NewTicker(patience)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return a.result()
		case <-ctx.Done():
			return last, "", ctx.Err()
		case <-tick.C:
			a.mu.Lock()
			left := a.left
			a.mu.Unlock()
			if left == before {
				return a.result()
			}
			before = left
		}
	}
}

func (a *arrivals) result() (time.Time, string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.left > 0 {
		return a.last, fmt.Sprintf("%d of %d lost", a.left, len(a.due)), nil
	}
	return a.last, a.wrong, nil
}
