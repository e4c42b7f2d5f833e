package link

import (
	"context"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// A libraryPlane leaves reading and writing to nats.go. Frames of the server are looked at all the
// same, before nats.go gets them, unless it wraps them in those of WebSocket.
type libraryPlane struct {
	session *Session
	connect func(raw net.Conn) *socket.Conn
	flushes flushes
}

func (p *libraryPlane) prepare(*nats.Options) {}

func (p *libraryPlane) wrap(raw net.Conn) *socket.Conn { return p.connect(raw) }

func (p *libraryPlane) start() {}

func (p *libraryPlane) frames() *socket.Framed { return nil }

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

// slowestLink is how many bytes a second a connection carries whose pace nobody measures.
const slowestLink = 1 << 20

// A libraryListener listens where the NATS library has the frames. Its questions are flushes.
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

// Ask blocks nobody, but may itself be blocked for as long as the connection lives.
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

// flushes are the questions under way where the NATS library has the frames. The zero value is
// none.
type flushes struct {
	mu      sync.Mutex
	open    []*int64 // bytes that had been written before each, in order
	settled int64    // as many, of the latest that was answered
	answers uint64
}

// begin enters a flush, in front of which so many bytes have been written. What it returns is to be
// told its end.
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

// state is how many bytes that nobody has answered for were written before the oldest open flush,
// whether there is one, and how many have been answered.
func (f *flushes) state() (before int64, open bool, answers uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.open) > 0 {
		before = max(0, *f.open[0]-f.settled)
	}
	return before, len(f.open) > 0, f.answers
}
