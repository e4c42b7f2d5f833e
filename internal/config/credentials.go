package config

import (
	"slices"
	"strings"
)

// credential is one kind of login, and the settings that belong to it.
type credential struct {
	name string
	keys []string
}

// credentials returns all kinds. A client certificate is not among them, because servers combine it
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

// dropReplacedCredentials drops a credential if a stronger source sets one of another kind:
// --fed-creds replaces the user and password of a file. Two kinds in one source are a mistake,
// which validate reports.
func (l *loader) dropReplacedCredentials() {
	for _, side := range []string{"federation", "collective", "line"} {
		highest := l.highestCredential(side)
		l.assignments = slices.DeleteFunc(l.assignments, func(a assignment) bool {
			replaced := isCredential(side, a.path) && a.origin.source < highest.origin.source &&
				!sameKind(side, a.path, highest.path)
			if replaced {
				delete(l.origins, a.path)
			}
			return replaced
		})
	}
}

// highestCredential returns the credential from the strongest source. Assignments are in the order
// of their sources.
func (l *loader) highestCredential(side string) (highest assignment) {
	for _, a := range l.assignments {
		filled := slices.ContainsFunc(a.texts, func(s string) bool { return s != "" })
		if filled && isCredential(side, a.path) {
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
	return slices.IndexFunc(credentials(), func(c credential) bool {
		return slices.Contains(c.keys, key)
	})
}
