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
	"github.com/fedrelay/fedrelay/pipeline"
)

// lateServer answers so much later than it could. It denies the subjects that begin with $SYS or a
// name.
func lateServer(delay time.Duration, denied string) func(c *natstest.Conn) {
	type answer struct {
		at   time.Time
		text string
	}
	return func(c *natstest.Conn) {
		c.Welcome(natstest.Info)
		answers := make(chan answer, 1000)
		defer close(answers)
		go func() {
			for a := range answers {
				<-time.After(time.Until(a.at))
				c.Send(a.text)
			}
		}()
		say := func(text string) { answers <- answer{time.Now().Add(delay), text} }
		for {
			line, err := c.In.ReadString('\n')
			if err != nil {
				return
			}
			switch fields := strings.Fields(line); {
			case len(fields) == 0:
			case fields[0] == "PING":
				say("PONG\r\n")
			case fields[0] == "PUB" && (fields[1] == "$SYS.REQ.USER.INFO" || strings.HasPrefix(fields[1], denied)):
				say("-ERR 'Permissions Violation for Publish to \"" + fields[1] + "\"'\r\n")
			}
		}
	}
}

// What is denied after nobody waits for it any more is no copy's fate.
func TestALateAnswerToAProbeIsNoDeniedCopy(t *testing.T) {
	for name, delay := range map[string]time.Duration{"asked": 700 * time.Millisecond, "probed": 1700 * time.Millisecond, "neither": 3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
				natstest.Bubble(t, func(t *testing.T) {
					e := via(portable, endpoint(t, link.Collective, natstest.Side("192.0.2.1:4222")))
					e.Dial = natstest.Pipe(lateServer(delay, "m."))
					f := newFeeder(time.Minute)
					var told []string
					f.cfg.Rights, f.cfg.Denied = func() link.Rights { return nodeRights }, func(subject string) { told = append(told, subject) }
					stop := runLink(t, link.New(link.Config{Endpoint: e, Name: "x", Handler: f}))
					synctest.Wait()
					f.feed(serials("a", 4)...)
					natstest.Pass(30 * time.Second)
					if s := f.ledger.Snapshot(); s.Fate(pipeline.Confirmed) != 4 || told != nil {
						t.Errorf("told %q: %s", told, s.String())
					}
					stop()
					f.end(t)
					natstest.Pass(delay) // answers to nobody
				})
			})
		})
	}
}

// A deepConn is a connection with a box behind the kernel's queue.
type deepConn struct {
	net.Conn
	box int
}

func (c deepConn) Queued() int { return max(0, c.Conn.(*bufferedConn).Queued()-c.box) }

// A box may be full: the question is in there, and more waits in front of it.
func TestAFullBoxIsNotSuspected(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		const rate, mb = 125_000, 1 << 20
		e := endpoint(t, link.Collective, natstest.Side("192.0.2.1:4222"))
		dial := natstest.Pipe(newMailer().serve)
		e.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			return deepConn{buffered(conn, rate), 4*mb + 1000}, err
		}
		f := newFeeder(time.Minute)
		f.size = mb - 100
		l := link.New(link.Config{Endpoint: e, Name: "x", Handler: f})
		stop := runLink(t, l)
		synctest.Wait()
		f.feed(serials("a", 4)...)
		natstest.Pass(100 * time.Millisecond)
		f.feed(serials("b", 4)...)
		began := time.Now()
		for time.Since(began) < 70*time.Second {
			natstest.Pass(250 * time.Millisecond)
			stillFirst(t, l)
			if f.Suspected() {
				t.Fatalf("suspected after %s", time.Since(began))
			}
		}
		if s := f.ledger.Snapshot(); s.Fate(pipeline.Confirmed) != 8 {
			t.Error(s.String())
		}
		stop()
		f.end(t)
	})
}
