package natsio

import (
	"strconv"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// A subscription is one stay in the queue group, with as many subscriptions at the server as the source has weight: each of
// them gets the same share.
type subscription struct {
	intake   *intake
	answered chan struct{} // when the server has taken or refused it, or nobody waits for that any more
	depart   func()        // sees it out without waiting for the server, which is told
	closed   chan struct{} // after the last message has been handed over
	end      func()        // closes closed
}

func newSubscription(in *intake) *subscription {
	s := &subscription{intake: in, answered: make(chan struct{}), closed: make(chan struct{})}
	s.end = sync.OnceFunc(func() { close(s.closed) })
	return s
}

// ended tells whether nothing more comes from sub.
func (sub *subscription) ended() bool { return closed(sub.closed) }

// subscribe asks the server for messages. The answer is still to come.
func (in *intake) subscribe() (*subscription, error) {
	if in.session.Framed() {
		return in.subscribeFrames()
	}
	if in.source.cfg.Weight > 1 {
		return in.subscribeShared()
	}
	nsub, err := in.session.Conn.QueueSubscribe(in.source.cfg.Subject, in.source.cfg.Queue, in.message)
	if err != nil {
		return nil, err
	}
	// The inbox is bounded and says what it drops; the library must not drop on top of it.
	if err := nsub.SetPendingLimits(-1, -1); err != nil {
		return nil, err
	}
	return in.adopt(nsub), nil
}

// adopt follows a subscription of nats.go to its end.
func (in *intake) adopt(nsub *nats.Subscription) *subscription {
	sub := newSubscription(in)
	// Drain tells the server, then hands over what had been sent before. Where the connection is gone, so is the
	// subscription, and Drain's error says nothing new.
	sub.depart = func() { _ = nsub.Drain() }
	nsub.SetClosedHandler(func(string) { sub.end() })
	if !nsub.IsValid() {
		sub.end() // the connection died before nats.go had the handler, which it will not call
	}
	return sub
}

// subscribeFrames does without nats.go, with sids that it never uses. When the PONG behind an UNSUB is read, all messages
// before it have been handed over.
func (in *intake) subscribeFrames() (*subscription, error) {
	cfg := in.source.cfg
	var join, leave strings.Builder
	for range cfg.Weight {
		in.sids++
		sid := string(socket.SIDPrefix) + strconv.Itoa(in.sids)
		join.WriteString("SUB " + cfg.Subject + " " + cfg.Queue + " " + sid + "\r\n")
		leave.WriteString("UNSUB " + sid + "\r\n")
	}
	sub, wire := newSubscription(in), in.session.Wire
	sub.depart = func() {
		left := make(chan struct{})
		go func() {
			select {
			case <-left:
			case <-in.session.Done():
			}
			sub.end()
		}()
		_ = wire.Command(leave.String(), left) // a failure ends the connection
	}
	return sub, wire.Command(join.String(), make(chan struct{}))
}

// sharedRoom is how many messages may wait between nats.go and the goroutine that takes them on: enough for all that it
// reads while that goroutine waits for a processor.
const sharedRoom = 64 << 10

// subscribeShared has the subscriptions of nats.go share one channel: with a queue each, messages would overtake each other.
func (in *intake) subscribeShared() (*subscription, error) {
	cfg, conn := in.source.cfg, in.session.Conn
	sub, messages := newSubscription(in), make(chan *nats.Msg, sharedRoom)
	var all []*nats.Subscription
	var open sync.WaitGroup
	sub.depart = func() {
		for _, nsub := range all {
			_ = nsub.Drain() // as in adopt
		}
	}
	for range cfg.Weight {
		nsub, err := conn.ChanQueueSubscribe(cfg.Subject, cfg.Queue, messages)
		if err != nil {
			sub.depart()
			return nil, err
		}
		all = append(all, nsub)
		closed := sync.OnceFunc(open.Done)
		open.Add(1)
		nsub.SetClosedHandler(func(string) { closed() })
		if !nsub.IsValid() {
			closed() // the connection died before nats.go had the handler
		}
	}
	go in.takeShared(sub, messages, &open)
	return sub, nil
}

// takeShared takes messages on until all subscriptions are closed and nothing is left.
func (in *intake) takeShared(sub *subscription, messages <-chan *nats.Msg, open *sync.WaitGroup) {
	defer sub.end()
	ended := make(chan struct{})
	go func() {
		open.Wait()
		close(ended)
	}()
	for {
		select {
		case m := <-messages:
			in.message(m)
			continue
		default:
		}
		select {
		case m := <-messages:
			in.message(m)
		case <-ended:
			if len(messages) == 0 {
				return
			}
		}
	}
}
