package socket

import (
	"cmp"
	"time"
)

const (
	// assumedPace is how many bytes a second a connection is assumed to carry, until it has shown
	// its own pace.
	assumedPace = 64 << 10
	// telling is how many bytes, at least, must have been under way to measure the pace by them.
	telling = 64 << 10
	// leeway is the factor by which an answer may take longer than the pace says.
	leeway = 2
	// maxPatience is the longest time that an answer may take, however much was written before its
	// PING.
	maxPatience = 3 * time.Minute
)

// A pace is how fast written bytes reach the server itself. It is measured by answers to PINGs,
// because acknowledgements can deceive: a middle box acknowledges megabytes that it has not passed
// on.
type pace struct {
	rate int64         // bytes a second; 0: assumedPace
	upTo int64         // bytes that were answered for
	when time.Duration // when that was, after Beginning
}

// answered updates the pace when the answer to q has come.
func (p *pace) answered(q question, now time.Duration) {
	bytes, took := q.sent-p.upTo, now-max(p.when, q.asked)
	p.upTo, p.when = q.sent, now
	switch {
	case took < time.Second: // it carries at least that many bytes in a second
		p.rate = max(p.known(), bytes)
	case bytes >= telling:
		p.measured(bytes, took)
	}
}

// measured sets the pace by bytes that took that long, where the connection was the limit.
func (p *pace) measured(bytes int64, took time.Duration) {
	p.rate = max(1, int64(float64(bytes)/took.Seconds()))
}

func (p *pace) known() int64 { return cmp.Or(p.rate, assumedPace) }

// patience returns how long the answer to a PING may take that has upTo bytes before it, counted
// from the beginning of the connection.
func (p *pace) patience(upTo int64) time.Duration {
	need := float64(upTo-p.upTo) / float64(p.known())
	return time.Duration(min(leeway*need, maxPatience.Seconds()) * float64(time.Second))
}
