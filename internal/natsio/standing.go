package natsio

import (
	"context"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
)

// A Standing is what is known about the login that a publisher has, or would get.
type Standing struct {
	// Verdict is about the connection in use. It is Permitted once something was confirmed on that,
	// and without a connection.
	Verdict link.Verdict
	// Doubt is what was denied where the verdict is Doubtful.
	Doubt error
	// Since is when that connection was put to use, and the zero time without one.
	Since time.Time
	// Forbidden is the latest login that was forbidden, if any was after the last that was not.
	Forbidden ForbiddenLogin
}

// A ForbiddenLogin is a new connection that was not put to use because its login may do nothing of
// what it must. The one in use stays. The zero value is none.
type ForbiddenLogin struct {
	At  time.Time
	Err error
}

// Standing may be called at any time and does not block.
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

// Renew asks for another connection, with credentials that are read afresh. It does not wait;
// Changed is called when Standing has news. It does nothing without a connection, since then one is
// being made anyway.
func (p *Publisher) Renew() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current != nil {
		p.current.session.Renew(link.ForRights)
	}
}

// admit judges the login of o before o is used. It fails when the login is forbidden, or when the
// connection has ended.
func (p *Publisher) admit(ctx context.Context, o *outbox) (err error) {
	o.verdict, err = p.cfg.Rights.Judge(ctx, o.session)
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
