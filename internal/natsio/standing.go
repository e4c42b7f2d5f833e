package natsio

import (
	"context"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
)

// A Standing is what is known about the login that a publisher has, or would get.
type Standing struct {
	// Verdict about the connection in use; Permitted once something was confirmed on it, and
	// without a connection.
	Verdict link.Verdict
	// Doubt is what was denied where the verdict is Doubtful.
	Doubt error
	// Since when that connection is in use; the zero time without one.
	Since time.Time
	// Refusal is the latest; the zero Refusal if there was none since the last connection.
	Refusal Refusal
}

// A Refusal is a new connection that was not put to use because its login may do nothing of what it
// must. One that is in use stays.
type Refusal struct {
	At  time.Time
	Err error
}

// Standing may be called at any time.
func (p *Publisher) Standing() Standing {
	p.mu.Lock()
	defer p.mu.Unlock()
	st := Standing{Refusal: p.refusal}
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

// admit judges the login of o before it is used. Its error is a refusal, or the end of the
// connection.
func (p *Publisher) admit(ctx context.Context, o *outbox) (err error) {
	o.verdict, err = p.cfg.Rights.Judge(ctx, o.session)
	var refusal Refusal
	switch o.verdict {
	case link.Forbidden:
		refusal = Refusal{At: time.Now(), Err: err}
	case link.Doubtful:
		o.doubt, err = err, nil
	}
	p.mu.Lock()
	p.refusal = refusal
	p.mu.Unlock()
	if err != nil {
		p.cfg.Changed()
	}
	return err
}
