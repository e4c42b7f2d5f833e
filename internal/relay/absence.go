package relay

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natsio"
	"github.com/fedrelay/fedrelay/pipeline"
)

const (
	// retryMin and retryMax are how long a path through which nothing gets waits before it tries again: longer each time, until
	// something is confirmed.
	retryMin = 10 * time.Second
	retryMax = time.Minute
)

// retries spaces attempts. The zero value is ready.
type retries struct {
	delay     time.Duration
	next      time.Time
	confirmed int64 // by the books, when it last changed
}

// seen starts anew when something has been confirmed since.
func (r *retries) seen(confirmed int64) {
	if confirmed != r.confirmed {
		*r = retries{confirmed: confirmed}
	}
}

// due reports whether it is time to try, and then puts the next time off.
func (r *retries) due(now time.Time) bool {
	if now.Before(r.next) {
		return false
	}
	r.putOff(now)
	return true
}

func (r *retries) putOff(now time.Time) {
	r.delay = min(max(2*r.delay, retryMin), retryMax)
	r.next = now.Add(r.delay + rand.N(r.delay/4))
}

// An absence is a time in which a path does not take messages though its connections are up: nothing would get through.
type absence struct {
	since  time.Time
	reason string
	denied bool // by the permissions of the login: another login ends it
}

// judge decides whether anything gets through.
func (g *guard) judge(now time.Time) {
	confirmed := g.ledger.Confirmed()
	g.retries.seen(confirmed)
	g.checks.seen(confirmed)
	if g.absence != nil && g.over(now) {
		g.absence = nil
		g.streak.reset()
	}
	run := g.streak.read(confirmed)
	if g.absence == nil {
		g.absence = g.lost(run, now)
	}
	g.tell(run)
}

// over reports whether an absence has ended: on a new connection that may publish, or might, else when it is time to try.
func (g *guard) over(now time.Time) bool {
	if !g.absence.denied {
		return g.retries.due(now)
	}
	for _, pub := range g.publishers {
		if !pub.Standing().Since.After(g.absence.since) {
			if g.retries.due(now) {
				g.renew()
			}
			return false
		}
	}
	return true
}

func (g *guard) renew() {
	for _, pub := range g.publishers {
		pub.Renew()
	}
}

// lost returns the absence that a run of bad copies is cause for, or nil.
func (g *guard) lost(run run, now time.Time) *absence {
	st := g.standing()
	onTrial := st.Verdict == link.Doubtful && !g.trusted()
	switch {
	case run.copies == 0:
		return nil
	case run.fate == pipeline.Denied && onTrial && (run.lasting() || run.last.After(st.Since)):
		return g.leave(now, g.denials(), true)
	case !run.lasting():
		return nil
	case run.fate == pipeline.Unconfirmed:
		return g.leave(now, "the connection ends before anything is confirmed", false)
	case run.fate == pipeline.Denied && g.asked(st):
		return g.leave(now, st.Refusal.Err.Error(), true)
	case run.fate == pipeline.Denied && g.checks.due(now):
		g.renewed = now
		g.renew() // the login that there is was good enough once: see what it may do now
	}
	return nil
}

// asked reports whether a new login was refused after it was asked for here.
func (g *guard) asked(st natsio.Standing) bool {
	return st.Refusal.Err != nil && !g.renewed.IsZero() && st.Refusal.At.After(g.renewed)
}

func (g *guard) leave(now time.Time, reason string, denied bool) *absence {
	g.retries.putOff(now)
	return &absence{since: now, reason: reason, denied: denied}
}

// standing is that of the lane that is worst off.
func (p *path) standing() (worst natsio.Standing) {
	for i, pub := range p.publishers {
		st := pub.Standing()
		if i == 0 || st.Verdict > worst.Verdict {
			refusal := worst.Refusal
			worst = st
			if st.Refusal.Err == nil {
				worst.Refusal = refusal
			}
		}
		if st.Refusal.Err != nil {
			worst.Refusal = st.Refusal
		}
	}
	return worst
}

// trusted reports whether the login of some lane is known to be good: those of the others are read from the same settings.
func (p *path) trusted() bool {
	return slices.ContainsFunc(p.publishers, func(pub *natsio.Publisher) bool {
		st := pub.Standing()
		return st.Verdict == link.Permitted && !st.Since.IsZero()
	})
}

// denials says what was denied last.
func (p *path) denials() string {
	if d := p.lastDenied.Load(); d != nil {
		return fmt.Sprintf("publishing to %q is denied by the server (permissions violation)", d.printable())
	}
	return "publishing is denied by the server (permissions violation)"
}

// doubts warns of a login that may not be able to publish.
func (p *path) doubts() []string {
	st := p.standing()
	if st.Verdict != link.Doubtful || p.trusted() {
		return nil
	}
	return []string{fmt.Sprintf("%s: what the login may publish to is not known before something is confirmed: %s; "+
		"name the collectives in allow.collectives, or allow its user to publish to $SYS.REQ.USER.INFO and to subscribe to _INBOX.>", p.to, st.Doubt)}
}

// logDoubts logs what doubts warns of, unless it did so before: each new login on trial has the same.
func (g *guard) logDoubts() {
	for _, text := range g.doubts() {
		if text != g.doubt {
			g.log.Warn(text)
			g.doubt = text
		}
	}
}

// tell has Ready say what is wrong.
func (g *guard) tell(run run) {
	var text string
	switch {
	case g.absence != nil:
		text = "nothing gets through: " + g.absence.reason
	case run.copies == 0 || !run.lasting():
		g.trouble.Store(nil)
		return
	case run.fate == pipeline.Denied:
		text = fmt.Sprintf("nothing has got through since %s: %s", clock(run.first), g.denials())
	default:
		text = fmt.Sprintf("nothing has got through since %s: copies are %s", clock(run.first), run.fate)
	}
	g.trouble.Store(&text)
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05Z") }
