package relay

import (
	"fmt"
	"slices"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natsio"
)

// standing returns the standing of the lane with the worst verdict. Its Forbidden may be that of
// any lane.
func (p *path) standing() (worst natsio.Standing) {
	for i, l := range p.inUse() {
		st := l.publisher.Standing()
		if i == 0 || st.Verdict > worst.Verdict {
			forbidden := worst.Forbidden
			worst = st
			if st.Forbidden.Err == nil {
				worst.Forbidden = forbidden
			}
		}
		if st.Forbidden.Err != nil {
			worst.Forbidden = st.Forbidden
		}
	}
	return worst
}

// trusted reports whether the login of a lane is permitted. Then the logins of all lanes are,
// because they come from the same settings.
func (p *path) trusted() bool {
	return slices.ContainsFunc(p.inUse(), func(l *lane) bool {
		st := l.publisher.Standing()
		return st.Verdict == link.Permitted && !st.Since.IsZero()
	})
}

// doubts warns if the login may not be able to publish. It is one of Relay.warners.
func (p *path) doubts() []string {
	st := p.standing()
	if st.Verdict != link.Doubtful || p.trusted() {
		return nil
	}
	wayOut := "name the collectives in allow.collectives, or allow"
	if p.to == link.Line { // its subject does not depend on collectives
		wayOut = "allow"
	}
	return []string{fmt.Sprintf(
		"%s: what the login may publish to is not known before something is confirmed: %s; "+
			"%s its user to publish to $SYS.REQ.USER.INFO and to subscribe to _INBOX.>", p.to, st.Doubt, wayOut)}
}

// logDoubts logs the warning of doubts, unless it was the last one logged: each new doubtful login
// gives the same warning.
func (g *guard) logDoubts() {
	for _, text := range g.doubts() {
		if text != g.loggedDoubt {
			g.log.Warn(text)
			g.loggedDoubt = text
		}
	}
}
