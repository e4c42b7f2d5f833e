package natsio

import (
	"context"
	"sync"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A gate lets batches into a pipeline, one after the other, while the pipeline runs. Connections
// may read before the pipeline starts and after its end.
type gate struct {
	once   sync.Once
	opened chan struct{}

	mu   lock.Mutex[gate] // held while a batch is taken, or while hold runs
	line pipeline.Line
	over bool
}

func (g *gate) open(line pipeline.Line) {
	g.mu.Lock()
	g.line = line
	g.mu.Unlock()
	g.once.Do(func() { close(g.opened) })
}

// shut closes the gate: later batches are turned away. It blocks until a batch that is on its way
// in has been taken.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = true
}

// hold runs f while no batch is let in. It returns false, without calling f, if a batch is being
// taken, if the pipeline has not started, or if it has ended. It blocks for as long as f.
func (g *gate) hold(f func()) bool {
	if !g.mu.TryLock() {
		return false
	}
	defer g.mu.Unlock()
	if g.over || g.line == nil {
		return false
	}
	f()
	return true
}

// take takes ownership of b. It blocks until the pipeline has started and has taken b. It frees b
// and returns false if the pipeline has ended, or if ctx ends before the pipeline has started.
func (g *gate) take(ctx context.Context, b *pipeline.Batch) bool {
	select {
	case <-g.opened:
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over || g.line == nil {
		b.Free()
		return false
	}
	g.line.Take(b)
	return true
}
