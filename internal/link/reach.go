package link

import (
	"cmp"
	"slices"
	"strings"
)

// A Reach is how much of a pattern of subjects a login may use.
type Reach int

// The reaches, from the least.
const (
	None Reach = iota
	Some
	All
)

// Restricted reports whether there is anything that the login may not do.
func (l *Login) Restricted() bool { return l.may != nil }

// Publishes returns the subjects that the login may publish to, as the server lists them. It is
// empty if all are allowed that are not denied.
func (l *Login) Publishes() []string {
	if l.may == nil {
		return nil
	}
	return slices.Clone(l.may.Publish.Allow)
}

// MayPublish returns how much of a pattern the login may publish to, and the parts of it: those
// patterns that the server allows. A part may have exceptions that the server denies.
func (l *Login) MayPublish(pattern string) (r Reach, parts []string) {
	if l.may == nil {
		return All, []string{pattern}
	}
	return l.may.Publish.reach(pattern)
}

// reach returns how much of a pattern p allows.
func (p permission) reach(pattern string) (r Reach, parts []string) {
	allow := p.Allow
	if len(allow) == 0 {
		allow = []string{">"}
	}
	for _, a := range allow {
		part, some := intersect(pattern, a)
		if !some || reserved(part) || slices.ContainsFunc(p.Deny, func(deny string) bool { return covers(deny, part) }) {
			continue
		}
		parts = append(parts, part)
		if part == pattern && !slices.ContainsFunc(p.Deny, func(deny string) bool { return meet(deny, part) }) {
			return All, []string{part}
		}
	}
	if len(parts) > 0 {
		r = Some
	}
	slices.SortFunc(parts, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return r, slices.Compact(parts)
}

// meet reports whether two patterns have a subject in common.
func meet(a, b string) bool {
	_, some := intersect(a, b)
	return some
}

// MaySubscribe reports whether the login may subscribe, by the rules of the server. queue may be
// empty. Servers before 2.15 leave the names of queue groups out of what they say, and so allow
// more in their words than they do.
func (l *Login) MaySubscribe(subject, queue string) bool {
	if l.may == nil {
		return true
	}
	s := l.may.Subscribe
	allowed := len(s.Allow) == 0
	if plain, groups := matching(s.Allow, subject); queue != "" && len(groups) > 0 {
		allowed = isGroup(queue, groups)
	} else if plain {
		allowed = true
	}
	if !allowed || len(s.Deny) == 0 {
		return allowed
	}
	plain, groups := matching(s.Deny, subject)
	if queue != "" && len(groups) > 0 {
		return !isGroup(queue, groups)
	}
	return !plain
}

// matching returns whether an entry without a queue group covers subject, and the groups of those
// that have one.
func matching(entries []string, subject string) (plain bool, groups []string) {
	for _, entry := range entries {
		pattern, group, grouped := strings.Cut(entry, " ")
		switch {
		case !covers(pattern, subject):
		case grouped:
			groups = append(groups, strings.TrimSpace(group))
		default:
			plain = true
		}
	}
	return plain, groups
}

// isGroup reports whether a queue group is one of groups, which may have wildcards.
func isGroup(queue string, groups []string) bool {
	return slices.ContainsFunc(groups, func(g string) bool { return covers(g, queue) })
}

// PublishesTo reports whether the login may publish to a literal subject, also to one of NATS's
// own.
func (l *Login) PublishesTo(subject string) bool {
	if l.may == nil {
		return true
	}
	p := l.may.Publish
	covered := func(pattern string) bool { return covers(pattern, subject) }
	return (len(p.Allow) == 0 || slices.ContainsFunc(p.Allow, covered)) && !slices.ContainsFunc(p.Deny, covered)
}

// Answers reports whether the login may answer those who ask with the usual inboxes.
func (l *Login) Answers() bool {
	return l.may == nil || l.may.Responses != nil || l.PublishesTo("_INBOX.x.1")
}

// DeniedBy returns the entries of the server's deny list that keep the login from one of subjects,
// and reports whether all would be well without them: a deny counts more than an allow.
func (l *Login) DeniedBy(publish bool, subjects ...string) (entries []string, only bool) {
	if l.may == nil {
		return nil, false
	}
	p := l.may.Subscribe
	if publish {
		p = l.may.Publish
	}
	covers := func(entry string) bool {
		pattern, _, _ := strings.Cut(entry, " ") // a queue group may follow
		return slices.ContainsFunc(subjects, func(s string) bool { return covers(pattern, s) })
	}
	for _, entry := range p.Deny {
		if covers(entry) {
			entries = append(entries, entry)
		}
	}
	slices.Sort(entries)
	return entries, len(entries) > 0 && (len(p.Allow) == 0 || slices.ContainsFunc(p.Allow, covers))
}
