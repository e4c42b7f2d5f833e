package natsio

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// shortConn takes so many bytes, then it fails.
type shortConn struct {
	net.Conn
	room  int
	taken []byte
	fault error
	cut   func() // called at the end
}

func (c *shortConn) Write(p []byte) (int, error) {
	n := min(len(p), c.room)
	c.room -= n
	c.taken = append(c.taken, p[:n]...)
	if n == len(p) {
		return n, nil
	}
	return n, c.fault
}

func (c *shortConn) Close() error {
	if c.cut != nil {
		c.cut()
		c.cut = nil
	}
	return nil
}

func (c *shortConn) SetWriteDeadline(time.Time) error { return nil }

func (c *shortConn) SetReadDeadline(time.Time) error { return errors.ErrUnsupported }

// shortConns is a publisher whose connections fail one after the other.
type shortConns struct {
	*Publisher
	conns    []*shortConn
	outboxes []*outbox

	connecting sync.WaitGroup
}

// newShortConns has each of its connections take a number of bytes that room says.
func newShortConns(ledger *pipeline.Ledger, maxPayload int, room func() int) *shortConns {
	s := &shortConns{Publisher: NewPublisher(PublisherConfig{Ledger: ledger, TTL: time.Hour})}
	var connect func()
	connect = func() {
		conn := &shortConn{room: room(), fault: io.ErrClosedPipe}
		conn.cut = func() { s.connecting.Go(connect) } // as a Link does, on its own goroutine
		o := over(s.Publisher, framedWire(conn, maxPayload))
		s.conns, s.outboxes = append(s.conns, conn), append(s.outboxes, o)
		s.use(o)
	}
	connect()
	return s
}

// end ends all epochs: nobody answers for anything.
func (s *shortConns) end() {
	for _, o := range s.outboxes {
		o.end()
	}
}

// checkWritten checks that the connections took all frames in order, each on one of them, and that
// their books say so.
func (s *shortConns) checkWritten(frames []string) error {
	s.connecting.Wait()
	for i, conn := range s.conns {
		taken, begun := string(conn.taken), 0
		for taken != "" {
			if len(frames) == 0 {
				return fmt.Errorf("connection %d has too many bytes: %.60q", i, taken)
			}
			n := min(len(frames[0]), len(taken))
			if taken[:n] != frames[0][:n] {
				return fmt.Errorf("connection %d has %.60q, want %.60q", i, taken, frames[0])
			}
			taken, frames, begun = taken[n:], frames[1:], begun+1
		}
		if written := s.outboxes[i].written; written != begun {
			return fmt.Errorf("connection %d has a part of %d copies, its books say %d", i, begun, written)
		}
	}
	if len(frames) > 0 {
		return fmt.Errorf("%d copies are missing", len(frames))
	}
	return nil
}

func TestAFailedWriteLeavesNoMoreInDoubtThanItBegan(t *testing.T) {
	orders := []order{
		{[]string{"one"}, "framed"}, {[]string{"two"}, "framed, too"}, {serials("many", 5), "small"},
		{serials("large", 3), strings.Repeat("x", shareFrom)}, {[]string{"last"}, ""},
	}
	all := len(strings.Join(framesOf(orders), ""))
	for room := 0; room <= all; room += 1 + room/200 { // every byte at first
		first := true
		b := &book{orders: orders}
		s := newShortConns(&b.ledger, largestPayload, func() int {
			if first {
				first = false
				return room
			}
			return all
		})
		b.publish(t, s)
		if err := s.checkWritten(framesOf(orders)); err != nil {
			t.Fatalf("after %d bytes: %v", room, err)
		}
		s.end()
	}
}

func TestNothingIsWrittenTwiceHoweverOftenWritesFail(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range 100 {
		b := &book{orders: randomOrders(random)}
		frames := framesOf(b.orders)
		most := 1 + len(strings.Join(frames, ""))/2
		s := newShortConns(&b.ledger, largestPayload, func() int { return random.IntN(most) })
		b.publish(t, s)
		if err := s.checkWritten(frames); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		s.end()
		if books := b.ledger.Snapshot(); !books.Balanced() || books.Fate(pipeline.Unconfirmed) != int64(len(frames)) {
			t.Fatalf("seed %d: %s", seed, books.String())
		}
	}
}

func TestTooLargePayloadsBetweenOthersAreRefusedAlone(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range 100 {
		b := &book{orders: randomOrders(random)}
		most := 1 + random.IntN(300)
		var fit []order
		for _, o := range b.orders {
			if len(o.payload) <= most {
				fit = append(fit, o)
			}
		}
		s := newShortConns(&b.ledger, most, func() int { return 1 << 30 })
		b.publish(t, s)
		if err := s.checkWritten(framesOf(fit)); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		refused := len(framesOf(b.orders)) - len(framesOf(fit))
		if books := b.ledger.Snapshot(); books.Fates[pipeline.Refused][wire.TooLarge] != int64(refused) {
			t.Fatalf("seed %d: %d too large: %s", seed, refused, books.String())
		}
		s.end()
	}
}
