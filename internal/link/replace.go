package link

import (
	"context"
	"sync/atomic"
)

// successors are endpoints of one side that replace each other. Only the latest is kept.
type successors struct{ latest atomic.Pointer[Endpoint] }

// Latest returns the endpoint that has replaced e last, or e itself.
func (e *Endpoint) Latest() *Endpoint { return e.successors.latest.Load() }

// Replace makes next the endpoint of all links that have e, and of whoever else connects by it. A
// connection that next would make in another way, or to other servers, is replaced by a new one:
// each link attaches that first, and only then retires the old one. A link that cannot connect by
// next keeps what it has, and tries again. next must be new and of the same side; it gets Dial and
// Portable of e. Replace does not block. Calls must come one after the other.
func (e *Endpoint) Replace(next *Endpoint) {
	if next.side != e.side {
		panic("link: BUG: an endpoint of the side " + next.side + " for " + e.side)
	}
	next.Dial, next.Portable, next.successors = e.Dial, e.Portable, e.successors
	before := e.successors.latest.Swap(next)
	close(before.replaced)
}

// Replaced is closed when e has been replaced.
func (e *Endpoint) Replaced() <-chan struct{} { return e.replaced }

// isReplaced reports whether e has been replaced.
func (e *Endpoint) isReplaced() bool {
	select {
	case <-e.replaced:
		return true
	default:
		return false
	}
}

// endpoint returns by what l connects now.
func (l *Link) endpoint() *Endpoint { return l.cfg.Endpoint.Latest() }

// A login is who the server is told that we are, by whatever credentials.
type login struct {
	user, password, token, nkey, jwt string
	public                           string // of the key that signs
}

// loginOf returns the login in s. Mistakes are in s already.
func loginOf(s *settings) login {
	o := &s.options
	l := login{user: o.User, password: o.Password, token: o.Token, nkey: o.Nkey}
	if o.TokenHandler != nil {
		l.token = o.TokenHandler()
	}
	if o.UserJWT != nil {
		l.jwt, _ = o.UserJWT()
	}
	for _, c := range s.credentials {
		if c.public != "" {
			l.public = c.public
		}
	}
	return l
}

// connectAlike reports whether a connection to the same server would be made in the same way by
// both settings.
func connectAlike(a, b *settings) bool {
	return a.login == b.login && a.proxy == b.proxy &&
		a.security.Want == b.security.Want && a.security.First == b.security.First &&
		sameSecurity(a.security.Config, b.security.Config)
}

// A Reading is what an Endpoint has read for a connect at one moment.
type Reading struct{ settings *settings }

// Read reads what a connect would read now. It blocks for files. Mistakes in them are for Inspect.
func (e *Endpoint) Read() Reading {
	s, _ := e.read("")
	return Reading{s}
}

// Alike reports whether a connection to the same server would be made in the same way.
func (r Reading) Alike(o Reading) bool { return connectAlike(r.settings, o.settings) }

// MadeLike reports whether the session in use was made by files and settings like those in r. It is
// true without a session, and while the Link is busy with an Endpoint that has replaced another:
// the next one will be.
func (l *Link) MadeLike(r Reading) bool {
	l.mu.Lock()
	s := l.current
	l.mu.Unlock()
	return s == nil || s.fits.Load() != l.endpoint() || connectAlike(s.settings, r.settings)
}

// outdated says why s, which is in use, should make room for a session by e, or returns "". It
// blocks for files.
func (l *Link) outdated(ctx context.Context, s *Session, e *Endpoint) string {
	switch {
	case s.stale:
		return "is to be connected again"
	case s.settings == nil || s.fits.Load() == e:
		return ""
	}
	set, err := e.read(l.cfg.Name)
	if err != nil || !connectAlike(set, s.settings) {
		return "is to be connected in another way"
	}
	if e.dynamic() && s.server.ofDNS() {
		return "" // a look at DNS decides
	}
	if e.dynamic() {
		return "is to be looked up in DNS"
	}
	list, err := e.resolve(ctx, set.servers) // asks nobody
	if err != nil || !list.spells(s.server) {
		return "is not listed any more"
	}
	return ""
}

// spells reports whether sv is listed with the same scheme and login.
func (l serverList) spells(sv server) bool {
	for _, s := range l.servers {
		if s.same(sv) && s.url.Scheme == sv.url.Scheme && s.url.User.String() == sv.url.User.String() {
			return true
		}
	}
	return false
}
