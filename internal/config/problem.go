package config

import (
	"cmp"
	"slices"
	"strings"
)

// Problem is one mistake of the operator: where, which key, and what to do about it.
type Problem struct {
	Origin Origin
	// Key is the dotted path of the setting, empty if the mistake is not about one.
	Key string
	// Text says what is wrong, what is allowed, and the way out. It never holds a secret.
	Text string
	// Snippet is the line of the file with a caret under the place; empty where there is none to
	// show.
	Snippet string
	// lacks is the path of the setting whose absence is the mistake. The Problem is not reported if
	// another mistake is the cause of the absence.
	lacks string
	// explains is the path of the setting or section that has no value because of the mistake.
	// Empty means that it is Key.
	explains string
}

// Error is one line, or three with the snippet.
func (p Problem) Error() string {
	if p.Snippet != "" {
		return "config: " + p.Line() + "\n" + p.Snippet
	}
	return "config: " + p.Line()
}

// Line is one line: where, which key, and what to do about it.
func (p Problem) Line() string {
	var b strings.Builder
	if p.Origin.source != fromDefault {
		b.WriteString(p.Origin.String() + ": ")
	}
	if key := p.shownKey(); key != "" {
		b.WriteString(key + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

func (p Problem) shownKey() string {
	if p.Origin.alias != "" {
		return p.Origin.alias
	}
	return p.Key
}

// repeats reports whether p and other are one mistake on both sides, because one setting of the
// original broker stands for both.
func (p Problem) repeats(other Problem) bool {
	if p.Origin != other.Origin || p.Origin.alias == "" {
		return false
	}
	return p.Text == other.Text || p.Key != "" && withoutSide(p.Key) == withoutSide(other.Key)
}

func withoutSide(key string) string {
	for _, side := range []string{"federation.", "collective.", "line."} {
		key = strings.TrimPrefix(key, side)
	}
	return key
}

// causes reports whether p is why the setting at key has no value.
func (p Problem) causes(key string) bool {
	path := cmp.Or(p.explains, p.Key)
	return path != "" &&
		(key == path || strings.HasPrefix(key, path+".") || strings.HasPrefix(path, key+"["))
}

// Problems are all mistakes found, in the order of their places.
type Problems []Problem

// Error joins them, one or a few lines each.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find a single Problem.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

// With returns ps and those of more that are about settings without a mistake in ps. One mistake in
// a setting is enough to report.
func (ps Problems) With(more ...Problem) Problems {
	all := slices.Clone(ps)
	for _, p := range more {
		known := slices.ContainsFunc(all, func(q Problem) bool {
			return q.Key == p.Key || p.repeats(q)
		})
		if !known {
			all = append(all, p)
		}
	}
	_ = all.err() // sorts
	return all
}

// err returns ps, sorted, as an error. It returns nil if there are none, so that a caller can
// compare with nil.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.Origin.source, b.Origin.source), cmp.Compare(a.Origin.Name, b.Origin.Name),
			cmp.Compare(a.Origin.Line, b.Origin.Line), cmp.Compare(a.Origin.Col, b.Origin.Col),
		)
	})
	return ps
}
