package compact

import "github.com/fedrelay/fedrelay/wire"

// A templateSet sorts texts by what they are like.
type templateSet struct {
	all   []template // those behind the length keep their memory
	edits []edit     // of all rows
	order []uint64   // the position of the template of each text
	slots int        // of all templates: each becomes a list
}

// maxTries is how many templates a text is compared with.
const maxTries = 4

// keptTemplates and keptRows are how many a templateSet keeps memory for.
const keptTemplates, keptRows = 1 << 10, 1 << 17

func (s *templateSet) reset() {
	rows := 0
	for i := range s.all[:cap(s.all)] {
		rows += cap(s.all[:cap(s.all)][i].rows)
	}
	if cap(s.all) > keptTemplates || rows > keptRows {
		s.all = nil
	}
	s.all, s.edits, s.order, s.slots = s.all[:0], s.edits[:0], s.order[:0], 0
}

// add puts the next text to the template that it is like. alike says whether it may be like a text
// before. all is the text of all.
func (s *templateSet) add(all []byte, text wire.Span, alike func(first int) bool) {
	tries := 0
	for i := len(s.all) - 1; i >= 0 && tries < maxTries; i-- {
		if alike(s.all[i].first) {
			tries++
			if s.join(all, text, i) {
				return
			}
		}
	}
	if last := len(s.all) - 1; tries == 0 && last >= 0 && s.join(all, text, last) {
		return
	}
	s.found(text)
}

// join makes text a row of the template at i, if it is like that.
func (s *templateSet) join(all []byte, text wire.Span, i int) bool {
	t, from := &s.all[i], len(s.edits)
	edits, ok := differ(s.edits, from, t.text.Of(all), text.Of(all))
	before := len(t.slots)
	if !ok || !t.add(edits[from:], int(text.Len), maxLists-s.slots) {
		return false
	}
	s.slots += len(t.slots) - before
	t.rows = append(t.rows, row{text, from, len(edits)})
	s.edits, s.order = edits, append(s.order, uint64(i))
	return true
}

// found makes a template of text.
func (s *templateSet) found(text wire.Span) {
	n := len(s.all)
	if n < cap(s.all) {
		s.all = s.all[:n+1]
	} else {
		s.all = append(s.all, template{})
	}
	t := &s.all[n]
	*t = template{first: len(s.order), text: text, shortest: int(text.Len), slots: t.slots[:0], rows: t.rows[:0]}
	s.order = append(s.order, uint64(n))
}
