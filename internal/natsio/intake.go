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
	pinged  atomic.Int64 // in nanoseconds after socket.Beginning: the last time because of a pause

	// Guarded by the source's mu.
	subs []*subscription // that may still bring messages
	left *subscription   // the last one, in whose place another session has joined
}

// newIntake has session bring its messages to s, whose mu is held.
func newIntake(s *Source, session *link.Session) *intake {
	i := &intake{source: s, session: session, origin: session.URL()}
	i.inlet = newInlet(i)
	i.inlet.start()
	return i
}

// pingAgain is how often the server is asked until it has answered.
const pingAgain = time.Second

// answerTimeout is how long an answer is waited for where nobody else judges that.
const answerTimeout = 20 * time.Second

// arrival is when the message at hand arrived, as far as is known. What is read after a pause may
// have waited all through it, until the server has answered a PING of after that.
func (i *intake) arrival() time.Time {
	now := time.Now()
	arrived := i.source.cfg.Heartbeat.arrival(now, i.inlet.asked())
	if arrived.Before(now) {
		i.ping(now.Sub(socket.Beginning))
	}
	return arrived
}

// ping has the server asked, beside everything else. It does not block.
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
