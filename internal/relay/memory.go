package relay

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

const (
	// stormLent is how many bytes of messages must have been under way for memory to be returned
	// afterwards.
	stormLent = 8 << 20
	// restLent is below how many bytes a relay is at rest.
	restLent = 1 << 20
	// restInterval is how often that is looked at.
	restInterval = time.Second
)

// returnMemory returns memory to the system after each storm of messages, until ctx ends. The
// garbage collector would do it late: it runs when memory is allocated, and messages need next to
// none.
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
			runtime.GC() // what pools keep survives one collection
			debug.FreeOSMemory()
			stormy = false
		}
	}
}
