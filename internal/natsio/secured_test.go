package natsio

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/socket"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A countingConn counts what is written at once, and may fail.
type countingConn struct {
	net.Conn
	writes, bytes atomic.Int64
	failing       atomic.Bool
	closed        func() // called by Close; may be nil
}

func (c *countingConn) Close() error {
	if c.closed != nil {
		c.closed()
	}
	return c.Conn.Close()
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

func TestASlowServerIsNotDeadOverTLS(t *testing.T) {
	for name, orders := range map[string][]order{
		"one piece":   {{[]string{"one"}, strings.Repeat("x", 100_000)}},
		"many pieces": {{serials("many", 5), strings.Repeat("x", 20_000)}},
	} {
		t.Run(name, func(t *testing.T) {
			natstest.Bubble(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				c, server := securedWire(t, ours, &slowConn{Conn: theirs, after: 10_000, pace: socket.WritePatience * 4 / 10})
				got := make(chan string)
				go func() {
					all, _ := io.ReadAll(server)
					got <- string(all)
				}()
				b := &book{orders: orders}
				p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Minute})
				o := over(p, c)
				p.use(o)
				began := time.Now()
				b.publish(t, p)
				if took := time.Since(began); took < 5*socket.WritePatience {
					t.Errorf("written within %s: the server was not slow", took)
				}
				if err := c.Cause(); err != nil || o.written != len(framesOf(orders)) || p.current != o {
					t.Errorf("%d written, %v", o.written, err)
				}
				c.Cut()
				if all, want := <-got, strings.Join(framesOf(orders), ""); all != want {
					t.Errorf("%d bytes arrived, want %d", len(all), len(want))
				}
				o.end()
				natstest.Pass(socket.WritePatience)
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
	natstest.Bubble(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c, _ := securedWire(t, ours, theirs)
		b := &book{orders: []order{{serials("many", 5), strings.Repeat("x", 20_000)}}}
		p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Minute})
		o := over(p, c)
		p.use(o)
		began := time.Now()
		b.publish(t, p)
		if took := time.Since(began); took < socket.WritePatience || took > 2*socket.WritePatience+p.cfg.TTL {
			t.Errorf("noticed after %s", took)
		}
		if err := c.Cause(); !timedOut(err) {
			t.Errorf("ended because of %v", err)
		}
		o.end()
	})
}

// How much of what TLS was given has left is not known.
func TestOverTLSAllOfAFailedWriteIsInDoubt(t *testing.T) {
	near, theirs := net.Pipe()
	cut := make(chan struct{})
	ours := &countingConn{Conn: near, closed: sync.OnceFunc(func() { close(cut) })}
	c, server := securedWire(t, ours, theirs)
	go io.Copy(io.Discard, server)
	b := &book{orders: []order{{serials("many", 5), "small"}, {[]string{"last"}, "framed"}}}
	p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Hour})
	o := over(p, c)
	p.use(o)
	ours.failing.Store(true)
	p.abort = make(chan struct{})
	go func() {
		<-cut
		p.Abort()
	}()
	b.publish(t, p)
	if o.written != 6 {
		t.Errorf("%d copies in doubt", o.written)
	}
	o.end()
	c.Close()
}

// 12 kB to a thousand were 2,020 records, each with a call of its own.
func TestAWriteOverTLSIsOneCall(t *testing.T) {
	near, theirs := natstest.Wired(t)
	ours := &countingConn{Conn: near}
	c, server := securedWire(t, ours, theirs)
	var arrived bytes.Buffer
	var reading sync.WaitGroup
	reading.Go(func() { io.Copy(&arrived, server) })
	handshake := ours.writes.Load()
	b := &book{orders: []order{{serials("many", 1000), strings.Repeat("x", 12_000)}}}
	p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Hour})
	o := over(p, c)
	p.use(o)
	b.publish(t, publisherFunc(func(e *pipeline.Egress) {
		e.Received = time.Now()
		p.Publish(e)
	}))
	calls := ours.writes.Load() - handshake
	if calls > 60 {
		t.Errorf("%d calls for %d bytes", calls, ours.bytes.Load())
	}
	if sent := c.Sent(); sent != ours.bytes.Load() {
		t.Errorf("%d bytes entered, %d written", sent, ours.bytes.Load())
	}
	c.Close()
	reading.Wait()
	if want := strings.Join(framesOf(b.orders), ""); arrived.String() != want {
		t.Errorf("%d bytes arrived, want %d", arrived.Len(), len(want))
	}
	o.end()
}
