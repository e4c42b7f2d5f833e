package socket

import (
	"time"
)

const (
	// PingInterval is how often the server is asked whether it is there.
	PingInterval = 5 * time.Second
	// MaxSilent is for how many intervals nothing may come, neither an answer nor a message, unless
	// what was written before the PING may need longer.
	MaxSilent = 2
	// maxDeaf is for how many only messages may come, unless the other end acknowledges what we
	// write. Then the answers are late, behind a backlog of messages.
	maxDeaf = 12
	// longPause is how much of a PingInterval reading may be paused without making up for late
	// answers.
	longPause = PingInterval / 5
)

// KeepAlive ends the connection when the server is silent, with stale for its Cause. It returns
// then, or when done is closed. nats.go cannot do this: it does not know whether reading is paused
// on purpose. Then no answer can come, and silence says nothing.
func (f *Framed) KeepAlive(done <-chan struct{}, stale error) {
	tick := time.NewTicker(PingInterval)
	defer tick.Stop()
	var k pulse
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		if k.dead(f) {
			f.fail(stale)
			f.Cut()
			return
		}
		_ = f.Ask() // a failure ends the connection
	}
}

// A pulse is what KeepAlive knows at one tick.
type pulse struct {
	asked    bool // at an earlier tick
	answers  uint64
	progress uint64
	paused   time.Duration // in all
	queue    int64         // bytes that the other end has not acknowledged
	left     int64         // bytes that it has, as far as is known

	silent int // ticks in which nothing came
	stuck  int // ticks in which nothing came, nor did anything leave though something waits
	deaf   int // ticks in which nothing showed that we are heard
}

// dead judges the time since the last call.
func (k *pulse) dead(f *Framed) bool {
	last, read := *k, f.input
	queue, known := f.Queued()
	*k = pulse{
		asked: true, answers: read.pings.answers.Load(), progress: read.progress.Load(),
		paused: read.pauses.total(), queue: queue, left: f.acknowledged(queue),
	}
	leaves := k.left > last.left
	switch {
	case !last.asked, k.answers != last.answers:
		return false
	case k.paused-last.paused > longPause:
		return false // in a pause the answers wait, too
	case leaves && f.held(queue):
		read.pings.slowed(k.left-last.left, min(queue, last.queue))
		return false
	}
	if !(known && queue == 0) {
		k.deaf = last.deaf + 1
	}
	if k.progress == last.progress {
		k.silent = last.silent + 1
	}
	if k.silent > 0 && queue > 0 && !leaves {
		k.stuck = last.stuck + 1
	}
	patience := int(read.pings.patience() / PingInterval)
	return k.stuck >= MaxSilent || k.silent >= max(MaxSilent, patience) ||
		k.deaf >= max(maxDeaf, patience)
}
