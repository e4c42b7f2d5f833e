package suggest

import (
	"slices"
	"strings"
	"unicode"
)

// alike are words that people use for one another in the names of settings, flags and verbs.
var alike = [][]string{
	{
		"server", "servers", "host", "hosts", "hostname", "hostnames", "url", "urls", "uri",
		"broker", "brokers", "endpoint", "endpoints", "address", "addresses",
	},
	{"listen", "address", "addr", "bind", "port", "http"},
	{"user", "username", "login"},
	{"password", "pass", "passwd", "pwd", "passphrase"},
	{"creds", "credential", "credentials"},
	{"cert", "certificate", "certs", "crt"},
	{"key", "privatekey"},
	{"ca", "cacert", "cas", "authority", "rootca", "trust"},
	{"skip", "disable", "insecureskipverify", "insecure", "noverify"},
	{"federation", "fed", "federations"},
	{"collective", "col", "collectives"},
	{"interval", "period", "every"},
	{"timeout", "deadline"},
	{"level", "loglevel", "verbosity"},
	{"warn", "warning"},
	{"error", "err", "fatal", "critical"},
	{"info", "information", "notice"},
	{"debug", "trace", "verbose"},
	{"run", "start", "serve", "server", "daemon", "relay"},
	{"check", "validate", "verify", "lint", "test"},
	{"config", "configuration", "configure", "settings"},
	{"version", "about"},
}

// fillers say where a setting belongs, not what it is.
var fillers = []string{
	"plugin", "choria", "mcollective", "middleware", "nats", "security", "file", "path", "tls", "ssl",
}

// Meaning returns the candidate that is made of the same words as word, or of words that mean the
// same, or "".
func Meaning(word string, candidates []string) string {
	if len(word) > longest {
		return ""
	}
	meant := words(word)
	i := slices.IndexFunc(candidates, func(c string) bool { return sameMeaning(meant, words(c)) })
	if i < 0 {
		return ""
	}
	return candidates[i]
}

// words are those of a name that say what it is.
func words(name string) []string {
	between := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	all := strings.FieldsFunc(strings.ToLower(name), between)
	return slices.DeleteFunc(all, func(w string) bool { return slices.Contains(fillers, w) })
}

func sameMeaning(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	if slices.EqualFunc(a, b, sameWord) {
		return true
	}
	return sameWord(strings.Join(a, ""), strings.Join(b, ""))
}

// sameWord forgives one slip in long words.
func sameWord(a, b string) bool {
	if a == b || min(len(a), len(b)) >= 5 && boundedDistance(1, a, b) <= 1 {
		return true
	}
	return slices.ContainsFunc(alike, func(group []string) bool {
		return slices.Contains(group, a) && slices.Contains(group, b)
	})
}
