package preflight

import (
	"fmt"
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
func (s *side) fix(lacking []relay.Right) []string {
	form, head := FormOf(s.cfg), "add to the permissions of the relay's user on the server:"
	switch {
	case form == Choria:
		// A token is not changed but replaced, so the new one has to hold everything.
		head = "make another token for the same key, with all that the relay needs, and put it in the place of " + s.cfg.Choria.Token + ":"
		lacking = s.needed()
	case form == NSC:
		head = "give the user of " + s.cfg.Creds + " the right, and replace that file:"
	case s.cfg.User != "" && !strings.Contains(s.cfg.User, "${"):
		head = fmt.Sprintf("add to the permissions of user %q on the server:", s.cfg.User)
	}
	return append([]string{head}, indented(Grant(form, s.holder(), lacking))...)
}

func indented(lines []string) []string {
	for i := range lines {
		lines[i] = "    " + lines[i]
	}
	return lines
}
