package link

import (
	"context"
	"fmt"
	"time"
)

// A Renewal is why the user of a session wants another one to the same server, made with
// credentials that are read afresh.
type Renewal int

// Later ones matter more: what a session is made anew for has the effects of those before, too.
const (
	// ForSize is for a payload that is larger than max_payload, as the server announced it at the
	// login. A server does not announce a change.
	ForSize Renewal = iota
	// ForRights is for a login whose publishes are denied. A new login has the permissions that the
	// server gives it now.
	ForRights
	// ForSettings is for a handler that will use a session in another way than this one, because
	// its own settings have changed. It is tried until it succeeds.
	ForSettings
)

// sizeInterval is the least time between two connects that ask a server for its max_payload again.
const sizeInterval = 10 * time.Second

// renew attaches another session to the same server, and only then retires s, as a move does. It
// returns the session to hold. That is s if no other session can be had, or if another would be of
// no use. It connects by e, so that a session by an endpoint that has replaced e is never taken for
// one to its servers. m is a move that is planned instead, or anyway.
func (l *Link) renew(ctx context.Context, s *Session, e *Endpoint, why Renewal, m *mover) *Session {
	switch {
	case s.outdated:
		return s // the move that is due has the same effect
	case e.isReplaced():
		s.Renew(why) // once it is known whether s still does
		return s
	}
	if why == ForSize {
		if !l.sizeAsked.IsZero() && time.Since(l.sizeAsked) < sizeInterval {
			return s
		}
		l.sizeAsked = time.Now()
	}
	next, err := l.reconnect(ctx, s, e, why)
	switch {
	case ctx.Err() != nil && next == nil:
		return s
	case err != nil:
		l.reportFailure(err, "staying with "+s.server.address())
		if why == ForSettings {
			s.stale = true
			l.makeRoom(s, m, m.backoff.next())
		}
		return s
	case next == nil:
		return s
	}
	how := "connected again to"
	if was, is := s.MaxPayload(), next.MaxPayload(); was != is {
		how = fmt.Sprintf("max_payload was %d before: %s", was, how)
	}
	l.reportConnected(next, how, "")
	l.event(EventMoved)
	l.retireBeside(ctx, s)
	return next
}

// reconnect connects to the server of s once more and attaches that session. It returns nil without
// an error if the new session would be of no use.
func (l *Link) reconnect(ctx context.Context, s *Session, e *Endpoint, why Renewal) (*Session, error) {
	set, err := e.read(l.cfg.Name)
	if err != nil {
		return nil, connectError{{err: err}}
	}
	next, err := l.connect(ctx, set, s.server, nil)
	if err != nil {
		return nil, connectError{{address: s.server.address(), err: err}}
	}
	if why == ForSize && next.MaxPayload() == s.MaxPayload() {
		next.close()
		return nil, nil
	}
	return l.attach(ctx, next)
}
