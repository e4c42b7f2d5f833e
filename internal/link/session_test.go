package link

import (
	"context"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/natstest"
)

// lingering sets a linger function on every session and reports its calls.
func lingering(r *recorder, f func()) {
	r.attach = func(_ context.Context, s *Session) error {
		s.SetLinger(f)
		return nil
	}
}

// Without a linger function, what nats.go has queued is gone as soon as the server is.
func TestLingerLetsQueuedMessagesBeConsumed(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		for name, last := range map[string]string{"EOF": "", "-ERR": "-ERR 'Unknown'\r\n"} {
			t.Run(name, func(t *testing.T) {
				ready := make(chan struct{}, 100)
				address := natstest.Server(t, func(c *natstest.Conn) {
					c.Welcome(natstest.Info)
					c.In.ReadString('\n') // SUB
					<-ready
					c.Send(strings.Repeat("MSG a 1 5\r\nhello\r\n", 100) + last)
				})
				var r recorder
				var got, early atomic.Int64
				r.attach = func(_ context.Context, s *Session) error {
					sub, err := s.Conn.SubscribeSync("a")
					if err != nil {
						return err
					}
					s.SetLinger(func() {
						for {
							if _, err := sub.NextMsg(50 * time.Millisecond); err != nil {
								break
							}
							got.Add(1)
						}
						if s.Conn.IsClosed() {
							early.Add(1)
						}
					})
					ready <- struct{}{}
					return nil
				}
				run(t, &r, portably(portable, endpoint(t, Federation, natstest.Side(address))))
				natstest.Eventually(t, "loss", func() bool { return r.did("lost 1") })
				if got.Load() < 100 || early.Load() != 0 {
					t.Errorf("%d of 100 consumed, closed early %d times", got.Load(), early.Load())
				}
			})
		}
	})
}

func TestNoLingerWhenWeClose(t *testing.T) {
	address := natstest.Server(t, func(c *natstest.Conn) {
		c.Welcome(natstest.Info)
		c.AnswerPings()
	})
	var r recorder
	var calls atomic.Int64
	lingering(&r, func() { calls.Add(1) })
	_, stop := run(t, &r, endpoint(t, Federation, natstest.Side(address)))
	natstest.Eventually(t, "attach", func() bool { return r.did("attach 1") })
	stop()
	if calls.Load() != 0 {
		t.Error("lingered over a close of our own")
	}
}

func TestPermissionViolationDoesNotLinger(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		address := natstest.Server(t, func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			c.Send("-ERR 'Permissions Violation for Publish to \"a\"'\r\n")
			c.AnswerPings()
		})
		var r recorder
		var calls atomic.Int64
		lingering(&r, func() { calls.Add(1) })
		_, stop := run(t, &r, portably(portable, endpoint(t, Federation, natstest.Side(address))))
		natstest.Eventually(t, "denial", func() bool { return r.Counted(EventPermissionDenied) == 1 })
		stop()
		if calls.Load() != 0 || r.did("lost 1") {
			t.Errorf("lingered %d times, calls %v", calls.Load(), r.history())
		}
	})
}

// nats.go alone would make a buffer of the announced size, and panic.
func TestHostileServerEndsOnlyTheConnection(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		for _, attack := range []string{
			"MSG a 1 9223372036854775807\r\nabc",
			"HMSG a 1 5 4611686018427387904\r\nabc",
			"INFO {\"max_payload\":-1,\"connect_urls\":null}\r\n\x00\x00\x00\r\n",
			"INFO " + strings.Repeat("A", 2<<20),
			"-ERR " + strings.Repeat("A", 2<<20),
			"PANG\r\n",
			"MSG a 1 2\r\nabXYMSG a 1 30\r\nMSG a 1 9223372036854775807\r\nabc\r\n",
		} {
			t.Run(attack[:min(len(attack), 12)], func(t *testing.T) {
				address := natstest.Server(t, func(c *natstest.Conn) {
					c.Welcome(natstest.Info)
					c.Send(attack)
					c.AnswerPings()
				})
				var r recorder
				run(t, &r, portably(portable, endpoint(t, Federation, natstest.Side(address))))
				natstest.Eventually(t, "second attach", func() bool { return r.did("attach 2") })
				if err := r.lastLost(t); len(explain(err)) > 400 {
					t.Errorf("an error of %d bytes", len(explain(err)))
				}
			})
		}
	})
}

