package socket

import (
	"time"
)

const (
	// PingInterval is how often the server is asked whether it is there.
	PingInterval = 5 * time.Second
	// MaxSilent is for how many intervals the server may send nothing at all, neither an answer nor
	// a message. It may take longer where much was written before the PING.
	MaxSilent = 2
	// maxDeaf is for how many intervals messages may come without an answer. Answers may be late,
	// behind a backlog of messages. While the other end acknowledges what we write, these intervals
	// do not count.
	maxDeaf = 12
	// longPause is how much of a PingInterval reading must be paused to excuse late answers.
	longPause = PingInterval / 5
)

// KeepAlive ends the connection when the server is silent, with stale as its Cause. It blocks until
// then, or until done is closed. nats.go cannot judge silence: while we pause reading on purpose no
// answer can come, and nats.go does not know of the pause.
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

// A pulse is what KeepAlive knows at one tick of PingInterval.
type pulse struct {
	asked    bool // a PING was sent at an earlier tick
	answers  uint64
	progress uint64
	paused   time.Duration // in all
	queue    int64         // bytes that the other end has not acknowledged
	left     int64         // bytes that the other end has acknowledged, as far as is known

	silent int // ticks in which nothing came
	stuck  int // ticks in which nothing came, and nothing left although bytes wait
	deaf   int // ticks in which nothing showed that we are heard
}

// dead reports whether the server is dead, by what happened since the last call.
func (k *pulse) dead(f *Framed) bool {
	last, read := *k, f.input
	queue, known := f.Queued()
	*k = pulse{
		asked: true, answers: read.pings.answers.Load(), progress: f.progress.Load(),
		paused: read.pauses.total(), queue: queue, left: f.acknowledged(queue),
	}
	leaves := k.left > last.left
	switch {
	case !last.asked, k.answers != last.answers:
		return false
	case k.paused-last.paused > longPause:
		return false // answers are not read in a pause, either
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
