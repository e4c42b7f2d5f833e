package config

import (
	"slices"
	"strings"
)

// credential is one way to be let in, and the settings that belong to it.
type credential struct {
	name string
	keys []string
}

// credentials in the words of the settings. A client certificate is not one: servers combine it
// with the others.
func credentials() []credential {
	return []credential{
		{"creds", []string{"creds"}},
		{"nkey", []string{"nkey"}},
		{"user and password", []string{"user", "password"}},
		{"token", []string{"token"}},
		{"choria.token and choria.seed", []string{"choria.token", "choria.seed"}},
	}
}

// dropReplacedCredentials lets --fed-creds replace the user and password of a file: a credential
// given at a higher level replaces those of other kinds below it. At one level two kinds are a
// contradiction, which validate reports.
func (l *loader) dropReplacedCredentials() {
	for _, side := range []string{"federation", "collective"} {
		highest := l.highestCredential(side)
		l.assignments = slices.DeleteFunc(l.assignments, func(a assignment) bool {
			replaced := isCredential(side, a.path) && a.origin.source < highest.origin.source && !sameKind(side, a.path, highest.path)
			if replaced {
				delete(l.origins, a.path)
			}
			return replaced
		})
	}
}

// highestCredential relies on assignments being in the order of precedence.
func (l *loader) highestCredential(side string) (highest assignment) {
	for _, a := range l.assignments {
		if isCredential(side, a.path) && slices.ContainsFunc(a.texts, func(s string) bool { return s != "" }) {
			highest = a
		}
	}
	return highest
}

func isCredential(side, path string) bool { return kindOfCredential(side, path) >= 0 }

func sameKind(side, a, b string) bool { return kindOfCredential(side, a) == kindOfCredential(side, b) }

func kindOfCredential(side, path string) int {
	key, ok := strings.CutPrefix(path, side+".")
	if !ok {
		return -1
	}
	return slices.IndexFunc(credentials(), func(c credential) bool { return slices.Contains(c.keys, key) })
}
