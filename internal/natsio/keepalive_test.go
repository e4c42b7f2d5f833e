package natsio

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/socket"
	"github.com/fedrelay/fedrelay/pipeline"
)

// waiting has r serve a mailer that has sent it so many messages, of which it has taken none.
func waiting(t *testing.T, r *tester, numbers int) (m *mailer, sid string, l *link.Link, stop func()) {
	t.Helper()
	m = newMailer()
	r.start(t)
	l, stop = mailed(t, m, r)
	synctest.Wait()
	serve(t, r.Source)
	sid = <-m.sids
	m.mail(sid, numbers)
	synctest.Wait()
	return m, sid, l, stop
}

func stillFirst(t *testing.T, l *link.Link) {
	t.Helper()
	if st := l.Status(); !st.Connected || st.Epoch != 1 {
		t.Fatalf("status %+v", st)
	}
}

// numbered checks that messages are the serial numbers from first on.
func numbered(t *testing.T, messages []string, first int) {
	t.Helper()
	for i, m := range messages {
		if want := fmt.Sprint(first + i); m != want {
			t.Fatalf("message %d is %.40q, want %s", i, m, want)
		}
	}
}

func TestAConnectionLastsWhileThePathTakesNothing(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		r := newTester(0)
		m, sid, l, stop := waiting(t, r, 100)
		natstest.Pass(5 * time.Minute)
		stillFirst(t, l)
		numbered(t, r.next(t, 100), 0)
		natstest.Pass(time.Minute)
		m.mail(sid, 10)
		numbered(t, r.next(t, 10), 0)
		stillFirst(t, l)
		r.Close()
		r.rest(t)
		r.givesBack(t, stop)
	})
}

func TestAConnectionLastsWhileTooMuchIsUnderWay(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		r := boundTester(0, 1<<20)
		m, sid, l, stop := waiting(t, r, 0)
		large := strings.Repeat("x", 700_000)
		m.out <- fmt.Sprintf("MSG in %s %d\r\n%s\r\n", sid, len(large), large)
		m.mail(sid, 100)
		held := r.receive(t)
		natstest.Pass(5 * time.Minute)
		stillFirst(t, l)
		select {
		case b := <-r.taken:
			t.Errorf("%d messages in spite of %d bytes lent", len(b.Messages), r.pool.Lent())
		default:
		}
		held.Free()
		numbered(t, r.next(t, 100), 0)
		natstest.Pass(time.Minute)
		stillFirst(t, l)
		r.Close()
		r.rest(t)
		r.givesBack(t, stop)
	})
}

// After a pause the answers to the pings of that time wait behind messages.
func TestPingsOfAPauseAreNotLate(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		const backlog = int(maxDeafIntervals*socket.PingInterval/time.Second) * 2 / 3
		r := newTester(0)
		m, _, l, stop := waiting(t, r, backlog)
		natstest.Pass(5 * time.Minute)
		m.pace.Store(int64(time.Second))
		numbered(t, r.next(t, backlog), 0)
		m.pace.Store(0)
		natstest.Pass(time.Minute)
		stillFirst(t, l)
		r.Close()
		r.rest(t)
		r.givesBack(t, stop)
	})
}

func TestAnswersBehindASlowPathAreNotLate(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		const backlog = 100
		r := newTester(0)
		_, _, l, stop := waiting(t, r, backlog)
		for i := range backlog {
			natstest.Pass(2 * time.Second)
			numbered(t, r.next(t, 1), i)
		}
		natstest.Pass(time.Minute)
		stillFirst(t, l)
		r.Close()
		r.rest(t)
		r.givesBack(t, stop)
	})
}

// On a slow link our PINGs wait behind what we have sent, in buffers that are not ours.
func TestLateAnswersAreAnswers(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		r := newTester(0)
		m, _, l, stop := waiting(t, r, 0)
		// Each answer is later than the one before.
		m.pace.Store(int64(socket.PingInterval * 11 / 10))
		natstest.Pass(5 * time.Minute)
		stillFirst(t, l)
		r.Close()
		r.rest(t)
		m.pace.Store(0)
		r.givesBack(t, stop)
	})
}

