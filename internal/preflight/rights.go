package preflight

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// rights proves each right of the side. Rights without which something still works are gathered
// into one check.
func (s *side) rights(ctx context.Context) {
	var lacking, perhaps []string
	var needed, wanted, untold []relay.Right // that are missing, or perhaps
	for _, right := range s.needed() {
		if right.Lacks != "" && s.login == nil && len(needed) > 0 {
			continue // there is enough to do, and each refusal is a line in the server's log
		}
		level, text := s.judge(ctx, right)
		missing := level == Warning || level == Critical
		switch {
		case right.Lacks != "" && missing:
			lacking, wanted = append(lacking, right.Lacks), append(wanted, right)
			continue
		case right.Lacks != "" && level == Note && s.login == nil:
			perhaps, untold = append(perhaps, right.Lacks), append(untold, right)
			continue
		case right.Lacks != "":
			continue
		case missing:
			needed = append(needed, right)
		}
		s.add(kindOf(right), level, "%s", text)
	}
	if len(needed) > 0 {
		s.fixLastRight(ctx, needed)
		s.jetStreamOnly(ctx)
	}
	if len(lacking) > 0 {
		text := strings.Join(unique(lacking), "; ")
		if len(perhaps) > 0 {
			text += "; and perhaps no: " + strings.Join(unique(perhaps), "; ")
		}
		c := s.add(idOperators, Note, "not needed to carry messages, but without more rights there is no: %s", text)
		c.Fix = s.fix(ctx, append(wanted, untold...))
	}
}

func kindOf(r relay.Right) string {
	if r.Publish {
		return idPublish
	}
	return idSubscribe
}

// fixLastRight says at the last right that is missing how to get all of them.
func (s *side) fixLastRight(ctx context.Context, missing []relay.Right) {
	for i := len(s.checks) - 1; i >= 0; i-- {
		c := &s.checks[i]
		if (c.ID == idPublish || c.ID == idSubscribe) && c.Level != OK {
			c.Fix = s.fix(ctx, missing)
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
	if _, asks := answering([]relay.Right{r}); asks && s.login != nil && FormOf(s.cfg) != Choria && !s.login.Answers() {
		return Critical, "answering " + r.Subject + " is denied by the server"
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
	case strings.HasPrefix(r.Subject, "_INBOX") && !s.isOld():
		return Warning, what // the question would have been answered otherwise
	}
	return Note, what
}

func (s *side) judgePublish(ctx context.Context, r relay.Right) (Level, string) {
	switch {
	case s.login != nil && !strings.ContainsAny(r.Subject, "*>"):
		return granted(s.login.PublishesTo(r.Subject), r.Subject)
	case s.login != nil:
		return s.told(r)
	case r.Subject == ask && s.isOld():
		return Note, ""
	case r.Subject == ask:
		return Warning, "" // it was asked and not answered
	}
	return s.probe(ctx, r)
}

func granted(may bool, subject string) (Level, string) {
	if may {
		return OK, "may publish to " + subject
	}
	return Critical, "publishing to " + subject + " is denied by the server"
}

// told is what the server says about publishing to a pattern.
func (s *side) told(r relay.Right) (Level, string) {
	reach, parts := s.login.MayPublish(r.Subject)
	if inbox, isInbox := strings.CutSuffix(r.Subject, ".>"); isInbox && inbox == "_INBOX" && s.login.PublishesTo(inbox+".x.1") {
		reach, parts = link.All, []string{r.Subject} // one of its own, and not those of collectives
	}
	refused := slices.DeleteFunc(slices.Clone(r.Probes), s.login.PublishesTo)
	byName := slices.DeleteFunc(parts, func(p string) bool { return strings.HasPrefix(p, "*") })
	switch {
	case reach == link.All:
		return OK, "may publish to " + r.Subject
	case reach == link.None, len(byName) == 0 && len(refused) == len(r.Probes) && len(refused) > 0:
		return Critical, denied(r)
	case len(byName) > 0:
		return OK, "may publish to " + listed(byName, 3) + ", of " + r.Subject
	case len(refused) > 0:
		return Warning, "may publish to " + r.Subject + ", but the server denies " + shape(r.Subject, refused[0]) + "; if the collective has another name, list it in allow.collectives"
	}
	return OK, "may publish to " + r.Subject + ", but for some subjects that the server denies"
}

// denied says that a right is missing, and what may be the reason where the name of the collective
// is not known.
func denied(r relay.Right) string {
	if !strings.HasPrefix(r.Subject, "*.") || len(r.Probes) == 0 {
		return "publishing to " + r.Subject + " is denied by the server"
	}
	var tried []string
	for _, subject := range r.Probes {
		tried = append(tried, shape(r.Subject, subject))
	}
	return "publishing to " + strings.Join(tried, " and ") + " is denied by the server; if the collective has another name, list it in allow.collectives"
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
	return Critical, denied(r)
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

// jetStreamOnly says what kind of login it is that may do nothing of what is needed, but may use
// JetStream.
func (s *side) jetStreamOnly(ctx context.Context) {
	publishes := func(c Check) bool { return c.ID == idPublish && c.Level == OK }
	if slices.ContainsFunc(s.checks, publishes) {
		return
	}
	const api = "$JS.API.fedrelay" // there is no such question
	if s.unlisted(ctx, true) {     // but for a few
		return
	}
	if s.login != nil && !s.login.PublishesTo(api) || s.login == nil && s.session.JudgePublish(ctx, api) != nil {
		return
	}
	c := s.add(idLogin, Critical, "this login is for JetStream ($JS.API.>): it may publish to nothing of Choria")
	c.Where = s.o.where(s.name)
	c.Fix = []string{"make one for the relay; fedrelay config permissions says with which rights"}
}
