package natsio

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/socket"
)

// An intake is the use of one session by a source.
type intake struct {
	source  *Source
	session *link.Session
	origin  string       // URL of the server
	inlet   inlet        // set once
	pinged  atomic.Int64 // nanoseconds from socket.Beginning to the last ping; 0: none

	// Guarded by the source's mu.
	subs     []*subscription // all that may still bring messages
	replaced *subscription   // replaced by that of another session; nil if none was
}

// newIntake makes session bring its messages to s. s.mu is held.
func newIntake(s *Source, session *link.Session) *intake {
	i := &intake{source: s, session: session, origin: session.URL()}
	i.inlet = newInlet(i)
	i.inlet.start()
	return i
}

// pingAgain is the time between two PINGs, until the server has answered one.
const pingAgain = time.Second

// answerTimeout is how long to wait for an answer where no keep-alive of ours decides.
const answerTimeout = 20 * time.Second

// arrival returns when the message at hand may have arrived at the earliest. A message that is read
// after a standstill may have waited from its beginning. Once the server has answered a PING sent
// after the standstill, messages are new again, so arrival sends one. It does not block.
func (i *intake) arrival() time.Time {
	now := time.Now()
	arrived := i.source.cfg.Heartbeat.arrival(now, i.inlet.asked())
	if arrived.Before(now) {
		i.ping(now.Sub(socket.Beginning))
	}
	return arrived
}

// ping sends a PING from a goroutine of its own, unless the last one was sent a moment ago. It does
// not block.
func (i *intake) ping(now time.Duration) {
	last := i.pinged.Load()
	tooSoon := last != 0 && now-time.Duration(last) < pingAgain
	if tooSoon || !i.pinged.CompareAndSwap(last, int64(now)) {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), answerTimeout)
		defer cancel()
		if i.session.RoundTrip(ctx) == nil {
			i.inlet.answered(now)
		}
	}()
}

func closed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}
