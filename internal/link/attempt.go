package link

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A failure is why one server could not be used. Without an address it is why no server could be
// used.
type failure struct {
	address string // host:port
	err     error
}

func (f failure) Error() string {
	if f.address == "" {
		return explain(f.err)
	}
	return explain(f.err) + ", " + f.address
}

// A connectError is the end of a round over all servers, none of which could be used.
type connectError []failure

func (e connectError) Error() string { return e.text("") }

// text is the log line. lasting is for how long the outage has lasted: "" or, say, " for 12s".
func (e connectError) text(lasting string) string {
	last := e[len(e)-1]
	switch {
	case last.address == "":
		return fmt.Sprintf("cannot connect%s: %s", lasting, explain(last.err))
	case len(e) == 1:
		return fmt.Sprintf("cannot connect to %s%s: %s", last.address, lasting, explain(last.err))
	}
	return fmt.Sprintf("cannot connect to any of %d servers%s (last: %s%s)", len(e), lasting, last.Error(), e.others())
}

// others lists the reasons that differ from the last one, each once and three at most.
func (e connectError) others() string {
	last := e[len(e)-1]
	seen, text := []string{explain(last.err)}, ""
	for _, f := range e[:len(e)-1] {
		if why := explain(f.err); !slices.Contains(seen, why) && len(seen) <= 3 {
			seen, text = append(seen, why), text+"; before: "+f.Error()
		}
	}
	return text
}

// key is the same for all rounds that failed in the same way, in whatever order.
func (e connectError) key() string {
	var all []string
	for _, f := range e {
		all = append(all, f.Error())
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// An attachError says that a connection was made, but that the handler cannot use it.
type attachError struct {
	address string
	err     error
}

func (e *attachError) Error() string { return e.text("") }
func (e *attachError) Unwrap() error { return e.err }
func (e *attachError) key() string   { return e.text("") }

func (e *attachError) text(lasting string) string {
	text := fmt.Sprintf("connected to %s, but%s: %s", e.address, lasting, explain(e.err))
	var denied *DeniedError
	var forbidden *forbiddenError
	if errors.As(e.err, &denied) || errors.As(e.err, &forbidden) {
		text += "; fedrelay config permissions prints what the login needs"
	}
	return text
}

// open connects to some server and attaches the session. On a move old is the session that it is to
// replace, else nil.
func (l *Link) open(ctx context.Context, old *Session) (*Session, error) {
	s, err := l.round(ctx, old)
	if err != nil {
		return nil, err
	}
	return l.attach(ctx, s)
}

// attach gives s to the handler, and closes s if the handler cannot use it. The handler has
// HandlerTimeout for that.
func (l *Link) attach(ctx context.Context, s *Session) (*Session, error) {
	l.epoch++
	s.Epoch, s.since = l.epoch, time.Now()
	attaching, cancel := context.WithTimeout(ctx, HandlerTimeout)
	defer cancel()
	if err := l.cfg.Handler.Attach(attaching, s); err != nil {
		if why := s.Err(); why != nil {
			err = why // all that the handler knows is that the connection is gone
		}
		s.close()
		return nil, &attachError{address: s.server.address(), err: err}
	}
	l.use(s)
	return s, nil
}

// round tries every server once, and returns the first session that it can make (inOrder says which
// comes first). A server that has just lost our connection comes behind those that need no rest,
// and is tried when its rest is over. The round ends early when the endpoint is replaced.
func (l *Link) round(ctx context.Context, old *Session) (*Session, error) {
	e := l.endpoint()
	set, err := e.read(l.cfg.Name)
	if err != nil {
		return nil, connectError{{err: err}}
	}
	list, err := e.resolve(ctx, set.servers)
	if err != nil {
		l.event(EventResolveFailed)
		return nil, connectError{{err: err}}
	}
	l.sayAssumed(list)
	if old != nil && !old.leaving && !old.outdated && list.contains(old.server) {
		return nil, errListed
	}
	var failures connectError
	for _, sv := range inOrder(l.rests.restedFirst(nearFirst(list.servers, l.near)), old) {
		if !sleepUnlessReplaced(ctx, e, l.rests.remaining(sv)) {
			return nil, ctx.Err()
		}
		if e.isReplaced() {
			failures = append(failures, failure{err: errReplaced})
			break
		}
		s, err := l.connect(ctx, set, sv, old)
		if err == nil {
			return s, nil
		}
		err = list.because(&attemptError{e.side, sv, set, err})
		failures = append(failures, failure{address: sv.address(), err: err})
		if ctx.Err() != nil {
			break
		}
	}
	return nil, failures
}

// inOrder moves the server of old behind the others, in place, because it is to be left, or before
// them, if it is only to be connected in another way. old may be nil.
func inOrder(servers []server, old *Session) []server {
	if old == nil {
		return servers
	}
	place := 1
	if old.outdated && !old.leaving {
		place = -1
	}
	slices.SortStableFunc(servers, func(a, b server) int {
		switch {
		case a.same(old.server) == b.same(old.server):
			return 0
		case a.same(old.server):
			return place
		}
		return -place
	})
	return servers
}

var (
	// errListed says that the server is listed again, so there is no reason to move away.
	errListed = errors.New("the server is listed again")
	// errSameServer says that another address belongs to the very server that is to be left.
	errSameServer = errors.New("reaches the server that is about to stop")
	// errReplaced says that a round was left because the next one goes by other settings.
	errReplaced = errors.New("the settings have changed")
)

// connect makes one connection to one server. On a move old is the session that it is to replace,
// else nil.
func (l *Link) connect(ctx context.Context, set *settings, sv server, old *Session) (*Session, error) {
	s := newSession(sv, l.event)
	s.settings = set
	s.fits.Store(set.from)
	d := &dialer{
		ctx: ctx, endpoint: set.from, server: sv, session: s,
		security: set.security, dial: set.dial, proxied: set.proxied,
	}
	o := set.options
	o.Url = sv.natsURL()
	o.CustomDialer = d
	s.setCallbacks(&o)
	s.plane = l.newPlane(s)
	s.plane.prepare(&o)
	nc, err := d.login(o.Connect)
	if err != nil {
		return nil, err
	}
	s.Conn = nc
	s.plane.start()
	go s.watch()
	if old != nil && old.leaving && old.Conn.ConnectedServerId() == nc.ConnectedServerId() {
		s.close()
		return nil, errSameServer
	}
	return s, nil
}

// An attemptError is why a connect failed. Its settings hold the credentials and authorities in
// use.
type attemptError struct {
	side     string
	server   server
	settings *settings
	err      error
}

func (e *attemptError) Error() string { return e.err.Error() }

func (e *attemptError) Unwrap() error { return e.err }
