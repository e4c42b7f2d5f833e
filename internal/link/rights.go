package link

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Rights are what a publisher needs. It is enough to be allowed a part of them: which nodes and
// agents a relay may reach is its operator's to say.
type Rights struct {
	// Patterns are what is published to, as subjects with wildcards. None: nothing is asked.
	Patterns []string
	// Likely are those of Patterns that will be used if nobody has said otherwise, perhaps with
	// fewer wildcards. A login to which they are closed is doubted, unless it is allowed something
	// else by name.
	Likely []string
	// Probes are literal subjects below the patterns, to which nobody can be subscribed. They are
	// published to, with an empty payload and one after the other until one is allowed, where the
	// server does not say what the login may do.
	Probes []string
}

// A Verdict is what is known about a login before it has published anything.
type Verdict int

// Verdicts.
const (
	// Permitted: the server says so, or lets a probe pass, or nothing speaks against it.
	Permitted Verdict = iota
	// Doubtful: every probe was denied. The login may still be allowed subjects that are not as
	// general.
	Doubtful
	// Forbidden: the server says that nothing of what is needed is allowed.
	Forbidden
)

// probeTimeout bounds how long finding out may take. No login is doubted because its server has not
// answered in this time.
const probeTimeout = 2 * time.Second

// A forbiddenError is a login that may do nothing of what it must.
type forbiddenError struct{ patterns []string }

func (e *forbiddenError) Error() string {
	return "this login may publish to none of " + strings.Join(e.patterns, ", ") + " (permissions on the server)"
}

// Judge finds out whether s may publish, without harm. The error says what is denied, or is the end
// of the connection.
func (r Rights) Judge(ctx context.Context, s *Session) (Verdict, error) {
	if len(r.Patterns) == 0 {
		return Permitted, nil
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	may, err := s.permissions(ctx)
	switch {
	case err == nil && (may.publish(r.Likely, false) || may.publish(r.Patterns, true)):
		return Permitted, nil
	case err == nil && may.publish(r.Patterns, false):
		return Doubtful, &DeniedError{Publish: true, Subject: r.Likely[0]}
	case err == nil:
		return Forbidden, &forbiddenError{r.Patterns}
	}
	return r.probe(ctx, s)
}

// probe publishes probes until one is not denied.
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

// probe publishes an empty message and returns its denial, which is counted nowhere.
func (s *Session) probe(ctx context.Context, subject string) (err error) {
	s.denials.expect(subject)
	defer func() { s.denials.forget(subject, answered(err)) }()
	if err := s.plane.publishEmpty(ctx, subject); err != nil {
		return err
	}
	return s.probed(ctx, &DeniedError{Publish: true, Subject: subject})
}

// answered reports whether the server has said yes or no.
func answered(err error) bool { return err == nil || errors.Is(err, nats.ErrPermissionViolation) }

// probed returns denied if that is so. Call it after a round trip.
func (s *Session) probed(ctx context.Context, denied *DeniedError) error {
	if err := s.Settle(ctx); err != nil {
		return err
	}
	if s.denials.met(denied.Subject) {
		return denied
	}
	return nil
}
