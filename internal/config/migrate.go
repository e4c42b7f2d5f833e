package config

import (
	"fmt"
	"strings"
	"time"
)

// Migrated returns the settings that the original broker's files have led to, as a file of ours
// with a comment on each. Settings that have their defaults are left out. A password that is in
// Choria's files is in this text, too.
func (r Resolved) Migrated() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# Made from %s by fedrelay config migrate-choria.\n", r.Origin("").Name)
	b.WriteString("# What is not here has its default: fedrelay config example --full lists everything.\n")
	for _, w := range r.Warnings {
		b.WriteString("# warning: " + w + "\n")
	}
	for _, n := range r.Notes {
		if !strings.Contains(n, heldPort) {
			b.WriteString("# note: " + n + "\n")
		}
	}
	last := ""
	for _, s := range settings(&r.Config) {
		if !r.migrates(s) {
			continue
		}
		value, err := flow(s.raw())
		if err != nil {
			return "", fmt.Errorf("config: write %s: %w", s.path, err)
		}
		writeSections(&b, last, parentOf(s.path))
		last = parentOf(s.path)
		line := fmt.Sprintf("%s%s: %s", indent(s.path), s.path[len(last)+min(len(last), 1):], value)
		fmt.Fprintf(&b, "%s # %s\n", line, r.migratedFrom(s))
	}
	return b.String(), nil
}

// migrates reports whether a setting must be in the file to come out the same. The identity must,
// because Choria's default for it is not ours.
func (r Resolved) migrates(s setting) bool {
	o := r.Origin(s.path)
	return o.FromChoria() || s.path == "identity" || s.path == "collective.servers" && o.Name != ""
}

func (r Resolved) migratedFrom(s setting) string {
	o := r.Origin(s.path)
	text := o.String()
	if o.alias != "" {
		text = o.alias
		switch {
		case o.Line == 1 && o.Col == 1: // no value stands there
			text += ", go-choria's default"
		case o.Line > 0:
			text += ", " + o.String()
		}
	}
	if s.path == "http.listen" {
		text += "; " + heldPort + ", so change it to run beside that"
	}
	if isSecret(s.path) {
		text += "; better in a file of its own: ${file:/path}"
	}
	return text
}

// raw is the value as a file has it, secrets included.
func (s setting) raw() any {
	switch v := s.value.Interface().(type) {
	case string:
		if isReadLate(s.path) {
			return v
		}
		return escape(v)
	case time.Duration:
		return show(v)
	case []string:
		all := make([]string, len(v))
		for i := range v {
			all[i] = escape(v[i])
		}
		return all
	default:
		return v
	}
}
