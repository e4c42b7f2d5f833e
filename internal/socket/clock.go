package socket

import (
	"sync/atomic"
	"time"
)

// Beginning is a moment at the start of the process. Points in time are durations since Beginning,
// on the monotonic clock, which nobody can set.
var Beginning = time.Now()

// pauses adds up how long a goroutine has been kept from reading. Only that goroutine calls begin
// and end.
type pauses struct {
	began atomic.Int64 // nanoseconds after Beginning; 0 outside of a pause
	past  atomic.Int64 // nanoseconds: the sum of all pauses that have ended
}

func (p *pauses) begin() { p.began.Store(int64(time.Since(Beginning))) }

func (p *pauses) end() {
	p.past.Add(int64(time.Since(Beginning)) - p.began.Swap(0))
}

// total returns the sum of all pauses. Any goroutine may call it; the result is approximate while a
// pause is just ending.
func (p *pauses) total() time.Duration {
	past := p.past.Load()
	if began := p.began.Load(); began != 0 {
		past += int64(time.Since(Beginning)) - began
	}
	return time.Duration(past)
}
