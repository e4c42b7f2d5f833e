package relay

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
)

// answers is what an edge knows of the relays behind it, by how replies come. A relay that reads
// only JSON drops compact requests, and replies one by one to others. All methods may be called
// from any goroutine. The zero value knows nothing.
type answers struct {
	compact bool // requests leave as compact messages; set before the first call

	requests   atomic.Int64 // that left as compact messages since the last reply
	asked      atomic.Int64 // when the first of these left, in ns of Unix time; 0: none has
	answered   atomic.Bool  // a reply has come
	singles    atomic.Int64 // replies that came one by one
	lastSingle atomic.Int64 // when the last of these came, in ns of Unix time
}

const (
	// singlesStale is for how long a single reply is warned of.
	singlesStale = 15 * time.Minute
	// answerPatience is how long after its first request an edge expects a reply.
	answerPatience = 30 * time.Second
	// laterPatience and laterRequests are how long, and for how many requests, it expects one
	// later: agents may be slow, and nodes away.
	laterPatience, laterRequests = 15 * time.Minute, 20
)

const (
	singlesText = "a relay replies in JSON, so it reads no compact requests, and those that reach it get lost"
	silenceText = "nothing comes back for compact requests: perhaps no relay reads them, the line leads to none, or nodes are away"
	wireHint    = "set edge.wire to json until all relays of the cluster read compact messages"
	silenceHint = "see whether line.servers are those that relays have as federation; " + wireHint
)

func newAnswers(c config.Config) *answers {
	return &answers{compact: c.Edge.Wire == config.WireCompact}
}

// request notes a request that leaves.
func (a *answers) request(l *notes) {
	if !a.compact {
		return
	}
	a.requests.Add(1)
	if a.asked.Load() == 0 {
		a.asked.Store(time.Now().UnixNano())
	}
	if a.silent() {
		l.warn(kind{silenceText, ""}, 1, "hint", silenceHint)
	}
}

// reply notes a reply, however it came.
func (a *answers) reply() {
	if !a.answered.Load() {
		a.answered.Store(true)
	}
	if a.asked.Load() != 0 {
		a.requests.Store(0)
		a.asked.Store(0)
	}
}

// single notes a reply that came by itself.
func (a *answers) single(l *notes) {
	a.reply()
	a.singles.Add(1)
	a.lastSingle.Store(time.Now().UnixNano())
	if a.compact {
		l.warn(kind{singlesText, ""}, 1, "hint", wireHint)
	}
}

// silent reports whether no reply has come for requests, although there was time enough.
func (a *answers) silent() bool {
	asked, patience := a.asked.Load(), answerPatience
	if a.answered.Load() {
		patience = laterPatience
		if a.requests.Load() < laterRequests {
			return false
		}
	}
	return asked != 0 && time.Since(time.Unix(0, asked)) > patience
}

// warnings is one of the warners of an edge.
func (a *answers) warnings() []string {
	last := time.Unix(0, a.lastSingle.Load())
	switch {
	case a.silent():
		return []string{fmt.Sprintf("line: %s (%d requests); %s", silenceText, a.requests.Load(), silenceHint)}
	case a.compact && a.singles.Load() > 0 && time.Since(last) < singlesStale:
		return []string{fmt.Sprintf("line: %s (%d replies, the last one at %s); %s",
			singlesText, a.singles.Load(), clock(last), wireHint)}
	}
	return nil
}
