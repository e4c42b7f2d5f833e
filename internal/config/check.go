package config

import (
	"errors"
	"slices"
)

// validate enters what Validate finds, with the place each value came from.
func (l *loader) validate() {
	if l.broken {
		return
	}
	var found Problems
	errors.As(l.config.Validate(), &found)
	known := slices.Clone(l.problems)
	for _, p := range found {
		if !l.follows(p, known) {
			l.report(l.placeOf(p.Key), p.Key, p.Text)
		}
	}
}

// follows reports whether p need not be said: another mistake is the cause of it, or the operator
// has made none.
func (l *loader) follows(p Problem, known Problems) bool {
	if p.lacks != "" && l.pending[p.lacks] {
		return true
	}
	return slices.ContainsFunc(known, func(q Problem) bool {
		return q.Key != "" && q.Key == p.Key || p.lacks != "" && q.causes(p.lacks)
	})
}

// faulty reports whether there is a mistake in the setting at key.
func (l *loader) faulty(key string) bool {
	return slices.ContainsFunc(l.problems, func(p Problem) bool { return p.causes(key) })
}

// placeOf is where a key was set, else the section it belongs in, else the top of the file.
func (l *loader) placeOf(key string) Origin {
	for ; ; key = parentOf(key) {
		if o, ok := l.origins[key]; ok && o.source != fromDefault {
			return o
		}
		if key == "" {
			return Origin{}
		}
	}
}
