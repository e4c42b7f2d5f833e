package link

import (
	"context"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/internal/socket"
)

// A libraryPlane leaves reading and writing to nats.go. The server's frames are checked before
// nats.go gets them, except over WebSocket, where they are not visible.
type libraryPlane struct {
	session *Session
	connect func(raw net.Conn) *socket.Conn // makes what nats.go reads and writes
	flushes flushes                         // has a lock of its own
}

func (p *libraryPlane) prepare(*nats.Options) {}

func (p *libraryPlane) wrap(raw net.Conn) *socket.Conn { return p.connect(raw) }

func (p *libraryPlane) start() {}

func (p *libraryPlane) framed() *socket.Framed { return nil }

func (p *libraryPlane) roundTrip(ctx context.Context) error {
	end := p.flushes.begin(p.session.wire.Sent())
	err := p.session.Conn.FlushWithContext(ctx)
	end(err == nil)
	return err
}

func (p *libraryPlane) publishEmpty(ctx context.Context, subject string) error {
	if err := p.session.Conn.Publish(subject, nil); err != nil {
		return err
	}
	return p.session.Conn.FlushWithContext(ctx)
}

func (p *libraryPlane) listener() listener { return &libraryListener{plane: p} }

func (p *libraryPlane) maxPayload() int64 {
	return socket.AcceptedPayload(p.session.Conn.MaxPayload())
}

func (p *libraryPlane) account() string { return "" }

// slowestLink is how many bytes a second a connection is assumed to carry. In this plane nobody
// measures its pace.
const slowestLink = 1 << 20

// A libraryListener is the listener of the library plane. Its questions to the server are flushes
// of nats.go.
type libraryListener struct {
	plane *libraryPlane

	// As of the last look.
	answered, messages uint64
	queue              int64
}

func (l *libraryListener) Look() (open, alive, messages bool) {
	_, open, answered := l.plane.flushes.state()
	received := atomic.LoadUint64(&l.plane.session.Conn.InMsgs)
	queue, _ := l.plane.session.wire.Queued()
	alive, messages = answered != l.answered || queue < l.queue, received != l.messages
	l.answered, l.messages, l.queue = answered, received, queue
	return open, alive, messages
}

// Ask does not block. The flush that it starts may block for as long as the connection lives,
// because nats.go holds its lock during a write that the server does not take.
func (l *libraryListener) Ask() {
	answered := l.plane.flushes.begin(l.plane.session.wire.Sent())
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		answered(l.plane.session.Conn.FlushWithContext(ctx) == nil)
	}()
}

func (l *libraryListener) Patience() time.Duration {
	before, _, _ := l.plane.flushes.state()
	return time.Duration(before) * time.Second / slowestLink
}

// flushes are the flushes that are under way in the library plane. The zero value has none.
type flushes struct {
	// Guarded by mu.
	mu      lock.Mutex[flushes]
	open    []*int64 // of each flush under way, in order: the bytes written before it
	settled int64    // the bytes written before the latest flush that was answered
	answers uint64   // how many flushes were answered
}

// begin enters a flush, before which sent bytes have been written. When the flush is over the
// caller must call end, and say whether the server has answered.
func (f *flushes) begin(sent int64) (end func(answered bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open = append(f.open, &sent)
	return func(answered bool) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.open = slices.DeleteFunc(f.open, func(o *int64) bool { return o == &sent })
		if answered {
			f.settled = max(f.settled, sent)
			f.answers++
		}
	}
}

// state returns how many unanswered bytes were written before the oldest flush under way, whether
// there is one, and how many flushes have been answered.
func (f *flushes) state() (before int64, open bool, answers uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.open) > 0 {
		before = max(0, *f.open[0]-f.settled)
	}
	return before, len(f.open) > 0, f.answers
}
