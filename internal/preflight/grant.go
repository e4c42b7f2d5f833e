package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// A Form is a way to give a login rights.
type Form string

// The forms.
const (
	NATS   Form = "nats"   // a block for nats-server's configuration
	NSC    Form = "nsc"    // commands of nsc, for accounts with JWTs
	Choria Form = "choria" // commands of choria jwt, for Choria's brokers
)

// Forms returns all forms.
func Forms() []Form { return []Form{NATS, NSC, Choria} }

// Title says what a form is for.
func (f Form) Title() string {
	switch f {
	case NSC:
		return "with nsc, for accounts with JWTs"
	case Choria:
		return "for Choria's brokers (validity and name to taste)"
	}
	return "for the user's permissions in nats-server's configuration"
}

// FormOf is how a side logs in.
func FormOf(s config.Side) Form {
	switch {
	case s.Choria.Token != "":
		return Choria
	case s.Creds != "":
		return NSC
	}
	return NATS
}

// Grant returns lines that give a login rights and nothing else: to paste, or to run. name stands
// for the login where none is known.
func Grant(form Form, name string, rights []relay.Right) []string {
	publish, subscribe := subjects(rights, true), subjects(rights, false)
	switch form {
	case Choria:
		return choriaGrant(name, publish, subscribe)
	case NSC:
		return nscGrant(name, publish, subscribe, answers(rights))
	}
	return natsGrant(publish, subscribe, answers(rights))
}

func subjects(rights []relay.Right, publish bool) (all []string) {
	for _, r := range rights {
		if r.Publish == publish {
			all = append(all, r.Subject)
		}
	}
	return unique(all)
}

// answers reports whether the rights are for answering questions, too.
func answers(rights []relay.Right) bool {
	return slices.ContainsFunc(rights, func(r relay.Right) bool { return strings.HasSuffix(r.Subject, ".fedrelay.>") })
}

func natsGrant(publish, subscribe []string, answers bool) (lines []string) {
	if len(publish) > 0 {
		lines = append(lines, "publish:   { allow: ["+quotedList(publish)+"] }")
	}
	if len(subscribe) > 0 {
		lines = append(lines, "subscribe: { allow: ["+quotedList(subscribe)+"] }")
	}
	if answers {
		lines = append(lines, "allow_responses: true")
	}
	return lines
}

func quotedList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = fmt.Sprintf("%q", t)
	}
	return strings.Join(quoted, ", ")
}

func nscGrant(name string, publish, subscribe []string, answers bool) []string {
	command := "nsc edit user --name " + shellWord(name)
	for _, s := range publish {
		command += " --allow-pub " + shellWord(s)
	}
	for _, s := range subscribe {
		command += " --allow-sub " + shellWord(s)
	}
	if answers {
		command += " --allow-pub-response"
	}
	return []string{command, "nsc generate creds --name " + shellWord(name) + " > relay.creds"}
}

// choriaGrant leaves out what a Choria broker grants every client: to ask, and to get answers.
func choriaGrant(name string, publish, subscribe []string) []string {
	command := "choria jwt client relay.jwt " + shellWord("up="+name) +
		" issuer.seed --public-key relay.public --no-fleet-management --validity 8760h"
	for _, s := range subscribe {
		if !strings.HasPrefix(s, "_INBOX") {
			command += " --subscribe " + shellWord(s)
		}
	}
	for _, s := range publish {
		if !strings.HasPrefix(s, "$SYS.") && !strings.HasPrefix(s, "_INBOX") {
			command += " --publish " + shellWord(s)
		}
	}
	return []string{"choria jwt keys relay.seed relay.public", command}
}

// shellWord quotes a word for a shell, if need be.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("=._-/", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// fix returns lines that give the login of s the rights that it lacks.
func (s *side) fix(rights []relay.Right) []string {
	form, name := FormOf(s.cfg), "fedrelay"
	head := "add to the permissions of the relay's user on the server:"
	switch {
	case form == Choria:
		head = "make another token, with all that the relay needs (fedrelay config permissions), or at least:"
	case form == NSC:
		head = "give the user of " + s.cfg.Creds + " the right, and replace that file:"
	case s.cfg.User != "" && !strings.Contains(s.cfg.User, "${"):
		head = fmt.Sprintf("add to the permissions of user %q on the server:", s.cfg.User)
	}
	rights, denied := s.withoutDenied(rights)
	if len(rights) == 0 {
		return denied
	}
	return append(append([]string{head}, indented(Grant(form, name, rights))...), denied...)
}

// withoutDenied drops rights that are there but for an entry of the server's deny list, and returns
// lines that say to take such entries away. An allow would not help, and would take all else away
// from a login that has only a deny list.
func (s *side) withoutDenied(rights []relay.Right) (lacking []relay.Right, lines []string) {
	if s.login == nil {
		return rights, nil
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
