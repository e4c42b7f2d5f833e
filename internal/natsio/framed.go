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

// A framedSender is the sender of the framed plane. It writes whole frames to the connection.
type framedSender struct {
	session *link.Session
	conn    *socket.Framed
}

// write implements sender. The server cannot have seen frames of which the kernel took nothing. A
// frame of which the kernel took a part counts as written, and is in doubt.
func (s *framedSender) write(e *pipeline.Egress, from cursor, answered func()) (copies int, asked bool, err error) {
	g := borrowGather()
	defer g.giveBack()
	full := g.add(e, from, int(s.conn.MaxPayload()))
	if len(g.begins) == 0 {
		return 0, false, full
	}
	g.vec = slices.Grow(g.vec, 1) // for the PING
	g.rest = g.vec
	sent, exact, err := s.conn.WriteFrames(&g.rest, g.bytes, answered)
	switch {
	case err == nil:
		return len(g.begins), answered != nil, full
	case !exact:
		return len(g.begins), false, err
	}
	return g.copies(sent), false, err
}

// promptBytes is how many bytes a socket takes at once if nothing else waits in it. Linux begins
// with a send buffer of 85 KiB, overhead included, for a segment size of 1,460 bytes, and of more
// for a larger one. It only shrinks when all sockets together use too much memory. Other systems
// begin with 32 KiB or more. The bound on bytes that are not sent yet is far higher (package
// socket).
const promptBytes = 32 << 10

// prompt implements sender. What the server has not answered for may still be in the socket.
func (s *framedSender) prompt(bytes int) bool {
	return s.conn.Unanswered()+int64(bytes) <= promptBytes
}

// ask implements sender. It sets no limit of its own, because the keep-alive of the connection
// knows how long an answer may take.
func (s *framedSender) ask(answered func()) {
	_ = s.conn.Command("", answered) // a failure ends the connection
}

func (s *framedSender) delay() time.Duration { return barrierDelay }

// A framedInlet is the inlet of the framed plane. It is a socket.Receiver, which gets messages as
// batches in the buffers that the connection reads into.
type framedInlet struct {
	*intake
	conn *socket.Framed
	sids int // how many sids have been given out; guarded by Source.mu
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

// ReadSizes implements socket.Receiver. Buffers are large only if the path may hold many. On a move
// two connections have one each, and with less room they would wait for each other for ever.
func (i *framedInlet) ReadSizes() socket.ReadSizes {
	const many = 8
	if i.source.cfg.Gathers && i.source.cfg.MaxBytes >= int64(many*socket.LongReads.Storm) {
		return socket.LongReads
	}
	return socket.ShortReads
}

// Deliver implements socket.Receiver.
func (i *framedInlet) Deliver(ctx context.Context, b *pipeline.Batch) {
	b.Origin, b.Received = i.origin, i.arrival()
	i.source.deliver(ctx, b)
}

// admit implements inlet.
func (i *framedInlet) admit([]*subscription) (wait <-chan struct{}, err error) {
	lent := i.source.cfg.Pool.Lent()
	if storm := int64(i.ReadSizes().Storm); lent > i.source.cfg.MaxBytes-storm && lent > storm {
		return nil, errFull // messages that come could not be read
	}
	return nil, nil
}

// subscribe implements inlet. nats.go never uses sids like these. When the PONG behind an UNSUB is
// read, all messages before it have been handed over.
func (i *framedInlet) subscribe() (*subscription, error) {
	cfg := i.source.cfg
	var join, leave strings.Builder
	for range i.source.weight.Load() {
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
		_ = i.conn.Command(leave.String(), func() { close(left) }) // a failure ends the connection
	}
	return sub, i.conn.Command(join.String(), socket.Nobody)
}

// outlasts implements inlet. While reading is paused no answer can come. Then the session is fine
// and joins later, and what the server has sent meanwhile is still read.
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
