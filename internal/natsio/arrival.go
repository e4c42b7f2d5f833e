package natsio

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// arrivals is what an intake knows about when its messages arrived.
type arrivals struct {
	asked atomic.Int64             // in nanoseconds after beginning: the last time because of a pause
	heard atomic.Pointer[landmark] // where nats.go reads
}

// A landmark is a place in what nats.go hands over: messages from there on were sent after it was asked for.
type landmark struct {
	from          uint64 // by number
	asked, before time.Duration
}

// askAgain is how often the server is asked until it has answered.
const askAgain = time.Second

// arrival is when the next message arrived, as far as is known. What is read after a pause may have waited all through it, until
// the server has answered a question of after that.
func (in *intake) arrival() time.Time {
	now := time.Now()
	at := in.source.cfg.Heartbeat.arrival(now, in.heard())
	if at.Before(now) {
		in.ask(now.Sub(socket.Beginning))
	}
	return at
}

// heard is when the question was asked, after beginning, whose answer came before the next message.
func (in *intake) heard() time.Duration {
	h := in.arrivals.heard.Load()
	if h == nil {
		return in.session.Wire.Heard()
	}
	if in.handled.Load() < h.from {
		return h.before
	}
	return h.asked
}

// ask has the server asked, beside everything else.
func (in *intake) ask(now time.Duration) {
	last := in.arrivals.asked.Load()
	if last != 0 && now-time.Duration(last) < askAgain || !in.arrivals.asked.CompareAndSwap(last, int64(now)) {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), barrierTimeout)
		defer cancel()
		if in.session.RoundTrip(ctx) == nil && !in.session.Framed() {
			from := in.session.Conn.Stats().InMsgs
			in.arrivals.heard.Store(&landmark{from, now, in.heard()})
		}
	}()
}
