package natsio

import (
	"bytes"
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/socket"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
)

// An intake moves the messages of one session into the pipeline, or on their way there into the inbox.
type intake struct {
	source   *Source
	session  *link.Session
	origin   string
	handled  atomic.Uint64 // by message
	arrivals arrivals

	// Guarded by the source's mu.
	subs []*subscription // that may still bring messages
	left *subscription   // the last one, in whose place another session has joined
	sids int             // given out
}

// newIntake has session bring its messages to s, whose mu is held.
func newIntake(s *Source, session *link.Session) *intake {
	in := &intake{source: s, session: session, origin: session.URL()}
	if session.Framed() {
		s.readers = append(slices.DeleteFunc(s.readers, closed), session.Wire.Receive(in))
	} else {
		in.arrivals.heard.Store(&landmark{asked: time.Since(socket.Beginning)})
		session.SetLinger(in.linger)
	}
	return in
}

func closed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// Room implements socket.Receiver.
func (in *intake) Room(n int) *pool.Buffer { return in.source.cfg.Pool.Get(n) }

// Wait implements socket.Receiver.
func (in *intake) Wait(ctx context.Context, own, n int) error {
	return in.source.cfg.Pool.WaitToReplace(ctx, int64(own), int64(n), in.source.cfg.MaxBytes)
}

// Stripped implements socket.Receiver.
func (in *intake) Stripped() { in.source.cfg.Ledger.StripHeaders() }

// Deliver implements socket.Receiver.
func (in *intake) Deliver(ctx context.Context, b *pipeline.Batch) {
	b.Origin, b.Received = in.origin, in.arrival()
	in.source.deliver(ctx, b)
}

// message runs on nats.go's goroutine for the subscription and never blocks: the queue behind it would grow unseen.
func (in *intake) message(m *nats.Msg) {
	data := m.Data
	if len(m.Header) > 0 {
		in.source.cfg.Ledger.StripHeaders()
		data = bytes.Clone(data) // it is the end of an array that holds the headers, too
	}
	if !in.source.inbox.put(delivery{data, in.origin, in.arrival()}) {
		in.source.drop(1)
	}
	in.handled.Add(1)
}

// lingerTimeout is how long the end of a connection may be held back.
const lingerTimeout = 2 * time.Second

// linger holds the end of the connection back until all messages that came on it are in the inbox: with its end nats.go
// throws away what it still holds. It runs on the goroutine that reads the connection.
func (in *intake) linger() {
	deadline := time.Now().Add(lingerTimeout)
	for in.missing() > 0 && time.Now().Before(deadline) {
		time.Sleep(100 * time.Microsecond)
	}
}

// missing is how many messages nats.go has read and not handed over.
func (in *intake) missing() uint64 { return in.session.Conn.Stats().InMsgs - in.handled.Load() }
