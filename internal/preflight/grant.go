package preflight

import (
	"cmp"
	"fmt"
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
		return "with nsc, for accounts with JWTs (put the name of the account for ACCOUNT)"
	case Choria:
		return "for Choria's brokers (*-issuer.seed is what signs the tokens of that network; validity to taste)"
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

// A Holder is whom rights are for.
type Holder struct {
	Name string // of the user, and of the caller of a Choria token
	Side string // where it logs in
	// Files is what the names of the files begin with that commands make; Side if empty.
	Files string
	// Fleet says that it commands nodes, as clients do.
	Fleet bool

	// A login that is there is changed. These describe it.
	Account     string // of Creds
	Creds       string // its file
	Caller, Key string // of a Choria token, Key in hexadecimal
	// Unlisted says that it may publish to whatever is not denied, and so answer, too.
	Unlisted bool
}

// file returns the name of one of the files that commands make.
func (h Holder) file(kind string) string { return cmp.Or(h.Files, h.Side) + kind }

func (h Holder) caller() string { return cmp.Or(h.Caller, "up="+h.Name) }

// Grant returns lines that give a login rights and nothing else: to paste, or to run.
func Grant(form Form, h Holder, rights []relay.Right) []string {
	rights = Granted(form, h, rights)
	publish, subscribe := subjects(rights, true), subjects(rights, false)
	_, answers := answering(rights)
	answers = answers && !h.Unlisted
	switch form {
	case Choria:
		return choriaGrant(h, publish, subscribe)
	case NSC:
		return nscGrant(h, publish, subscribe, answers)
	}
	return natsGrant(publish, subscribe, answers)
}

func subjects(rights []relay.Right, publish bool) (all []string) {
	for _, r := range rights {
		if r.Publish == publish {
			all = append(all, r.Subject)
		}
	}
	return unique(all)
}

// answering reports whether the rights are for answering questions, too, and what lacks without.
func answering(rights []relay.Right) (lacks string, answers bool) {
	for _, r := range rights {
		if strings.HasSuffix(r.Subject, ".fedrelay.>") {
			return r.Lacks, true
		}
	}
	return "", false
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

func nscGrant(h Holder, publish, subscribe []string, answers bool) []string {
	verb, file := "add", cmp.Or(h.Creds, h.file(".creds"))
	if h.Creds != "" {
		verb = "edit"
	}
	user := " --account " + shellWord(cmp.Or(h.Account, "ACCOUNT")) + " --name " + shellWord(h.Name)
	command := "nsc " + verb + " user" + user
	for _, s := range publish {
		command += " --allow-pub " + shellWord(s)
	}
	for _, s := range subscribe {
		command += " --allow-sub " + shellWord(s)
	}
	if answers {
		command += " --allow-pub-response"
	}
	return []string{command, "nsc generate creds" + user + " --output-file " + shellWord(file)}
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
