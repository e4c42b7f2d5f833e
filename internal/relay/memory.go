package relay

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

const (
	// stormLent is how many bytes must have been under way to count as a storm of messages.
	stormLent = 8 << 20
	// restLent is how many bytes are under way at most when a relay counts as at rest.
	restLent = 1 << 20
	// restInterval is the time between two looks at the bytes under way.
	restInterval = time.Second
)

// returnMemory returns memory to the system after each storm of messages. It blocks until ctx ends.
// The garbage collector alone would do it late, because it runs when memory is allocated, and
// messages allocate next to nothing.
func (r *Relay) returnMemory(ctx context.Context) {
	tick := time.NewTicker(restInterval)
	defer tick.Stop()
	for stormy := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		peak := r.request.pool.Peak() + r.reply.pool.Peak()
		stormy = stormy || peak > stormLent
		if stormy && peak < restLent {
			runtime.GC() // memory in a sync.Pool survives one collection
			debug.FreeOSMemory()
			stormy = false
		}
	}
}
