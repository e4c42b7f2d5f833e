package natsio

import (
	"context"
	"sync"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A gate lets batches into a pipeline, one after the other, while that runs. Connections may read
// before and after.
type gate struct {
	once   sync.Once
	opened chan struct{}

	mu   lock.Mutex[gate] // held while a batch is taken
	line pipeline.Line
	over bool
}

func (g *gate) open(line pipeline.Line) {
	g.mu.Lock()
	g.line = line
	g.mu.Unlock()
	g.once.Do(func() { close(g.opened) })
}

// shut waits for a batch on its way in; later ones are turned away.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = true
}

// take takes ownership of b. It waits for the pipeline to start, and reports whether that took b:
// it does not when it has ended, or ctx before it has begun.
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
