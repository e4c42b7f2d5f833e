package natsio

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/socket"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A librarySender is the sender of the library plane. nats.go writes, and limits how long a write
// takes.
type librarySender struct {
	session *link.Session
	whole   []byte // a payload that is in pieces in its egress; kept for the next one
}

// keepWhole is the largest capacity of librarySender.whole that is kept, in bytes.
const keepWhole = 1 << 20

// writeAtOnce is how many copies one call of write writes at most. In between the barrier can take
// outbox.mu.
const writeAtOnce = 128

// write implements sender. The copies are of one message. It never asks.
func (s *librarySender) write(e *pipeline.Egress, from cursor, _ func()) (copies int, asked bool, err error) {
	m := e.Messages[from.message]
	payload := s.payload(e, m)
	if m.Bundle() {
		if err = s.session.Conn.Publish(lend(e.Subject(m, 0)), payload); err == nil || !unwritten(err) {
			copies = m.Copies()
		}
	}
	for !m.Bundle() && copies < min(writeAtOnce, m.Copies()-from.copy) && err == nil {
		err = s.session.Conn.Publish(lend(e.Subject(m, from.copy+copies)), payload)
		if err == nil || !unwritten(err) {
			copies++
		}
	}
	switch {
	case errors.Is(err, nats.ErrMaxPayload):
		err = errTooLarge
	case errors.Is(err, nats.ErrBadSubject):
		err = errBadSubject
	}
	return copies, false, err
}

// prompt implements sender. Nobody knows how much waits inside nats.go.
func (s *librarySender) prompt(int) bool { return false }

// payload returns the payload of m. The result is valid until the next call.
func (s *librarySender) payload(e *pipeline.Egress, m pipeline.OutgoingMessage) []byte {
	if m.Whole() {
		return e.Payload(m)
	}
	if cap(s.whole) > keepWhole {
		s.whole = nil
	}
	s.whole = e.AppendPayload(s.whole[:0], m)
	return s.whole
}

// lend lends b as a string to a callee that does not keep it.
func lend(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// unwritten reports whether err proves that nothing was written. After any other error the copy is
// in doubt.
func unwritten(err error) bool {
	return errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrMaxPayload) ||
		errors.Is(err, nats.ErrBadSubject) || errors.Is(err, nats.ErrConnectionDraining)
}

// ask implements sender. It tries again for as long as the connection lives. Its limit is longer
// than the keep-alive of nats.go needs to end a dead connection.
func (s *librarySender) ask(answered func()) {
	for s.session.Alive() {
		ctx, cancel := context.WithTimeout(context.Background(), answerTimeout)
		err := s.session.RoundTrip(ctx)
		if err == nil {
			err = s.session.Settle(ctx)
		}
		cancel()
		if err == nil {
			answered()
			return
		}
		pause(context.Background(), barrierInterval) // it may have failed at once
	}
}

func (s *librarySender) delay() time.Duration { return 0 }

// A libraryInlet is the inlet of the library plane. nats.go hands messages over one by one, and
// they wait in the inbox of the source.
type libraryInlet struct {
	*intake
	handled  atomic.Uint64 // how many messages nats.go has handed over
	landmark atomic.Pointer[landmark]
}

// A landmark is a place in the sequence of messages that nats.go hands over. Messages behind it
// came after the answer to a PING that was sent at asked. For messages before it the PING of before
// is the latest answered one.
type landmark struct {
	from          uint64        // how many messages stand before the landmark
	asked, before time.Duration // since socket.Beginning
}

// start implements inlet.
func (i *libraryInlet) start() {
	i.landmark.Store(&landmark{asked: time.Since(socket.Beginning)})
	i.session.SetLinger(i.linger)
}

// asked implements inlet.
func (i *libraryInlet) asked() time.Duration {
	place := i.landmark.Load()
	if i.handled.Load() < place.from {
		return place.before
	}
	return place.asked
}

// answered implements inlet.
func (i *libraryInlet) answered(asked time.Duration) {
	i.landmark.Store(&landmark{i.session.Conn.Stats().InMsgs, asked, i.asked()})
}

// admit implements inlet. Only one subscription may be open: nats.go hands the messages of two over
// side by side, and a later message could overtake an earlier one.
func (i *libraryInlet) admit(open []*subscription) (wait <-chan struct{}, err error) {
	if len(open) > 0 {
		return open[0].closed, nil
	}
	return nil, nil
}

