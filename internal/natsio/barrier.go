package natsio

import (
	"context"
	"time"
)

// A barrier is the PING of an outbox that is under way, or says when there may be another.
//
// Small messages cost mostly wake-ups, so a barrier causes only one: that of the goroutine that
// reads the PONG. The PING goes out with a write of copies, if one comes in time. The goroutine
// that reads the PONG settles the copies. There is one barrier at a time. The timer is left to run
// out, because Go wakes a thread for each timer that is set.
type barrier struct {
	answered func()    // is called when the PONG has come
	underWay bool      // the PONG has not come yet
	written  int       // how many copies were written before the PING
	began    time.Time // the latest barrier
	timer    *time.Timer
	timed    bool // timer is running
}

const (
	// barrierInterval is the least time between two barriers.
	barrierInterval = 25 * time.Millisecond
	// barrierDelay is how long copies wait for a later write to take a PING along.
	barrierDelay = 2 * barrierInterval
)

// due returns the function that wants to know of the answer, if the next write should take a PING
// along. Otherwise it returns nil.
func (b *barrier) due(now time.Time) (answered func()) {
	if b.underWay || now.Sub(b.began) < barrierInterval {
		return nil
	}
	return b.answered
}

// stop ends the timer for good.
func (b *barrier) stop() {
	if b.timer != nil {
		b.timer.Stop()
	}
}

// beginBarrier enters that a PING is being written behind all copies so far. mu is held.
func (o *outbox) beginBarrier(now time.Time) {
	b := &o.barrier
	b.underWay, b.written, b.began = true, o.written, now
}

// barrierLater sees to it that there will be a barrier if copies are in doubt. mu is held.
func (o *outbox) barrierLater() {
	b := &o.barrier
	if b.underWay || b.timed || o.ended || o.inDoubt() == 0 {
		return
	}
	b.timed = true
	switch delay := o.sender.delay(); {
	case delay == 0:
		// Not a timer of 0: with -race the runtime of Go 1.26 may crash on it in virtual time.
		go o.onTimer()
	case b.timer == nil:
		b.timer = time.AfterFunc(delay, o.onTimer)
	default:
		b.timer.Reset(delay)
	}
}

// onTimer is called when the timer has run out. It may block for as long as a write.
func (o *outbox) onTimer() {
	o.mu.Lock()
	o.barrier.timed = false
	o.mu.Unlock()
	o.ask()
}

// ask begins a barrier, unless one is under way or nothing is in doubt. It may block for as long as
// a write.
func (o *outbox) ask() {
	o.mu.Lock()
	if o.barrier.underWay || o.ended || o.inDoubt() == 0 {
		o.mu.Unlock()
		return
	}
	o.beginBarrier(time.Now())
	o.mu.Unlock()
	o.sender.ask(o.barrier.answered)
}

// answered is called when the PONG of the barrier has come, by the goroutine that reads. It does
// not block: a lane that holds mu may be writing to a server that takes nothing.
func (o *outbox) answered() {
	if o.session.Settled() && o.mu.TryLock() {
		o.endBarrier()
		o.mu.Unlock()
		return
	}
	go func() {
		if o.session.Settle(context.Background()) == nil { // or the connection has ended
			o.mu.Lock()
			defer o.mu.Unlock()
			o.endBarrier()
		}
	}()
}

// endBarrier settles the copies before the barrier. mu is held.
func (o *outbox) endBarrier() {
	o.barrier.underWay = false
	o.settle(o.barrier.written)
	o.barrierLater()
}
