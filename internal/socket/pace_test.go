package socket

import (
	"net"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/natstest"
)

// A stuckQueueConn has a queue that nobody acknowledges.
type stuckQueueConn struct{ net.Conn }

func (stuckQueueConn) Queued() int { return 2 << 20 }

// However much is on the way: a network that takes nothing is dead.
func TestAQueueThatDoesNotMoveIsNotWaitedFor(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		c := framedConn(stuckQueueConn{}, nil)
		c.sent.Store(2 << 20)
		c.input.pings.push(Nobody, 2<<20)
		var k pulse
		ticks := 0
		for !k.dead(c) && ticks < 100 {
			ticks++
		}
		if ticks != MaxSilent {
			t.Errorf("given up after %d intervals", ticks)
		}
	})
}

func TestPatienceFollowsThePace(t *testing.T) {
	const mb = 1 << 20
	ask := func(sent int64, asked time.Duration) question { return question{sent: sent, asked: asked} }
	var p pace
	want := func(upTo int64, least, most time.Duration) {
		t.Helper()
		if got := p.patience(upTo); got < least || got > most {
			t.Errorf("%d bytes: %s", upTo-p.upTo, got)
		}
	}
	want(mb, 30*time.Second, 35*time.Second)     // nothing is known
	p.answered(ask(100, 0), 10*time.Millisecond) // a PING at rest says nothing
	want(mb, 30*time.Second, 35*time.Second)
	p.answered(ask(2*mb, time.Second), 2*time.Second/2) // fast
	want(3*mb, 0, 2*time.Second)
	p.answered(ask(3*mb, time.Second), 11*time.Second) // slow
	want(4*mb, 19*time.Second, 21*time.Second)
	p.answered(ask(3*mb+6, 11*time.Second), 20*time.Second) // late, for nothing
	want(4*mb, 19*time.Second, 21*time.Second)
	p.measured(mb, time.Second)
	want(4*mb, time.Second, 3*time.Second)
	p.measured(0, time.Second)
	want(4*mb, maxPatience, maxPatience)
}