// The PINGs of a server come on a connection that takes nothing, too.
func TestAServerThatOnlyAsksIsGivenUp(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		r := newTester(0)
		m, _, l, stop := waiting(t, r, 0)
		m.mute.Store(true)
		began := time.Now()
		for l.Status().Connected && time.Since(began) < time.Hour {
			m.out <- "PING\r\n"
			natstest.Pass(time.Second)
		}
		if took := time.Since(began); took > (socket.MaxSilent+2)*socket.PingInterval {
			t.Errorf("given up after %s", took)
		}
		stop()
	})
}

// maxDeafIntervals is for how many intervals a server may send and not answer.
const maxDeafIntervals = 12

// mutely has m send a message a second for ten minutes, or until l has no connection, and not
// answer pings.
func mutely(t *testing.T, m *mailer, sid string, r *tester, l *link.Link) (lasted time.Duration) {
	t.Helper()
	m.mute.Store(true)
	for lasted < 10*time.Minute && l.Status().Connected {
		m.mail(sid, 1)
		r.next(t, 1)
		natstest.Pass(time.Second)
		lasted += time.Second
	}
	return lasted
}

func TestAServerThatSendsButNeverAnswersIsGivenUp(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		r := newTester(0)
		m, sid, l, stop := waiting(t, r, 0)
		if lasted := mutely(t, m, sid, r, l); lasted < maxDeafIntervals*socket.PingInterval || lasted > (maxDeafIntervals+2)*socket.PingInterval {
			t.Errorf("given up after %s", lasted)
		}
		if !strings.Contains(l.Status().LastError, "stale connection") {
			t.Errorf("%+v", l.Status())
		}
		stop()
	})
}

// An acknowledgedConn has passed on whatever it has taken.
type acknowledgedConn struct{ net.Conn }

func (acknowledgedConn) Queued() int { return 0 }

// Its answers may wait behind a backlog.
func TestAServerThatSendsAndTakesLastsThoughItDoesNotAnswer(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f := meet(t, newTester(0))
		if lasted := mutely(t, f.one, <-f.one.sids, f.tester, f.link); lasted < 10*time.Minute {
			t.Errorf("given up after %s", lasted)
		}
		natstest.Pass((socket.MaxSilent + 2) * socket.PingInterval)
		if st := f.link.Status(); !strings.Contains(st.LastError, "stale connection") {
			t.Errorf("silent, and not given up: %+v", st)
		}
		f.settle(t)
	})
}

// A bufferedConn takes whatever is written, and passes it on at its own pace.
type bufferedConn struct {
	net.Conn
	queue chan []byte
	bytes atomic.Int64 // in queue, or on their way from there
	close func() error
}

// buffered gives conn a buffer that is emptied at rate, in bytes a second.
func buffered(conn net.Conn, rate int) net.Conn {
	ctx, cancel := context.WithCancel(context.Background())
	c := &bufferedConn{Conn: conn, queue: make(chan []byte, 100_000)}
	c.close = sync.OnceValue(func() error { cancel(); return conn.Close() })
	go func() {
		for {
			var p []byte
			select {
			case p = <-c.queue:
			case <-ctx.Done():
				return
			}
			for piece := range slices.Chunk(p, rate/10) {
				<-time.After(time.Second * time.Duration(len(piece)) / time.Duration(rate))
				if _, err := conn.Write(piece); err != nil {
					return
				}
				c.bytes.Add(int64(-len(piece)))
			}
		}
	}()
	return c
}

func (c *bufferedConn) Close() error { return c.close() }

func (c *bufferedConn) Queued() int { return int(c.bytes.Load()) }

func (c *bufferedConn) Write(p []byte) (int, error) {
	c.bytes.Add(int64(len(p)))
	c.queue <- bytes.Clone(p)
	return len(p), nil
}

func (c *bufferedConn) SetWriteDeadline(time.Time) error { return nil }

func TestALargeMessageOnASlowLinkIsWaitedFor(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		dial := natstest.Pipe(func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			c.Converse(func(string) bool { return true })
		})
		e := endpoint(t, link.Collective, natstest.Side("192.0.2.1:4222"))
		e.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			return buffered(conn, 20_000), err
		}
		f := newFeeder(time.Hour)
		f.size = 1<<20 - 100
		l := link.New(link.Config{Endpoint: e, Name: "x", Handler: f})
		stop := runLink(t, l)
		synctest.Wait()
		f.feed("a")
		natstest.Pass(2 * time.Minute)
		stillFirst(t, l)
		if s := f.ledger.Snapshot(); s.Fate(pipeline.Confirmed) != 1 {
			t.Error(s.String())
		}
		stop()
		f.end(t)
	})
}
