package relay

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

const (
	// muchLent is how many bytes of messages a relay must have had under way to bother about the memory afterwards.
	muchLent = 8 << 20
	// littleLent is how few make a relay at rest.
	littleLent = 1 << 20
	// restInterval is how often it is looked at.
	restInterval = time.Second
)

// giveBack returns the memory of a storm to the system when the storm is over: the next collection may be minutes away
// where messages need no memory of their own. It ends with ctx.
func (r *Relay) giveBack(ctx context.Context) {
	tick := time.NewTicker(restInterval)
	defer tick.Stop()
	for owed := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		peak := r.request.pool.Peak() + r.reply.pool.Peak()
		owed = owed || peak > muchLent
		if owed && peak < littleLent {
			runtime.GC() // what pools keep survives one collection
			debug.FreeOSMemory()
			owed = false
		}
	}
}
