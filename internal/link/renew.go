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
	// ForRights is for a login whose publishes are denied. What has changed since then counts for a
	// new login at the latest.
	ForRights Renewal = iota
	// ForSize is for a message that is larger than the server took when it was asked. A server does
	// not tell when that changes.
	ForSize
)

// sizeInterval is how often at most a server is asked again how large a payload it takes.
const sizeInterval = 10 * time.Second

// renew attaches another session to the same server and only then has s retired, as a move does. It
// returns the session to hold: s when no other can be had, or when another would be of no use.
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

// reconnect connects to the server of s once more and attaches that session. It returns nil when
// another session would be of no use.
func (l *Link) reconnect(ctx context.Context, s *Session, why Renewal) (*Session, error) {
	set, err := l.cfg.Endpoint.read(l.cfg.Name)
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
