package natsio

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
)

// A countingConn counts what is written at once, and may fail.
type countingConn struct {
	net.Conn
	writes, bytes atomic.Int64
	failing       atomic.Bool
}

func (c *countingConn) Write(p []byte) (int, error) {
	if c.failing.Load() {
		n, _ := c.Conn.Write(p[:len(p)/2])
		return n, io.ErrClosedPipe
	}
	c.writes.Add(1)
	c.bytes.Add(int64(len(p)))
	return c.Conn.Write(p)
}

// secured is a framed connection over TLS, logged in, whose raw connections are given, and the server's end above TLS. The
// handshake is done.
func secured(t *testing.T, ours, theirs net.Conn) (*epochConn, *tls.Conn) {
	t.Helper()
	ca := newAuthority(t, "Relay CA")
	server := tls.Server(theirs, ca.server(soon(), "c1.fed"))
	c := &epochConn{Conn: ours, raw: ours}
	c.setFramed()
	done := make(chan error, 1)
	go func() { done <- server.Handshake() }()
	sec := security{config: &tls.Config{RootCAs: ca.pool(), ServerName: "c1.fed"}}
	if err := c.handshake(t.Context(), must(parseServer("c1.fed:4222")), sec); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	c.maxPayload.Store(maxMaxPayload)
	c.welcome.Store(true)
	return c, server
}

// over is the use of c by p.
func over(p *Publisher, c *epochConn) *epoch {
	session := newSession(server{}, func(string) {})
	session.wire = c
	ep := newEpoch(p, session)
	p.use(ep)
	return ep
}

func TestASlowServerIsNotDeadOverTLS(t *testing.T) {
	for name, orders := range map[string][]order{
		"one piece":   {{[]string{"one"}, strings.Repeat("x", 100_000)}},
		"many pieces": {{serials("many", 5), strings.Repeat("x", 20_000)}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				c, server := secured(t, ours, &slowConn{Conn: theirs, after: 10_000, pace: writePatience * 4 / 10})
				got := make(chan string)
				go func() {
					all, _ := io.ReadAll(server)
					got <- string(all)
				}()
				b := &book{orders: orders}
				p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Minute})
				ep := over(p, c)
				began := time.Now()
				b.publish(t, p)
				if took := time.Since(began); took < 5*writePatience {
					t.Errorf("written within %s: the server was not slow", took)
				}
				if err := c.cause(); err != nil || ep.written != len(framesOf(orders)) || p.current != ep {
					t.Errorf("%d written, %v", ep.written, err)
				}
				c.cut()
				if all, want := <-got, strings.Join(framesOf(orders), ""); all != want {
					t.Errorf("%d bytes arrived, want %d", len(all), len(want))
				}
				ep.end()
				pass(writePatience)
			})
		})
	}
}

// A slowConn reads 4 kB at a time, once per pace, after the first bytes.
type slowConn struct {
	net.Conn
	after int
	pace  time.Duration
}

func (c *slowConn) Read(p []byte) (int, error) {
	if c.after <= 0 {
		<-time.After(c.pace)
	}
	n, err := c.Conn.Read(p[:min(len(p), 4<<10)])
	c.after -= n
	return n, err
}

func TestAServerThatTakesNothingIsDeadOverTLS(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c, _ := secured(t, ours, theirs)
		b := &book{orders: []order{{serials("many", 5), strings.Repeat("x", 20_000)}}}
		p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Minute})
		ep := over(p, c)
		began := time.Now()
		b.publish(t, p)
		if took := time.Since(began); took < writePatience || took > 2*writePatience+p.cfg.TTL {
			t.Errorf("noticed after %s", took)
		}
		if err := c.cause(); err == nil || explain(err) != "write: timeout" {
			t.Errorf("ended because of %v", err)
		}
		ep.end()
	})
}

// How much of what TLS was given has left is not known.
func TestOverTLSAllOfAFailedWriteIsInDoubt(t *testing.T) {
	near, theirs := net.Pipe()
	ours := &countingConn{Conn: near}
	c, server := secured(t, ours, theirs)
	go io.Copy(io.Discard, server)
	b := &book{orders: []order{{serials("many", 5), "small"}, {[]string{"last"}, "framed"}}}
	p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Hour})
	ep := over(p, c)
	ours.failing.Store(true)
	p.abort = make(chan struct{})
	go func() {
		<-c.ctx.Done()
		p.Abort()
	}()
	b.publish(t, p)
	if ep.written != 6 {
		t.Errorf("%d copies in doubt", ep.written)
	}
	ep.end()
	c.Close()
}

// wired connects two ends over loopback TCP.
func wired(t *testing.T) (ours, theirs net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ours = must(net.Dial("tcp", l.Addr().String()))
	theirs = must(l.Accept())
	t.Cleanup(func() {
		ours.Close()
		theirs.Close()
	})
	return ours, theirs
}

// 12 kB to a thousand were 2,020 records, each with a call of its own.
func TestAWriteOverTLSIsOneCall(t *testing.T) {
	near, theirs := wired(t)
	ours := &countingConn{Conn: near}
	c, server := secured(t, ours, theirs)
	var arrived bytes.Buffer
	var reading sync.WaitGroup
	reading.Go(func() { io.Copy(&arrived, server) })
	handshake := ours.writes.Load()
	b := &book{orders: []order{{serials("many", 1000), strings.Repeat("x", 12_000)}}}
	p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Hour})
	ep := over(p, c)
	b.publish(t, publisherFunc(func(e *pipeline.Egress) {
		e.Received = time.Now()
		p.Publish(e)
	}))
	calls := ours.writes.Load() - handshake
	if calls > 60 {
		t.Errorf("%d calls for %d bytes", calls, ours.bytes.Load())
	}
	if sent := c.sent.Load(); sent != ours.bytes.Load() {
		t.Errorf("%d bytes entered, %d written", sent, ours.bytes.Load())
	}
	if n := cap(c.records.buf); n > 2*gatherBytes {
		t.Errorf("a buffer of %d bytes is kept", n)
	}
	c.Close()
	reading.Wait()
	if want := strings.Join(framesOf(b.orders), ""); arrived.String() != want {
		t.Errorf("%d bytes arrived, want %d", arrived.Len(), len(want))
	}
	ep.end()
}

// A goodbye must not come behind a hole, and must not wait for a socket that is stuck.
func TestNothingIsWrittenBehindAFailedWrite(t *testing.T) {
	var taken [][]byte
	fails := true
	r := &recordConn{wrote: func(int) {}}
	r.push = func(p []byte) (int, error) {
		if fails {
			fails = false
			return len(p) / 2, os.ErrDeadlineExceeded
		}
		taken = append(taken, bytes.Clone(p))
		return len(p), nil
	}
	r.gather()
	if _, err := r.Write([]byte("frames")); err != nil {
		t.Fatal(err)
	}
	if err := r.flush(); err == nil {
		t.Error("flushed through a failed write")
	}
	if _, err := r.Write([]byte("goodbye")); err == nil || len(taken) > 0 {
		t.Errorf("%v, %q written behind the hole", err, taken)
	}
}

func TestClosingDoesNotWaitForAStuckSocketOverTLS(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c, _ := secured(t, ours, theirs)
		written := make(chan error)
		go func() {
			_, err := c.write([]byte("PUB a 0\r\n\r\n"))
			written <- err
		}()
		pass(time.Second)
		began := time.Now()
		c.Close()
		if err := <-written; err == nil || time.Since(began) > 0 {
			t.Errorf("%v, after %s", err, time.Since(began))
		}
	})
}
