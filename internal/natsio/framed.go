package natsio

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/socket"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
)

// A framedSender writes whole frames.
type framedSender struct {
	session *link.Session
	conn    *socket.Framed
	gather  gather
}

// write implements sender. What the kernel did not take the server cannot have seen. Of a frame
// that it took a part of there is no more than doubt.
func (s *framedSender) write(e *pipeline.Egress, from cursor) (copies int, err error) {
	g := &s.gather
	g.reset()
	full := g.add(e, from, int(s.conn.MaxPayload()))
	if len(g.begins) == 0 {
		return 0, full
	}
	g.spent = g.vec
	sent, exact, err := s.conn.WriteFrames(&g.spent, g.bytes)
	switch {
	case err == nil:
		return len(g.begins), full
	case !exact:
		return len(g.begins), err
	}
	return g.copies(sent), err
}

// confirm implements sender. Whoever keeps the connection alive knows how long an answer may take.
func (s *framedSender) confirm() error { return confirmWithin(context.Background(), s.session) }

func (s *framedSender) window() time.Duration { return 10 * time.Millisecond }

// A framedInlet takes messages from the connection, where they lie. It is a socket.Receiver.
type framedInlet struct {
	*intake
	conn *socket.Framed
	sids int // given out; guarded by the source's mu
}

// start implements inlet.
func (i *framedInlet) start() {
	released := i.conn.Receive(i)
	i.source.readers = append(slices.DeleteFunc(i.source.readers, closed), released)
}

// Room implements socket.Receiver.
func (i *framedInlet) Room(n int) *pool.Buffer { return i.source.cfg.Pool.Get(n) }

// Wait implements socket.Receiver.
func (i *framedInlet) Wait(ctx context.Context, have, n int) error {
	return i.source.cfg.Pool.WaitToReplace(ctx, int64(have), int64(n), i.source.cfg.MaxBytes)
}

// Stripped implements socket.Receiver.
func (i *framedInlet) Stripped() { i.source.cfg.Ledger.StripHeaders() }

// Deliver implements socket.Receiver.
func (i *framedInlet) Deliver(ctx context.Context, b *pipeline.Batch) {
	b.Origin, b.Received = i.origin, i.arrival()
	i.source.deliver(ctx, b)
}

// admit implements inlet.
func (i *framedInlet) admit([]*subscription) (wait <-chan struct{}, err error) {
	lent := i.source.cfg.Pool.Lent()
	if lent > i.source.cfg.MaxBytes-socket.StormRead && lent > socket.StormRead {
		return nil, errFull // what came could not be read
	}
	return nil, nil
}

// subscribe implements inlet. The sids are none that nats.go ever uses. When the PONG behind an
// UNSUB is read, all messages before it have been handed over.
func (i *framedInlet) subscribe() (*subscription, error) {
	cfg := i.source.cfg
	var join, leave strings.Builder
	for range cfg.Weight {
		i.sids++
		sid := socket.SIDPrefix + strconv.Itoa(i.sids)
		join.WriteString("SUB " + cfg.Subject + " " + cfg.Queue + " " + sid + "\r\n")
		leave.WriteString("UNSUB " + sid + "\r\n")
	}
	sub := newSubscription(i.intake)
	sub.depart = func() {
		left := make(chan struct{})
		go func() {
			select {
			case <-left:
			case <-i.session.Done():
			}
			sub.end()
		}()
		_ = i.conn.Command(leave.String(), left) // a failure ends the connection
	}
	return sub, i.conn.Command(join.String(), make(chan struct{}))
}

// outlasts implements inlet. Reading may be paused, so that no answer can come: then the session is
// fine and joins later. What the server has sent meanwhile is still read.
func (i *framedInlet) outlasts(err error) bool {
	noAnswer := errors.Is(err, errFull) || errors.Is(err, context.DeadlineExceeded)
	return noAnswer && i.session.Alive()
}

// finish implements inlet.
func (i *framedInlet) finish(subs []*subscription) (lost int) {
	for _, sub := range subs {
		sub.end()
	}
	return 0
}

func (i *framedInlet) asked() time.Duration { return i.conn.Heard() }

func (i *framedInlet) answered(time.Duration) {}
