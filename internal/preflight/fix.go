package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/relay"
)

// needed are the rights of the relay's login, as the servers of this side know them.
func (s *side) needed() []relay.Right {
	rights := relay.RightsOf(s.o.Config, s.name)
	if FormOf(s.cfg) == Choria {
		return inChoria(rights, s.holder().caller())
	}
	return rights
}

// holder is the login of the relay as far as it is known.
func (s *side) holder() Holder {
	h := Holder{Name: "fedrelay", Side: s.name, Creds: s.cfg.Creds, Caller: s.caller, Key: s.key}
	if s.login == nil {
		return h
	}
	if name, _, both := strings.Cut(s.login.User, " ("); both {
		h.Name = name
	}
	if name, _, both := strings.Cut(s.login.Account, " ("); both {
		h.Account = name
	}
	return h
}

// fix returns lines that give the login of s the rights that it lacks.
func (s *side) fix(ctx context.Context, lacking []relay.Right) []string {
	form, head := FormOf(s.cfg), "add to the lists in the permissions of the relay's user on the server:"
	lacking, denied := s.withoutDenied(ctx, lacking)
	h := s.holder()
	switch {
	case len(lacking) == 0:
		return denied
	case form == Choria:
		// A token is not changed but replaced, so the new one has to hold everything.
		head = "make another token for the same key, with all that the relay needs, and put it in the place of " + s.cfg.Choria.Token + ":"
		lacking = s.needed()
	case form == NSC:
		head = "give the user of " + s.cfg.Creds + " the right, and replace that file:"
	case s.cfg.User != "" && !strings.Contains(s.cfg.User, "${"):
		head = fmt.Sprintf("add to the lists in the permissions of user %q on the server:", s.cfg.User)
	}
	if _, answers := answering(lacking); answers && form != Choria {
		h.Unlisted = s.unlisted(ctx, true)
	}
	return append(append([]string{head}, indented(Grant(form, h, lacking))...), denied...)
}

// withoutDenied drops rights that are there but for an entry of the server's deny list, and returns
// lines that say to take such entries away. An allow would not help, and would take all else away
// from a login that has only a deny list.
func (s *side) withoutDenied(ctx context.Context, rights []relay.Right) (lacking []relay.Right, lines []string) {
	if s.login == nil {
		return s.withoutUntold(ctx, rights)
	}
	var publish, subscribe []string
	for _, r := range rights {
		entries, only := s.login.DeniedBy(r.Publish, append(slices.Clone(r.Probes), r.Subject)...)
		if !only {
			lacking = append(lacking, r)
		}
		if r.Publish {
			publish = append(publish, entries...)
		} else {
			subscribe = append(subscribe, entries...)
		}
	}
	return lacking, append(dropLines("publish", publish), dropLines("subscribe", subscribe)...)
}

// withoutUntold is withoutDenied where the server does not tell. A right that may be there is left
// alone then.
func (s *side) withoutUntold(ctx context.Context, rights []relay.Right) (lacking []relay.Right, lines []string) {
	if FormOf(s.cfg) == Choria {
		return rights, nil // there, all is listed
	}
	for _, r := range rights {
		kind := map[bool]string{true: "publish", false: "subscribe"}[r.Publish]
		switch {
		case !s.unlisted(ctx, r.Publish):
			lacking = append(lacking, r)
		case r.Lacks == "":
			lines = append(lines, fmt.Sprintf("take out of %s: { deny: [...] } what covers %q; an allow would take all else away", kind, r.Subject))
		}
	}
	return lacking, lines
}

// unlisted reports whether the login may do whatever the server does not deny. A list of what it
// may do would then take all else away, and so would a right to answer: with that a server allows
// nothing that is not listed.
func (s *side) unlisted(ctx context.Context, publish bool) bool {
	if s.login != nil {
		return publish && len(s.login.Publishes()) == 0
	}
	if _, known := s.open[publish]; !known {
		const nobodys = "fedrelay.unlisted" // in no list but one of all
		if s.open == nil {
			s.open = map[bool]bool{}
		}
		if publish {
			s.open[publish] = s.session.JudgePublish(ctx, nobodys) == nil
		} else {
			s.open[publish] = s.session.JudgeSubscribe(ctx, nobodys, "") == nil
		}
	}
	return s.open[publish]
}

func dropLines(kind string, entries []string) []string {
	if len(entries) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("take out of %s: { deny: [...] }, which counts more than allow: %s", kind, quotedList(unique(entries)))}
}

func indented(lines []string) []string {
	for i := range lines {
		lines[i] = "    " + lines[i]
	}
	return lines
}
