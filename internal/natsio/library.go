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

// A librarySender has nats.go write, which bounds writes by itself.
type librarySender struct{ session *link.Session }

// writeAtOnce is how many copies are written before the barrier gets a look in.
const writeAtOnce = 128

// write implements sender. The copies are of one message.
func (s *librarySender) write(e *pipeline.Egress, from cursor) (copies int, err error) {
	m := e.Messages[from.message]
	payload := e.Payload(m)
	for copies < min(writeAtOnce, m.Copies()-from.copy) && err == nil {
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
	return copies, err
}

// lend lends b as a string to a callee that does not keep it.
func lend(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// unwritten reports whether err proves that nothing was written. After any other error the copy is
// in doubt.
func unwritten(err error) bool {
	return errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrMaxPayload) ||
		errors.Is(err, nats.ErrBadSubject) || errors.Is(err, nats.ErrConnectionDraining)
}

// confirm implements sender. The limit is longer than the keep-alive of nats.go needs to end a dead
// connection.
func (s *librarySender) confirm() error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTimeout)
	defer cancel()
	return confirmWithin(ctx, s.session)
}

func (s *librarySender) window() time.Duration { return 0 }

// A libraryInlet has nats.go hand over messages one by one, to wait in the inbox of the source.
type libraryInlet struct {
	*intake
	handled  atomic.Uint64 // messages
	landmark atomic.Pointer[landmark]
}

// A landmark is a place in what nats.go hands over: messages from there on were sent after a PING
// was answered that was sent at asked. Those before it go by before.
type landmark struct {
	from          uint64 // by number
	asked, before time.Duration
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

// admit implements inlet. nats.go hands the messages of two subscriptions over side by side: the
// later could overtake the earlier.
func (i *libraryInlet) admit(open []*subscription) (wait <-chan struct{}, err error) {
	if len(open) > 0 {
		return open[0].closed, nil
	}
	return nil, nil
}

// subscribe implements inlet.
func (i *libraryInlet) subscribe() (*subscription, error) {
	if i.source.cfg.Weight > 1 {
		return i.subscribeShared()
	}
	nsub, err := i.session.Conn.QueueSubscribe(i.source.cfg.Subject, i.source.cfg.Queue, i.message)
	if err != nil {
		return nil, err
	}
	// The inbox is bounded and says what it drops; the library must not drop on top of it.
	if err := nsub.SetPendingLimits(-1, -1); err != nil {
		return nil, err
	}
	sub := newSubscription(i.intake)
	// Drain tells the server, then hands over what had been sent before. Where the connection is
	// gone, so is the subscription, and Drain's error says nothing new.
	sub.depart = func() { _ = nsub.Drain() }
	atEnd(nsub, sub.end)
	return sub, nil
}

// atEnd has end called when nothing more comes from a subscription of nats.go. end may be called
// twice.
func atEnd(nsub *nats.Subscription, end func()) {
	nsub.SetClosedHandler(func(string) { end() })
	if !nsub.IsValid() {
		end() // the connection died before nats.go had the handler, which it will not call
	}
}

// sharedRoom is how many messages may wait between nats.go and the goroutine that takes them on:
// enough for all that it reads while that goroutine waits for a processor.
const sharedRoom = 64 << 10

// subscribeShared has the subscriptions of nats.go share one channel: with a queue each, messages
// would overtake each other.
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
	for range cfg.Weight {
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

// takeShared takes messages on until all subscriptions are closed and nothing is left.
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

// message runs on nats.go's goroutine for the subscription and never blocks: the queue behind it
// would grow unseen.
func (i *libraryInlet) message(m *nats.Msg) {
	data := m.Data
	if len(m.Header) > 0 {
		i.source.cfg.Ledger.StripHeaders()
		data = bytes.Clone(data) // it is the end of an array that holds the headers, too
	}
	if !i.source.inbox.add(delivery{data, i.origin, i.arrival()}) {
		i.source.drop(1)
	}
	i.handled.Add(1)
}

// outlasts implements inlet.
func (i *libraryInlet) outlasts(error) bool { return false }

// lingerTimeout is how long the end of a connection may be held back.
const lingerTimeout = 2 * time.Second

// linger holds the end of the connection back until all messages that came on it are in the inbox:
// with its end nats.go throws away what it still holds. It runs on the goroutine that reads the
// connection.
func (i *libraryInlet) linger() {
	deadline := time.Now().Add(lingerTimeout)
	for i.missing() > 0 && time.Now().Before(deadline) {
		time.Sleep(100 * time.Microsecond)
	}
}

// missing is how many messages nats.go has read and not handed over.
func (i *libraryInlet) missing() uint64 { return i.session.Conn.Stats().InMsgs - i.handled.Load() }

// finish implements inlet. It waits for callbacks under way.
func (i *libraryInlet) finish(subs []*subscription) (lost int) {
	_ = ended(context.Background(), subs) // cannot fail
	return int(i.missing())
}
