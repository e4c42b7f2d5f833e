package natsio

import (
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/socket"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A boxedConn is a connection behind a middle box: that acknowledges what it has not passed on.
type boxedConn struct{ net.Conn }

func (boxedConn) Queued() int { return 0 }

// boxed has a feeder's copies pass a box that passes on rate bytes a second, to a server that may
// be mute after the login.
func boxed(t *testing.T, rate int, mute *mailer) (f *feeder, l *link.Link, stop func()) {
	t.Helper()
	e := endpoint(t, link.Collective, natstest.Side("192.0.2.1:4222"))
	dial := natstest.Pipe(mute.serve)
	e.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return boxedConn{buffered(conn, rate)}, err
	}
	f = newFeeder(time.Minute)
	f.size = 1<<20 - 100
	l = link.New(link.Config{Endpoint: e, Name: "x", Handler: f})
	stop = runLink(t, l)
	synctest.Wait()
	return f, l, stop
}

// 4 MB at 1 Mbit/s: answers take half a minute, and nothing says that the server lives.
func TestABoxThatBuffersMegabytesIsNotADeadServer(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f, l, stop := boxed(t, 125_000, newMailer())
		for range 3 {
			f.feed(serials("a", 4)...)
			natstest.Pass(50 * time.Second)
			stillFirst(t, l)
		}
		if s := f.ledger.Snapshot(); s.Fate(pipeline.Confirmed) != 12 {
			t.Error(s.String())
		}
		stop()
		f.end(t)
	})
}

// A fast answer to little does not say how long much takes.
func TestABoxIsNotTakenForFastBecauseOfALittle(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f, l, stop := boxed(t, 125_000, newMailer())
		f.size = 10_000
		f.feed("small")
		natstest.Pass(20 * time.Second)
		f.size = 1<<20 - 100
		f.feed(serials("a", 4)...)
		natstest.Pass(time.Minute)
		stillFirst(t, l)
		if s := f.ledger.Snapshot(); s.Fate(pipeline.Confirmed) != 5 {
			t.Error(s.String())
		}
		stop()
		f.end(t)
	})
}

// givenUp is how long l keeps its connection.
func givenUp(l *link.Link) time.Duration {
	began := time.Now()
	for st := l.Status(); st.Connected && st.Epoch == 1 && time.Since(began) < time.Hour; st = l.Status() {
		natstest.Pass(time.Second)
	}
	return time.Since(began)
}

// Behind a box, too, a server that is gone is noticed as soon as it would have answered.
func TestADeadServerBehindABoxIsNoticed(t *testing.T) {
	for name, c := range map[string]struct {
		copies      int
		least, most time.Duration
	}{
		"with little on the way": {0, socket.MaxSilent * socket.PingInterval, (socket.MaxSilent + 1) * socket.PingInterval},
		"with much on the way":   {4, 16 * time.Second, 70*time.Second + socket.PingInterval},
		"with too much":          {40, 16 * time.Second, 3*time.Minute + 2*socket.PingInterval},
	} {
		t.Run(name, func(t *testing.T) {
			natstest.Bubble(t, func(t *testing.T) {
				m := newMailer()
				f, l, stop := boxed(t, 125_000, m)
				f.feed(serials("a", 4)...) // the pace
				natstest.Pass(time.Minute)
				m.mute.Store(true)
				if c.copies > 0 {
					f.feed(serials("b", c.copies)...)
				}
				if took := givenUp(l); took < c.least || took > c.most {
					t.Errorf("given up after %s", took)
				}
				if !strings.Contains(l.Status().LastError, "stale connection") {
					t.Errorf("%+v", l.Status())
				}
				stop()
				f.end(t)
			})
		})
	}
}
