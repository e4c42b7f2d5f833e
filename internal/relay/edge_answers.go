package relay

import (
	"fmt"
	"sync/atomic"
	"time"
)

// answers is what an edge knows of the relays behind it, by how replies come. A relay that reads
// only JSON drops compact requests, and replies one by one to others. All methods may be called
// from any goroutine. The zero value knows nothing.
type answers struct {
	compact bool // requests leave as compact messages; set before the first call

	requests   atomic.Int64 // that left as compact messages
	asked      atomic.Int64 // when the first of them left, in ns of Unix time; 0: none has
	bundles    atomic.Bool  // replies have come in a bundle
	singles    atomic.Int64 // replies that came one by one
	lastSingle atomic.Int64 // when the last of these came, in ns of Unix time
}

const (
	// singlesStale is for how long a single reply is warned of.
	singlesStale = 15 * time.Minute
	// answerPatience is how long after its first request an edge expects a reply.
	answerPatience = 30 * time.Second
)

const (
	singlesText = "a relay replies in JSON, so it reads no compact requests, and those that reach it get lost"
	silenceText = "nothing has come back for any compact request: no relay reads them, or the line leads to none"
	wireHint    = "set edge.wire to json until all relays of the cluster read compact messages"
	silenceHint = "see whether line.servers are those that relays have as federation; " + wireHint
)

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

// inBundle notes a reply that came in a bundle.
func (a *answers) inBundle() {
	if !a.bundles.Load() {
		a.bundles.Store(true)
	}
}

// single notes a reply that came by itself.
func (a *answers) single(l *notes) {
	a.singles.Add(1)
	a.lastSingle.Store(time.Now().UnixNano())
	if a.compact {
		l.warn(kind{singlesText, ""}, 1, "hint", wireHint)
	}
}

// silent reports whether no reply has ever come, although there was time enough.
func (a *answers) silent() bool {
	asked := a.asked.Load()
	return asked != 0 && !a.bundles.Load() && a.singles.Load() == 0 && time.Since(time.Unix(0, asked)) > answerPatience
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
