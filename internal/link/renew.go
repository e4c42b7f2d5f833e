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

// sizeInterval is how often a server is asked again what it takes, at most.
const sizeInterval = 10 * time.Second

// renew attaches another session to the same server and only then retires s, as a move does. It
// returns the session to hold: s where there is no other to be had, or no use for one.
func (l *Link) renew(ctx context.Context, s *Session, why Renewal) *Session {
	if why == ForSize {
		if !l.sized.IsZero() && time.Since(l.sized) < sizeInterval {
			return s
		}
		l.sized = time.Now()
	}
	next, err := l.again(ctx, s, why)
	switch {
	case ctx.Err() != nil && next == nil:
		return s
	case err != nil:
		l.failed(err, "staying with "+s.server.address())
		return s
	case next == nil:
		return s
	}
	how := "connected again to"
	if was, is := s.MaxPayload(), next.MaxPayload(); was != is {
		how = fmt.Sprintf("max_payload was %d before: %s", was, how)
	}
	l.recovered(next, how)
	l.event(EventMoved)
	l.depart(ctx, s)
	return next
}

// again connects to the server of s and attaches that; nil where it is for nothing.
func (l *Link) again(ctx context.Context, s *Session, why Renewal) (*Session, error) {
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
