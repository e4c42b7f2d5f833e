package natsio

import (
	"strconv"
	"sync"

	"github.com/nats-io/nats.go"
)

// A subscription is one stay in the queue group.
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
	if in.session.framed() {
		return in.subscribeFrames()
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

// subscribeFrames does without nats.go, with a sid that it never uses. When the PONG behind an UNSUB is read, all messages
// before it have been handed over.
func (in *intake) subscribeFrames() (*subscription, error) {
	in.sids++
	sid := string(oursBegin) + strconv.Itoa(in.sids)
	sub, wire := newSubscription(in), in.session.wire
	sub.depart = func() {
		left := make(chan struct{})
		go func() {
			select {
			case <-left:
			case <-in.session.done:
			}
			sub.end()
		}()
		_ = wire.command("UNSUB "+sid+"\r\n", left) // a failure ends the connection
	}
	return sub, wire.command("SUB "+in.source.cfg.Subject+" "+in.source.cfg.Queue+" "+sid+"\r\n", make(chan struct{}))
}
