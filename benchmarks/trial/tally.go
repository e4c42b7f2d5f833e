package trial

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/message"
)

// probe is the serial number of messages that are only to find out whether the relay works.
const probe = 99_999_999

// stray is the key of a message that has come to the wrong place.
const stray = -1

// A tally counts messages that arrive. Each has a key, which no other message has.
type tally struct {
	body     message.Body
	patience time.Duration // how long nothing may arrive before what is missing counts as lost
	probed   chan struct{} // holds a value once a probe has come

	// Guarded by mu.
	mu         sync.Mutex
	first      int         // least key that may arrive now
	seen       []bool      // by key, from first
	when       []time.Time // by key, if timed
	timed      bool
	expected   int
	got        int // of those expected
	total      int // since the beginning
	lost       int
	duplicates int
	strays     int
	damaged    error
	last       time.Time
	done       chan struct{}
}

func newTally(b message.Body, patience time.Duration) *tally {
	return &tally{body: b, patience: patience, probed: make(chan struct{}, 1)}
}

// arm expects so many messages with keys k, first <= k < first+span, and forgets those of before.
func (t *tally) arm(first, span, expected int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if cap(t.seen) < span {
		t.seen = make([]bool, span)
	}
	if t.timed {
		t.when = make([]time.Time, span)
	}
	t.seen = t.seen[:span]
	clear(t.seen)
	t.first, t.expected, t.got = first, expected, 0
	t.done = make(chan struct{})
}

// arrived notes one message. key turns a serial number into a key. fresh is false for what does not
// count.
func (t *tally) arrived(payload []byte, key func(serial int) int) (k int, fresh bool) {
	serial, err := t.body.Check(payload)
	if serial == probe {
		t.probe()
		return 0, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.damaged = err
		return 0, false
	}
	k = key(serial)
	return k, t.count(k - t.first)
}

func (t *tally) count(i int) (fresh bool) {
	switch {
	case i < 0 || i >= len(t.seen):
		t.strays++
		return false
	case t.seen[i]:
		t.duplicates++
		return false
	}
	t.seen[i] = true
	t.got++
	t.total++
	if t.timed {
		t.when[i] = time.Now()
	}
	if t.got == t.expected {
		t.last = time.Now()
		close(t.done)
	}
	return true
}

func (t *tally) probe() {
	select {
	case t.probed <- struct{}{}:
	default:
	}
}

// awaitAll waits until all that is expected has arrived, and returns when the last message did. If
// nothing arrives for too long it gives up: the rest is lost.
func (t *tally) awaitAll(ctx context.Context) (time.Time, error) {
	tick := time.NewTicker(t.patience)
	defer tick.Stop()
	for before := -1; ; {
		select {
		case <-t.done:
			t.mu.Lock()
			defer t.mu.Unlock()
			return t.last, nil
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		case <-tick.C:
			got := t.progress()
			if got == before {
				return t.giveUp(), nil
			}
			before = got
		}
	}
}

func (t *tally) progress() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.got
}

func (t *tally) giveUp() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lost += t.expected - t.got
	return t.last
}

// noteTime notes when the last message arrived, in case no more follow.
func (t *tally) noteTime() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.got < t.expected {
		t.last = time.Now()
	}
}

// fault says what went wrong; empty if nothing did.
func (t *tally) fault() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.damaged != nil:
		return t.damaged.Error()
	case t.lost > 0:
		return fmt.Sprintf("%d lost", t.lost)
	case t.duplicates > 0:
		return fmt.Sprintf("%d arrived twice", t.duplicates)
	case t.strays > 0:
		return fmt.Sprintf("%d arrived that nobody had sent", t.strays)
	}
	return ""
}

// latencies returns how long after its planned time each message arrived. planned returns false for
// keys that do not count.
func (t *tally) latencies(planned func(key int) (time.Time, bool)) (all []time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, at := range t.when {
		if from, ok := planned(t.first + i); ok && t.seen[i] {
			all = append(all, at.Sub(from))
		}
	}
	return all
}
