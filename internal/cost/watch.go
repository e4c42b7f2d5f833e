package cost

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

// Watcher samples one process and its children until Stop. Safe for concurrent use.
type Watcher struct {
	// Set by Watch, then read-only.
	born time.Time
	quit chan struct{}
	done chan struct{}

	mu      sync.Mutex
	tree    *tree           // guarded by mu
	samples []record.Sample // guarded by mu; At is from born
	peak    int64           // guarded by mu
}

// Watch begins at once and takes a sample every interval. The caller must Stop it.
func Watch(pid int, interval time.Duration) (*Watcher, error) {
	w := &Watcher{born: time.Now(), tree: newTree(pid), quit: make(chan struct{}), done: make(chan struct{})}
	if err := w.tree.find(); err != nil {
		return nil, fmt.Errorf("cost: process %d: %w", pid, err)
	}
	w.Sample()
	go w.run(interval)
	return w, nil
}

func (w *Watcher) run(interval time.Duration) {
	defer close(w.done)
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			w.Sample()
		case <-w.quit:
			return
		}
	}
}

// Sample takes a sample now, keeps it and returns it. Its At counts from Watch.
func (w *Watcher) Sample() record.Sample {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.tree.sample(len(w.samples)%10 == 0)
	s.At = time.Since(w.born)
	w.samples = append(w.samples, s)
	w.peak = max(w.peak, s.RSS)
	return s
}

// Between returns the samples from t up to last. Their At counts from t.
func (w *Watcher) Between(t time.Time, last record.Sample) []record.Sample {
	w.mu.Lock()
	defer w.mu.Unlock()
	begin := t.Sub(w.born)
	out := slices.Clone(w.samples)
	out = slices.DeleteFunc(out, func(s record.Sample) bool { return s.At < begin || s.At > last.At })
	for i := range out {
		out[i].At -= begin
	}
	return out
}

// PeakRSS is the most memory that a sample saw, in bytes.
func (w *Watcher) PeakRSS() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.peak
}

// HighWater is the most memory that the processes ever had resident, in bytes. The kernel keeps
// that mark, so it misses nothing, but it also counts what was before Watch.
func (w *Watcher) HighWater() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.tree.find() // the process may have ended: then there is nothing to read
	return w.tree.highWater()
}

// Connections counts the established TCP connections now.
func (w *Watcher) Connections() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, pid := range w.tree.pids {
		n += connections(pid)
	}
	return n
}

// Stop takes no more samples and waits for the last one.
func (w *Watcher) Stop() {
	close(w.quit)
	<-w.done
}
