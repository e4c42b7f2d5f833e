package config

import "errors"

// validate adds what Validate finds, with the place each value came from.
func (l *loader) validate() {
	if l.broken {
		return
	}
	var found Problems
	errors.As(l.config.Validate(), &found)
	alone := len(l.problems) == 0
	reported := map[string]bool{}
	for _, p := range l.problems {
		reported[p.Key] = p.Key != ""
	}
	for _, p := range found {
		if reported[p.Key] || p.missing && (!alone || l.domainPending) {
			continue
		}
		l.report(l.placeOf(p.Key), p.Key, p.Text)
	}
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
