package socket

import (
	"sync/atomic"
	"time"
)

// Beginning is what points in time are counted from, as durations on the clock that nobody sets.
var Beginning = time.Now()

// pauses is for how long a goroutine has been kept from reading. begin and end are for that
// goroutine.
type pauses struct {
	began atomic.Int64 // nanoseconds after Beginning; 0 outside of a pause
	past  atomic.Int64 // nanoseconds, of pauses that have ended
}

func (p *pauses) begin() { p.began.Store(int64(time.Since(Beginning))) }

func (p *pauses) end() {
	p.past.Add(int64(time.Since(Beginning)) - p.began.Swap(0))
}

// total is approximate while a pause ends.
func (p *pauses) total() time.Duration {
	past := p.past.Load()
	if began := p.began.Load(); began != 0 {
		past += int64(time.Since(Beginning)) - began
	}
	return time.Duration(past)
}
