package relay

import (
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natsio"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A withdrawal is a time in which a path stays out of its queue group because no copy would get
// through, although its connections are up.
type withdrawal struct {
	began  time.Time
	reason string
	denied bool // the login lacks permissions, so only another login can end the withdrawal
}

// judge ends a withdrawal, begins one, or does neither. It stores for Ready what is wrong.
func (g *guard) judge(now time.Time) {
	confirmed := g.ledger.Confirmed()
	g.nextTry.resetIfNew(confirmed)
	g.nextLogin.resetIfNew(confirmed)
	if g.withdrawal != nil && g.ended(now) {
		g.withdrawal = nil
		g.failures.forget()
	}
	streak := g.failures.current(confirmed)
	if g.withdrawal == nil {
		g.withdrawal = g.withdrawalFor(streak, now)
	}
	g.report(streak)
}

// ended reports whether the withdrawal is over. If the login was denied, it is over when all lanes
// have newer connections, and until then ended asks for new logins at intervals. Otherwise it is
// over when it is time to try again.
func (g *guard) ended(now time.Time) bool {
	if !g.withdrawal.denied {
		return g.nextTry.due(now)
	}
	for _, l := range g.inUse() {
		if !l.publisher.Standing().Since.After(g.withdrawal.began) {
			if g.nextTry.due(now) {
				g.renewLogins()
			}
			return false
		}
	}
	return true
}

// renewLogins asks for another connection of each lane, because a new login shows what it may do
// now.
func (p *path) renewLogins() {
	for _, l := range p.inUse() {
		l.publisher.Renew()
	}
}

// withdrawalFor returns the withdrawal that a streak of failed copies calls for, or nil. If a login
// is denied now that was permitted before, it asks for another login first.
func (g *guard) withdrawalFor(s streak, now time.Time) *withdrawal {
	login := g.standing()
	onTrial := login.Verdict == link.Doubtful && !g.trusted()
	switch {
	case s.copies == 0:
		return nil
	case s.fate == pipeline.Denied && onTrial && (s.lasting() || s.last.After(login.Since)):
		return g.withdraw(now, g.denialText(), true)
	case !s.lasting():
		return nil
	case s.fate == pipeline.Unconfirmed:
		return g.withdraw(now, "the connection ends before anything is confirmed", false)
	case s.fate == pipeline.Denied && g.newLoginForbidden(login):
		return g.withdraw(now, login.Forbidden.Err.Error(), true)
	case s.fate == pipeline.Denied && g.nextLogin.due(now):
		g.askedAt = now
		g.renewLogins()
	}
	return nil
}

// newLoginForbidden reports whether the login that withdrawalFor has asked for turned out to be
// forbidden.
func (g *guard) newLoginForbidden(login natsio.Standing) bool {
	return login.Forbidden.Err != nil && !g.askedAt.IsZero() && login.Forbidden.At.After(g.askedAt)
}

func (g *guard) withdraw(now time.Time, reason string, denied bool) *withdrawal {
	g.nextTry.putOff(now)
	return &withdrawal{began: now, reason: reason, denied: denied}
}

// report stores for Ready whether nothing gets through, and why.
func (g *guard) report(s streak) {
	var text string
	switch {
	case g.withdrawal != nil:
		text = "nothing gets through: " + g.withdrawal.reason
	case s.copies == 0 || !s.lasting():
		g.trouble.Store(nil)
		return
	case s.fate == pipeline.Denied:
		text = fmt.Sprintf("nothing has got through since %s: %s", clock(s.first), g.denialText())
	default:
		text = fmt.Sprintf("nothing has got through since %s: copies are %s", clock(s.first), s.fate)
	}
	g.trouble.Store(&text)
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05Z") }
