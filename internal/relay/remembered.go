package relay

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fedrelay/fedrelay/internal/state"
)

// Requests implements state.Source.
func (r *Relay) Requests(n int) []state.Summary {
	all := r.recent.Latest(n)
	for i := range all {
		shown(&all[i].ID, &all[i].Sender)
	}
	return all
}

// Request implements state.Source.
func (r *Relay) Request(id string) (state.Request, bool) {
	d, found := r.recent.Request(id)
	if !found {
		return state.Request{}, false
	}
	d.Cluster, d.Identity = r.cfg.Cluster, r.cfg.Identity
	shown(&d.ID, &d.Sender, &d.ReplyTo)
	showNames(&d)
	r.claim(d.Rejected)
	return d, true
}

// showNames makes the names in d fit to show. Marks of those who have answered are of the names as
// they are, so a name that is shown in another way keeps its own.
func showNames(d *state.Request) {
	for i, target := range d.Names {
		if isName(target) {
			continue
		}
		shown(&d.Names[i])
		if d.Marks == nil {
			d.Marks = make(map[string]uint32)
		}
		name, _ := state.NodeName(target)
		d.Marks[d.Names[i]] = state.Mark([]byte(name))
	}
	for i := range d.Denied {
		if !isName(d.Denied[i]) {
			shown(&d.Denied[i])
		}
	}
}

// Rejections implements state.Source.
func (r *Relay) Rejections(n int) []state.Rejection {
	all := r.recent.Rejections(n)
	r.claim(all)
	return all
}

// claim says that this instance has rejected all these messages.
func (r *Relay) claim(all []state.Rejection) {
	for i := range all {
		d := &all[i]
		d.Cluster, d.Identity = r.cfg.Cluster, r.cfg.Identity
		shown(&d.Sender, &d.Request, &d.Subject)
	}
}

// shown makes texts that others have written printable.
func shown(texts ...*string) {
	for _, t := range texts {
		if !isPlain(*t) {
			*t = printable([]byte(*t), maxSubjectShown)
		}
	}
}

// isName reports whether a name can be shown as it is, in whatever alphabet.
func isName(text string) bool {
	visible := func(r rune) bool { return unicode.IsPrint(r) && r != utf8.RuneError }
	return len(text) <= maxSubjectShown && !strings.ContainsFunc(text, func(r rune) bool { return !visible(r) })
}

// isPlain reports whether printable would leave a text as it is. Nearly all texts are plain.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' {
			return false
		}
	}
	return len(text) <= maxSubjectShown
}
