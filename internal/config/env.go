package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/suggest"
)

// Variables that are not settings. They stand for the flags --config and --choria-config.
const (
	EnvFile   = EnvPrefix + "CONFIG"
	EnvChoria = EnvPrefix + "CHORIA_CONFIG"
)

// readEnv reads FEDRELAY_* variables. An empty one counts as not set, because container tools leave
// empty variables behind.
func (l *loader) readEnv() {
	byName := l.schema.envNames()
	for _, name := range sortedKeys(l.env) {
		if !strings.HasPrefix(name, EnvPrefix) || name == EnvFile || name == EnvChoria ||
			isServiceLink(name, l.env[name]) {
			continue
		}
		origin := Origin{source: fromEnv, Name: name}
		path, ok := byName[name]
		if !ok {
			candidates := envCandidates(name, byName)
			l.problems = append(l.problems, Problem{
				Origin: origin, Text: "unknown variable" + didYouMean(name, candidates),
				explains: byName[suggest.Nearest(name, candidates)],
			})
			continue
		}
		if value := l.env[name]; value != "" {
			l.assignments = append(l.assignments, l.assignment(path, origin, []string{value}))
		}
	}
}

// serviceLink matches variables by which Kubernetes announces a service called fedrelay to every
// pod beside it.
var serviceLink = regexp.MustCompile(
	`_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_PROTO|_PORT|_ADDR)?)?)` +
		`=(\S*://|[\d.:]+$|tcp$|udp$|sctp$)`)

func isServiceLink(name, value string) bool { return serviceLink.MatchString(name + "=" + value) }

func (s schema) envNames() map[string]string {
	names := map[string]string{}
	for path, leaf := range s.leaves {
		names[leaf.env()] = path
	}
	return names
}

// envCandidates returns the names to suggest for an unknown variable. All names would fill a page.
func envCandidates(name string, byName map[string]string) []string {
	all := append(sortedKeys(byName), EnvFile, EnvChoria)
	if n := suggest.Nearest(name, all); n != "" {
		return []string{n}
	}
	parts := strings.Split(name, "_")
	last := parts[len(parts)-1]
	return slices.DeleteFunc(all, func(c string) bool { return !strings.HasSuffix(c, "_"+last) })
}

// elementPath names an element of a list, as messages do.
func elementPath(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// EnvPrefix begins the name of every variable that sets something.
const EnvPrefix = "FEDRELAY_"
