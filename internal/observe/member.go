package observe

import (
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
)

// A member is what has been heard of one instance.
type member struct {
	name, kind string
	started    time.Time
	bytes      int       // see size
	first      time.Time // when it was heard first
	heard      time.Time // and last

	last       state.Instance   // of a relay or an edge
	statistics state.Statistics // of a broker
	request    speed
	reply      speed
	window     []point // the latest words of a relay, oldest first
}

// A speed is how fast a path counts, and how long its latest messages took.
type speed struct {
	received, sent float64         // per second
	latency        state.Histogram // since the last moment
}

// A point is what a relay's histograms were.
type point struct {
	at             time.Time
	request, reply state.Histogram
}

const (
	// windowLength is the time that recent percentiles are of.
	windowLength = 10 * time.Second
	// pointEvery is how far points of the window are apart, however fast somebody answers.
	pointEvery = windowLength / 100
)

func (mb *member) hearInstance(i state.Instance, now time.Time) {
	if !mb.heard.IsZero() {
		elapsed := elapsed(i.Now.Sub(mb.last.Now), now.Sub(mb.heard))
		mb.request.advance(mb.last.Request, i.Request, elapsed)
		mb.reply.advance(mb.last.Reply, i.Reply, elapsed)
	}
	mb.heard, mb.last = now, i
	if n := len(mb.window); n > 1 && now.Sub(mb.window[n-2].at) < pointEvery {
		mb.window = mb.window[:n-1]
	}
	mb.window = append(mb.window, point{now, i.Request.Latency, i.Reply.Latency})
	for len(mb.window) > 2 && now.Sub(mb.window[1].at) >= windowLength {
		mb.window = mb.window[1:]
	}
}

// elapsed returns the time between two words of an instance: by its own clock, which the network
// does not delay, unless that was set in the meantime.
func elapsed(theirs, ours time.Duration) time.Duration {
	if theirs > ours/2 && theirs < 2*ours+time.Second {
		return theirs
	}
	return ours
}

func (s *speed) advance(before, after state.Path, elapsed time.Duration) {
	s.received = perSecond(after.Received-before.Received, elapsed)
	s.sent = perSecond(after.Sent()-before.Sent(), elapsed)
	s.latency = s.latency.Add(after.Latency.Sub(before.Latency))
}

// perSecond is 0 for counts that go backwards, and for no time.
func perSecond(n int64, elapsed time.Duration) float64 {
	if n <= 0 || elapsed <= 0 {
		return 0
	}
	return float64(n) / elapsed.Seconds()
}

func (mb *member) hearStatistics(s state.Statistics, now time.Time) {
	if !mb.heard.IsZero() {
		elapsed, b := now.Sub(mb.heard), mb.statistics
		mb.request.received = perSecond(s.Federation.Received-b.Federation.Received, elapsed)
		mb.request.sent = perSecond(s.Collective.Sent-b.Collective.Sent, elapsed)
		mb.reply.received = perSecond(s.Collective.Received-b.Collective.Received, elapsed)
		mb.reply.sent = perSecond(s.Federation.Sent-b.Federation.Sent, elapsed)
	}
	mb.heard, mb.statistics = now, s
}

// silent returns for how long a member has not said what was due, or 0.
func (mb *member) silent(now time.Time, interval time.Duration) time.Duration {
	patience := 2*interval + interval/2
	if mb.kind == Broker {
		patience = 2*statisticsEvery + statisticsEvery/2
	}
	if quiet := now.Sub(mb.heard); quiet > patience {
		return quiet
	}
	return 0
}

// moment returns what a member did since the last call.
func (mb *member) moment() (request, reply Moment) {
	return mb.request.moment(), mb.reply.moment()
}

func (s *speed) moment() Moment {
	m := Moment{s.received, s.sent, s.latency}
	s.latency = state.Histogram{}
	return m
}

// recent returns the histograms of the last seconds.
func (mb *member) recent() (request, reply state.Histogram) {
	if len(mb.window) < 2 {
		return request, reply
	}
	from, to := mb.window[0], mb.window[len(mb.window)-1]
	return to.request.Sub(from.request), to.reply.Sub(from.reply)
}