// subscribe implements inlet.
func (i *libraryInlet) subscribe() (*subscription, error) {
	if i.source.weight.Load() > 1 {
		return i.subscribeShared()
	}
	nsub, err := i.session.Conn.QueueSubscribe(i.source.cfg.Subject, i.source.cfg.Queue, i.message)
	if err != nil {
		return nil, err
	}
	// The inbox is bounded and counts what it drops. So nats.go must not drop messages, too.
	if err := nsub.SetPendingLimits(-1, -1); err != nil {
		return nil, err
	}
	sub := newSubscription(i.intake)
	// Drain unsubscribes at the server, then hands over the messages that the server had sent
	// before. It fails only if the connection is gone, and the subscription with it.
	sub.depart = func() { _ = nsub.Drain() }
	atEnd(nsub, sub.end)
	return sub, nil
}

// atEnd arranges that end is called when no more messages come from nsub. end may be called twice.
func atEnd(nsub *nats.Subscription, end func()) {
	nsub.SetClosedHandler(func(string) { end() })
	if !nsub.IsValid() {
		end() // the connection died before the handler was set, so nats.go will not call it
	}
}

// sharedRoom is how many messages may wait between nats.go and takeShared. That is enough for all
// that nats.go reads while the goroutine of takeShared waits for a processor.
const sharedRoom = 64 << 10

// subscribeShared makes as many subscriptions as the source has weight. All share one channel: if
// each had a queue of its own, messages would overtake each other.
func (i *libraryInlet) subscribeShared() (*subscription, error) {
	cfg, conn := i.source.cfg, i.session.Conn
	sub, messages := newSubscription(i.intake), make(chan *nats.Msg, sharedRoom)
	var all []*nats.Subscription
	var open sync.WaitGroup
	sub.depart = func() {
		for _, nsub := range all {
			_ = nsub.Drain() // as in subscribe
		}
	}
	for range i.source.weight.Load() {
		nsub, err := conn.ChanQueueSubscribe(cfg.Subject, cfg.Queue, messages)
		if err != nil {
			sub.depart()
			return nil, err
		}
		all = append(all, nsub)
		open.Add(1)
		atEnd(nsub, sync.OnceFunc(open.Done))
	}
	go i.takeShared(sub, messages, &open)
	return sub, nil
}

// takeShared passes messages to the inbox, and blocks until all subscriptions are closed and the
// channel is empty.
func (i *libraryInlet) takeShared(sub *subscription, messages <-chan *nats.Msg, open *sync.WaitGroup) {
	defer sub.end()
	ended := make(chan struct{})
	go func() {
		open.Wait()
		close(ended)
	}()
	for {
		select {
		case m := <-messages:
			i.message(m)
			continue
		default:
		}
		select {
		case m := <-messages:
			i.message(m)
		case <-ended:
			if len(messages) == 0 {
				return
			}
		}
	}
}

// message puts a message into the inbox, or drops it if there is no room. It never blocks: nats.go
// calls it, and the queue inside nats.go would grow without a limit.
func (i *libraryInlet) message(m *nats.Msg) {
	data := m.Data
	if len(m.Header) > 0 {
		i.source.cfg.Ledger.StripHeaders()
		data = bytes.Clone(data) // m.Data is a part of an array that holds the headers, too
	}
	if !i.source.inbox.add(delivery{m.Subject, data, i.origin, i.arrival()}) {
		i.source.drop(1)
	}
	i.handled.Add(1)
}

// outlasts implements inlet.
func (i *libraryInlet) outlasts(error) bool { return false }

// lingerTimeout is how long linger may hold back the end of a connection.
const lingerTimeout = 2 * time.Second

// linger blocks until all messages that nats.go has read are in the inbox, because nats.go throws
// away the rest once it knows of the end. It runs on the goroutine that reads the connection.
func (i *libraryInlet) linger() {
	deadline := time.Now().Add(lingerTimeout)
	for i.missing() > 0 && time.Now().Before(deadline) {
		time.Sleep(100 * time.Microsecond)
	}
}

// missing returns how many messages nats.go has read and not handed over yet.
func (i *libraryInlet) missing() uint64 { return i.session.Conn.Stats().InMsgs - i.handled.Load() }

// finish implements inlet. It blocks until all subs have ended.
func (i *libraryInlet) finish(subs []*subscription) (lost int) {
	_ = ended(context.Background(), subs) // cannot fail
	return int(i.missing())
}
