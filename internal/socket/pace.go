package socket

import (
	"cmp"
	"time"
)

const (
	// assumedPace is what a connection is taken to carry, in bytes a second, before it has shown
	// anything else.
	assumedPace = 64 << 10
	// telling is from how many bytes on the time they took says how fast the connection is.
	telling = 64 << 10
	// leeway is how many times as long as the pace says an answer may take.
	leeway = 2
	// maxPatience is the longest that an answer may take, whatever is in front of it.
	maxPatience = 3 * time.Minute
)

// A pace is how fast what is written gets through to the server, beyond all that buffers on the
// way, as far as answers tell. A middle box acknowledges megabytes that it has not passed on.
type pace struct {
	rate int64         // bytes a second; 0: assumedPace
	upTo int64         // bytes that were answered for
	when time.Duration // when that was, after Beginning
}

// answered enters the answer to q.
func (p *pace) answered(q question, now time.Duration) {
	bytes, took := q.sent-p.upTo, now-max(p.when, q.asked)
	p.upTo, p.when = q.sent, now
	switch {
	case took < time.Second: // that is what it can do in a second, at least
		p.rate = max(p.known(), bytes)
	case bytes >= telling:
		p.measured(bytes, took)
	}
}

// measured enters that so many bytes took so long because it could not be faster.
func (p *pace) measured(bytes int64, took time.Duration) {
	p.rate = max(1, int64(float64(bytes)/took.Seconds()))
}

func (p *pace) known() int64 { return cmp.Or(p.rate, assumedPace) }

// patience is how long an answer may take for what was written up to a place.
func (p *pace) patience(upTo int64) time.Duration {
	need := float64(upTo-p.upTo) / float64(p.known())
	return time.Duration(min(leeway*need, maxPatience.Seconds()) * float64(time.Second))
}
