package link

import (
	"context"
	"fmt"
	"time"
)

// A Renewal is why the user of a session wants another one to the same server, made with
// credentials that are read afresh.
type Renewal int

const (
	// ForRights is for a login whose publishes are denied. A new login has the permissions that the
	// server gives it now.
	ForRights Renewal = iota
	// ForSize is for a payload that is larger than max_payload, as the server announced it at the
	// login. A server does not announce a change.
	ForSize
	// ForSettings is for a handler that will use a session in another way than this one, because
	// its own settings have changed.
	ForSettings
)

// sizeInterval is the least time between two connects that ask a server for its max_payload again.
const sizeInterval = 10 * time.Second

// renew attaches another session to the same server, and only then retires s, as a move does. It
// returns the session to hold. That is s if no other session can be had, or if another would be of
// no use.
func (l *Link) renew(ctx context.Context, s *Session, why Renewal) *Session {
	if why == ForSize {
		if !l.sizeAsked.IsZero() && time.Since(l.sizeAsked) < sizeInterval {
			return s
		}
		l.sizeAsked = time.Now()
	}
	next, err := l.reconnect(ctx, s, why)
	switch {
	case ctx.Err() != nil && next == nil:
		return s
	case err != nil:
		l.reportFailure(err, "staying with "+s.server.address())
		return s
	case next == nil:
		return s
	}
	how := "connected again to"
	if was, is := s.MaxPayload(), next.MaxPayload(); was != is {
		how = fmt.Sprintf("max_payload was %d before: %s", was, how)
	}
	l.reportConnected(next, how)
	l.event(EventMoved)
	l.retireBeside(ctx, s)
	return next
}

// reconnect connects to the server of s once more and attaches that session. It returns nil without
// an error if the new session would be of no use.
func (l *Link) reconnect(ctx context.Context, s *Session, why Renewal) (*Session, error) {
	set, err := l.endpoint().read(l.cfg.Name)
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
