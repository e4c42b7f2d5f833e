package config

import (
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Redacted stands for a secret wherever a configuration is shown.
const Redacted = "(redacted)"

// Effective returns the whole configuration as YAML, each value followed by where it came from.
// Secrets are redacted, but not the names of the files that hold them.
func (r Resolved) Effective() (string, error) {
	var b strings.Builder
	last := ""
	for _, s := range settings(&r.Config) {
		writeSections(&b, last, parentOf(s.path))
		last = parentOf(s.path)
		value, err := s.shown()
		if err != nil {
			return "", fmt.Errorf("config: show %s: %w", s.path, err)
		}
		line := fmt.Sprintf("%s%s: %s", indent(s.path), s.path[len(last)+min(len(last), 1):], value)
		fmt.Fprintf(&b, "%-45s # %s\n", line, r.Origin(s.path))
	}
	return b.String(), nil
}

// writeSections writes the headers that lead from one section to the next.
func writeSections(b *strings.Builder, from, to string) {
	if to == "" || to == from || strings.HasPrefix(from, to+".") {
		return
	}
	writeSections(b, from, parentOf(to))
	fmt.Fprintf(b, "%s%s:\n", indent(to), to[strings.LastIndexByte(to, '.')+1:])
}

func indent(path string) string { return strings.Repeat("  ", strings.Count(path, ".")) }

func (s setting) shown() (string, error) {
	value := s.value.Interface()
	switch v := value.(type) {
	case string:
		value = s.shownText(v)
	case time.Duration:
		value = show(v)
	case []string:
		masked := maskServers(v)
		for i := range masked {
			masked[i] = escape(masked[i])
		}
		value = masked
	}
	return flow(value)
}

// shownText returns a text as it may stand in a file. A secret is redacted, but not the name of its
// file.
func (s setting) shownText(v string) string {
	switch {
	case isSecret(s.path) && v != "" && !isReference(v):
		return Redacted
	case isReadLate(s.path):
		return v
	}
	if isSecretFile(s.path) {
		v = Masked(v)
	}
	return escape(v)
}

// isSecretFile reports whether the setting at path names a file of secrets.
func isSecretFile(path string) bool {
	for _, end := range []string{".creds", ".nkey", ".token", ".seed", ".key", ".keys"} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}

// flow writes a value on one line, as it may stand in a file.
func flow(value any) (string, error) {
	var n yaml.Node
	if err := n.Encode(value); err != nil {
		return "", err
	}
	n.Style |= yaml.FlowStyle
	out, err := yaml.Dump(&n, yaml.WithLineWidth(-1))
	return strings.TrimSpace(string(out)), err
}

// show writes a bound as an operator would: 24h, not 24h0m0s.
func show[T any](value T) string {
	d, ok := any(value).(time.Duration)
	switch {
	case ok && d >= time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case ok && d >= time.Minute && d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprint(value)
}
