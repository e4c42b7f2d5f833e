package link

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Rights are the permissions that a publisher needs. A part of them is enough, because an operator
// may restrict which nodes and agents a relay can reach.
type Rights struct {
	// Patterns are subjects with wildcards that cover everything that is published to. If there are
	// none, every login is permitted without a question.
	Patterns []string
	// Likely are those of Patterns that a default configuration uses, perhaps with fewer wildcards.
	// A login that may publish to none of them is doubtful, unless it may publish to another
	// pattern by name.
	Likely []string
	// Probes are literal subjects below the patterns, to which nobody can be subscribed. If the
	// server does not say what the login may do, an empty message is published to one after the
	// other, until one is not denied. Without probes the login is doubtful then: where somebody is
	// subscribed to all of Patterns, no subject is fit to be one.
	Probes []string
}

// A Verdict is what is known about a login before it has published anything.
type Verdict int

// Verdicts.
const (
	// Permitted: the server says so or lets a probe pass, or there is no answer that speaks against
	// it.
	Permitted Verdict = iota
	// Doubtful: every probe was denied, or all of Likely is, or nothing tells. The login may still
	// be allowed other, more specific subjects.
	Doubtful
	// Forbidden: the server says that it allows nothing of Patterns.
	Forbidden
)

// probeTimeout is how long Judge may take. A login is not doubted because its server has not
// answered in this time.
const probeTimeout = 2 * time.Second

// A forbiddenError says that a login may publish to none of patterns.
type forbiddenError struct{ patterns []string }

func (e *forbiddenError) Error() string {
	return "this login may publish to none of " + strings.Join(e.patterns, ", ") + " (permissions on the server)"
}

// Judge finds out whether the login of s has a part of the rights. What it publishes reaches
// nobody. It blocks for the server, for probeTimeout at most. The error says what is denied, or
// that the connection has ended.
func (r Rights) Judge(ctx context.Context, s *Session) (Verdict, error) {
	if len(r.Patterns) == 0 {
		return Permitted, nil
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	may, err := s.permissions(ctx)
	switch {
	case err == nil && (may.publishTo(r.Likely, false) || may.publishTo(r.Patterns, true)):
		return Permitted, nil
	case err == nil && may.publishTo(r.Patterns, false):
		return Doubtful, &DeniedError{Publish: true, Subject: r.Likely[0]}
	case err == nil:
		return Forbidden, &forbiddenError{r.Patterns}
	case len(r.Probes) == 0 && s.Alive():
		return Doubtful, errNotTold
	}
	return r.probe(ctx, s)
}

// probe publishes to one of Probes after the other, until one is not denied.
func (r Rights) probe(ctx context.Context, s *Session) (Verdict, error) {
	var first error
	for _, subject := range r.Probes {
		switch err := s.probe(ctx, subject); {
		case err == nil, !s.Alive():
			return Permitted, err
		case !errors.Is(err, nats.ErrPermissionViolation):
			return Permitted, nil
		case first == nil:
			first = err
		}
	}
	if first == nil {
		return Permitted, nil
	}
	return Doubtful, first
}

// probe publishes an empty message, and returns its denial if there is one. The denial is not
// counted.
func (s *Session) probe(ctx context.Context, subject string) (err error) {
	s.denials.expect(subject)
	defer func() { s.denials.forget(subject, answered(err)) }()
	if err := s.plane.publishEmpty(ctx, subject); err != nil {
		return err
	}
	return s.unlessDenied(ctx, &DeniedError{Publish: true, Subject: subject})
}

// answered reports whether err means that the server has said yes or no.
func answered(err error) bool { return err == nil || errors.Is(err, nats.ErrPermissionViolation) }

// unlessDenied settles denials after a round trip. It returns denied if the server has sent that
// denial.
func (s *Session) unlessDenied(ctx context.Context, denied *DeniedError) error {
	if err := s.Settle(ctx); err != nil {
		return err
	}
	if s.denials.met(denied.Subject) {
		return denied
	}
	return nil
}
