package preflight

import (
	"context"
	"errors"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// rights proves each right of the side. Rights without which something still works are gathered
// into one check.
func (s *side) rights(ctx context.Context) {
	var lacking []string
	var needed, wanted []relay.Right // that are missing
	for _, right := range relay.RightsOf(s.o.Config, s.name) {
		level, text := s.judge(ctx, right)
		missing := level == Warning || level == Critical
		switch {
		case right.Lacks != "" && missing:
			lacking, wanted = append(lacking, right.Lacks), append(wanted, right)
			continue
		case right.Lacks != "":
			continue
		case missing:
			needed = append(needed, right)
		}
		s.add(kindOf(right), level, "%s", text)
	}
	if len(needed) > 0 {
		s.fixLastRight(needed)
	}
	s.jetStreamOnly()
	if len(lacking) > 0 {
		c := s.add(idOperators, Note, "not needed to carry messages, but without more rights there is no: %s", strings.Join(unique(lacking), "; "))
		c.Fix = s.fix(wanted)
	}
}

func kindOf(r relay.Right) string {
	if r.Publish {
		return idPublish
	}
	return idSubscribe
}

// fixLastRight says at the last right that is missing how to get all of them.
func (s *side) fixLastRight(missing []relay.Right) {
	for i := len(s.checks) - 1; i >= 0; i-- {
		c := &s.checks[i]
		if (c.ID == idPublish || c.ID == idSubscribe) && c.Level != OK {
			c.Fix = s.fix(missing)
			return
		}
	}
}

// judge finds out about one right: the server's word, else an attempt that harms nobody.
func (s *side) judge(ctx context.Context, r relay.Right) (Level, string) {
	if r.Publish {
		return s.judgePublish(ctx, r)
	}
	what := "subscribing to " + r.Subject
	if r.Queue != "" {
		what += " in queue group " + r.Queue
	}
	if s.login != nil && !s.login.MaySubscribe(r.Subject, r.Queue) {
		return Critical, what + " is denied by the server"
	}
	if r.Lacks != "" {
		return s.optional(ctx, r, what)
	}
	switch err := s.session.JudgeSubscribe(ctx, r.Subject, r.Queue); {
	case err == nil:
		return OK, "may subscribe to " + r.Subject + " in queue group " + r.Queue
	case errors.Is(err, nats.ErrPermissionViolation):
		return Critical, what + " is denied by the server"
	case errors.Is(err, link.ErrUntold) && s.login != nil:
		return OK, "may subscribe to " + r.Subject + " in queue group " + r.Queue + ", as the server says"
	case errors.Is(err, link.ErrUntold):
		return Warning, what + ": cannot be told without taking messages from others; fedrelay run will tell"
	default:
		return Warning, what + ": the server does not say whether that is allowed: " + err.Error()
	}
}

// optional is judge for a right that may be missing. Where the server does not tell it is tried
// once, because a subscription that is refused makes a line in the server's log.
func (s *side) optional(ctx context.Context, r relay.Right, what string) (Level, string) {
	switch {
	case s.login != nil:
		return OK, what
	case strings.HasPrefix(r.Subject, "_INBOX"):
		return Warning, what // the question would have been answered otherwise
	}
	return Note, what
}

func (s *side) judgePublish(ctx context.Context, r relay.Right) (Level, string) {
	if s.login != nil && !strings.ContainsAny(r.Subject, "*>") {
		if s.login.PublishesTo(r.Subject) {
			return OK, "may publish to " + r.Subject
		}
		return Critical, "publishing to " + r.Subject + " is denied by the server"
	}
	if s.login != nil {
		switch reach, parts := s.login.MayPublish(r.Subject); reach {
		case link.All:
			return OK, "may publish to " + r.Subject
		case link.Some:
			return OK, "may publish to " + listed(parts, 3) + " of " + r.Subject
		}
		return Critical, "publishing to " + r.Subject + " is denied by the server"
	}
	if r.Subject == "$SYS.REQ.USER.INFO" {
		return Warning, "" // it was asked and not answered
	}
	return s.probe(ctx, r)
}

// probe publishes to the probes of r until one is not denied.
func (s *side) probe(ctx context.Context, r relay.Right) (Level, string) {
	if len(r.Probes) == 0 {
		if r.Lacks != "" {
			return Note, ""
		}
		return Warning, "publishing to " + r.Subject + ": the server does not say whether that is allowed, and nothing can be tried that reaches nobody"
	}
	for _, subject := range r.Probes {
		switch err := s.session.JudgePublish(ctx, subject); {
		case err == nil:
			return OK, "may publish to " + shape(r.Subject, subject)
		case !errors.Is(err, nats.ErrPermissionViolation):
			return Warning, "publishing to " + r.Subject + ": the server does not say whether that is allowed: " + err.Error()
		}
	}
	text := "publishing to " + r.Subject + " is denied by the server"
	if strings.HasPrefix(r.Subject, "*.") {
		var tried []string
		for _, subject := range r.Probes {
			tried = append(tried, shape(r.Subject, subject))
		}
		text = "publishing to " + strings.Join(tried, " and ") + " is denied by the server; if the collective has another name, list it in allow.collectives"
	}
	return Critical, text
}

// shape is pattern with the collective of a probe.
func shape(pattern, probe string) string {
	_, rest, ok := strings.Cut(pattern, ".")
	first, _, _ := strings.Cut(probe, ".")
	if !ok || !strings.HasPrefix(pattern, "*.") {
		return pattern
	}
	return first + "." + rest
}

// jetStreamOnly says what kind of login it is that may do nothing that is needed.
func (s *side) jetStreamOnly() {
	if s.login == nil {
		return
	}
	allowed := s.login.Publishes()
	for _, subject := range allowed {
		if !strings.HasPrefix(subject, "$") && !strings.HasPrefix(subject, "_") {
			return
		}
	}
	if len(allowed) == 0 {
		return
	}
	c := s.add("login_kind", Critical, "this login is for NATS's own services only (%s): it may publish to no subject of Choria", listed(allowed, 3))
	c.Fix = []string{"it is probably a login for JetStream; make one for the relay: fedrelay config permissions says with which rights"}
	c.Where = s.o.where(s.name)
}
