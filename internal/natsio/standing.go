package natsio

import (
	"context"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
)

// A Standing says what is known about the login of a publisher, and about one that it could not
// use.
type Standing struct {
	// Verdict is about the login of the connection in use. It is Permitted once a copy was
	// confirmed on the connection, and also without a connection.
	Verdict link.Verdict
	// Doubt is the denial because of which the verdict is Doubtful, else nil.
	Doubt error
	// Since is when the publisher got the connection in use. It is the zero time without one.
	Since time.Time
	// Forbidden is the latest login, if it was forbidden. A later login that is not forbidden
	// clears it.
	Forbidden ForbiddenLogin
}

// A ForbiddenLogin says when and why a new connection was not used: its login has none of the
// rights that it needs. The connection in use stays in use. The zero value means that there is
// none.
type ForbiddenLogin struct {
	At  time.Time
	Err error
}

// Standing returns the standing of p now. It does not block.
func (p *Publisher) Standing() Standing {
	p.mu.Lock()
	defer p.mu.Unlock()
	st := Standing{Forbidden: p.forbidden}
	if o := p.current; o != nil {
		st.Since = o.began
		if !o.proven.Load() {
			st.Verdict, st.Doubt = o.verdict, o.doubt
		}
	}
	return st
}

// Renew asks for another connection, with credentials that are read afresh and Rights that are
// asked for anew. It does not block;
// Changed is called when Standing has changed. Without a connection it does nothing, because one is
// being made anyway.
func (p *Publisher) Renew() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current != nil {
		p.current.session.Renew(link.ForRights)
	}
}

// Rejudge asks for another connection because Rights have changed. Unlike Renew it is not in vain
// if a connection cannot be had now: the Link tries until it has one. It does not block. A
// connection that is being attached may have been judged already, by the Rights of before. So that
// is replaced, too.
func (p *Publisher) Rejudge() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current != nil {
		p.current.session.Renew(link.ForSettings)
	}
	if p.attaching != nil {
		p.attaching.Renew(link.ForSettings)
	}
}

// admit judges the login of o before o is used. It blocks for the server. It fails if the login is
// forbidden, or if the connection has ended.
func (p *Publisher) admit(ctx context.Context, o *outbox) (err error) {
	o.verdict, err = p.cfg.Rights().Judge(ctx, o.session)
	var forbidden ForbiddenLogin
	switch o.verdict {
	case link.Forbidden:
		forbidden = ForbiddenLogin{At: time.Now(), Err: err}
	case link.Doubtful:
		o.doubt, err = err, nil
	}
	p.mu.Lock()
	p.forbidden = forbidden
	p.mu.Unlock()
	if err != nil {
		p.cfg.Changed()
	}
	return err
}