func TestOddGreetings(t *testing.T) {
	for name, c := range map[string]struct{ send, want string }{
		"http":      {"HTTP/1.1 400 Bad Request\r\n\r\n", "no NATS greeting"},
		"broken":    {"INFO {\"tls_required\":12}\r\n", "broken greeting"},
		"endless":   {"INFO " + strings.Repeat("A", 2<<20), "more than 1048576 bytes"},
		"hangs up":  {"", "waiting for the greeting: the server closed the connection"},
		"not ready": {"-ERR 'Connection throttling is active. Please try again later.'\r\n", "no NATS greeting: the server said: Connection throttling is active."},
	} {
		t.Run(name, func(t *testing.T) {
			address := natstest.Server(t, func(f *natstest.Conn) { f.Send(c.send) })
			var r recorder
			l, _ := run(t, &r, endpoint(t, Federation, natstest.Side(address)))
			natstest.Eventually(t, "failure", func() bool { return r.Counted(EventConnectFailed) > 0 })
			if got := l.Status().LastError; !strings.Contains(got, c.want) {
				t.Errorf("error %q", got)
			}
		})
	}
}

func TestMaxPayloadIsSane(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		for announced, want := range map[string]int64{
			"-1": 64 << 20, "0": 1 << 20, "9223372036854775807": 64 << 20, "4096": 4096,
		} {
			address := natstest.Server(t, func(c *natstest.Conn) {
				c.Welcome(`{"proto":1,"max_payload":` + announced + `}`)
				c.AnswerPings()
			})
			var r recorder
			_, stop := run(t, &r, portably(portable, endpoint(t, Federation, natstest.Side(address))))
			natstest.Eventually(t, "attach", func() bool { return r.did("attach 1") })
			if got := r.session().MaxPayload(); got != want {
				t.Errorf("announced %s: %d", announced, got)
			}
			stop()
		}
	})
}

// A stuckConn fails writes once it is told to. Nothing of them is written, as when the server's
// window is full.
type stuckConn struct {
	net.Conn
	stuck atomic.Bool
}

func (c *stuckConn) Write(p []byte) (int, error) {
	if c.stuck.Load() {
		return 0, os.ErrDeadlineExceeded
	}
	return c.Conn.Write(p)
}

// nats.go forgets the bytes of a failed write and carries on. A later PONG would then confirm what
// was never sent.
func TestFailedWriteEndsTheConnection(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		e := portably(portable, endpoint(t, Federation, natstest.Side("192.0.2.1:4222")))
		conns := make(chan *stuckConn, 10)
		pipe := natstest.Pipe(func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			c.AnswerPings()
		})
		e.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := pipe(ctx, network, address)
			s := &stuckConn{Conn: conn}
			conns <- s
			return s, err
		}
		var r recorder
		var lingered atomic.Int64
		lingering(&r, func() { lingered.Add(1) })
		run(t, &r, e)
		natstest.Eventually(t, "attach", func() bool { return r.did("attach 1") })
		conn, s := <-conns, r.session()
		conn.stuck.Store(true)
		if err := s.Conn.Publish("a", nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Conn.Flush(); err == nil {
			t.Error("flushed through a failed write")
		}
		conn.stuck.Store(false)
		natstest.Eventually(t, "loss", func() bool { return r.did("lost 1") })
		if got := explain(r.lastLost(t)); got != "write: timeout" {
			t.Errorf("lost because of %q", got)
		}
		if lingered.Load() != 1 {
			t.Errorf("lingered %d times", lingered.Load())
		}
	})
}

func TestSlowConsumerIsCounted(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		ready := make(chan struct{}, 10)
		address := natstest.Server(t, func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			c.In.ReadString('\n') // SUB
			<-ready
			c.Send(strings.Repeat("MSG a 1 1\r\nx\r\n", 100))
			c.AnswerPings()
		})
		var r recorder
		r.attach = func(_ context.Context, s *Session) error {
			_, err := s.Conn.ChanSubscribe("a", make(chan *nats.Msg, 10))
			ready <- struct{}{}
			return err
		}
		run(t, &r, portably(portable, endpoint(t, Federation, natstest.Side(address))))
		natstest.Eventually(t, "event", func() bool { return r.Counted(EventSlowConsumer) > 0 })
	})
}
