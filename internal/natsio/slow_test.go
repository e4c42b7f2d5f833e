package natsio

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/socket"
)

// slowly reads 4 kB at a time, once per pace, at most so many times; then it stops reading.
func slowly(conn net.Conn, pace time.Duration, times int) {
	p := make([]byte, 4<<10)
	for range times {
		<-time.After(pace)
		if _, err := conn.Read(p); err != nil {
			return
		}
	}
}

// slowOutbox is the use of a connection in a bubble whose other end reads as take does. Nobody
// confirms: whoever waits for a mutex stops the time of a bubble.
func slowOutbox(p *Publisher, take func(conn net.Conn)) *outbox {
	ours, theirs := net.Pipe()
	go take(theirs)
	return over(p, framedWire(ours, largestPayload))
}

func TestASlowServerIsNotDead(t *testing.T) {
	for name, orders := range map[string][]order{
		"one piece":   {{[]string{"one"}, strings.Repeat("x", 100_000)}},
		"many pieces": {{serials("many", 5), strings.Repeat("x", 20_000)}},
	} {
		t.Run(name, func(t *testing.T) {
			natstest.Bubble(t, func(t *testing.T) {
				b := &book{orders: orders}
				p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Hour})
				o := slowOutbox(p, func(conn net.Conn) { slowly(conn, socket.WritePatience*4/10, 1000) })
				p.use(o)
				began := time.Now()
				b.publish(t, p)
				if took := time.Since(began); took < 5*socket.WritePatience {
					t.Errorf("written within %s: the server was not slow", took)
				}
				if err := o.session.Framed().Cause(); err != nil || o.written != len(framesOf(orders)) || p.current != o {
					t.Errorf("%d written, %v", o.written, err)
				}
				o.session.Framed().Cut()
				o.end()
				natstest.Pass(socket.WritePatience)
			})
		})
	}
}

// What the stuck server has a part of is in doubt; the rest goes to the next one.
func TestAServerThatTakesNothingIsDead(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		b := &book{orders: []order{{serials("many", 5), strings.Repeat("x", 20_000)}}}
		p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Hour})
		ours, theirs := net.Pipe()
		go slowly(theirs, 0, 8)
		cut := make(chan struct{})
		conn := &greetedConn{Conn: ours, greeting: greetingOf(largestPayload), closed: sync.OnceFunc(func() { close(cut) })}
		stuck := over(p, greetedWire(t.Context(), conn, socket.Security{}))
		var got []byte
		done := make(chan struct{})
		next := slowOutbox(p, func(conn net.Conn) {
			defer close(done)
			got, _ = io.ReadAll(conn)
		})
		p.use(stuck)
		go func() {
			<-cut
			p.use(next)
		}()
		began := time.Now()
		b.publish(t, p)
		if took := time.Since(began); took < socket.WritePatience || took > 2*socket.WritePatience {
			t.Errorf("noticed after %s", took)
		}
		next.session.Framed().Cut()
		<-done
		frames := framesOf(b.orders)
		if stuck.written != 2 || next.written != 3 || string(got) != strings.Join(frames[2:], "") {
			t.Errorf("%d and %d copies written, %d bytes on the next", stuck.written, next.written, len(got))
		}
		if err := stuck.session.Framed().Cause(); !timedOut(err) {
			t.Errorf("ended because of %v", err)
		}
		stuck.end()
		next.end()
	})
}

// However long it takes: nobody but the link is late.
func TestWhatASlowServerTakesLateDoesNotExpire(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		const ttl = 3 * socket.WritePatience
		b := &book{orders: []order{{serials("many", 5), strings.Repeat("x", 20_000)}}}
		p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: ttl})
		o := slowOutbox(p, func(conn net.Conn) { slowly(conn, socket.WritePatience*4/10, 1000) })
		p.use(o)
		began := time.Now()
		b.publish(t, p)
		if took := time.Since(began); took < 2*ttl || o.written != 5 {
			t.Errorf("%d written within %s", o.written, took)
		}
		o.session.Framed().Cut()
		o.end()
		natstest.Pass(socket.WritePatience)
	})
}
