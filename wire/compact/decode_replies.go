package compact

import "github.com/fedrelay/fedrelay/wire"

// A templateReader makes the texts of one template.
type templateReader struct {
	text  []byte
	slots []wire.Span
	rows  int // that are left
	lists int // where its lists begin in those of all
	used  bool
}

// replies reads all replies.
func (d *Decoder) replies() {
	r := &d.reader
	n := r.count(min(d.header.messages, len(r.text)))
	order := columnReader{count: d.header.messages}
	if n > 1 {
		order.open(r, d.header.messages)
	}
	d.templates, d.lists = d.templates[:0], d.lists[:0]
	texts := n
	for range n {
		texts += d.openTemplate(d.header.messages - texts)
	}
	if r.bad || texts != d.header.messages {
		r.fail()
		return
	}
	for range d.header.messages {
		at := order.read(r)
		if at >= uint64(n) || !d.reply(&d.templates[at]) {
			r.fail()
			return
		}
	}
}

// openTemplate reads a template of most rows at most, and where its lists are. It returns how many
// rows it has.
func (d *Decoder) openTemplate(most int) int {
	if n := len(d.templates); n < cap(d.templates) {
		d.templates = d.templates[:n+1]
	} else {
		d.templates = append(d.templates, templateReader{})
	}
	r, t := &d.reader, &d.templates[len(d.templates)-1]
	*t = templateReader{text: r.bytes(), rows: r.count(most), slots: t.slots[:0], lists: len(d.lists)}
	if t.rows == 0 || r.bad {
		return 0
	}
	end := 0
	for range r.count(maxSlots) {
		from := end + r.count(len(t.text)-end)
		end = from + r.count(len(t.text)-from)
		t.slots = append(t.slots, wire.Span{Off: uint32(from), Len: uint32(end - from)})
	}
	for k := range t.slots {
		d.openList(t.rows, k)
	}
	return t.rows
}

func (d *Decoder) openList(rows, before int) {
	n := len(d.lists)
	switch {
	case n == maxLists:
		d.reader.fail()
		return
	case n < cap(d.lists):
		d.lists = d.lists[:n+1]
	default:
		d.lists = append(d.lists, listReader{})
	}
	d.lists[n].open(&d.reader, rows, before)
}

// reply appends the next text of a template. It reports whether there is one.
func (d *Decoder) reply(t *templateReader) bool {
	flat := t.text
	if t.used {
		d.budget -= slotBytes * len(t.slots)
		if t.rows--; t.rows < 0 || d.budget < 0 {
			return false
		}
		d.row(t)
		flat = d.flat
	}
	t.used = true
	if d.budget -= len(flat); d.budget < 0 || d.reader.bad {
		return false
	}
	from, ok := len(d.text), false
	if d.text, ok = d.redoer.redo(d.text, flat, d.header.bytes); !ok {
		return false
	}
	d.add(from)
	return true
}

// row makes d.flat the next row of a template.
func (d *Decoder) row(t *templateReader) {
	var values [maxSlots]wire.Span
	flat, end := d.flat[:0], uint32(0)
	for k, slot := range t.slots {
		flat = append(flat, t.text[end:slot.Off]...)
		from := len(flat)
		if l := &d.lists[t.lists+k]; l.mode == listLike {
			flat = append(flat, values[l.like].Of(flat)...)
		} else {
			flat = l.read(&d.reader, flat)
		}
		if values[k] = (wire.Span{Off: uint32(from), Len: uint32(len(flat) - from)}); len(flat) > d.budget {
			d.reader.fail()
			break
		}
		end = slot.Off + slot.Len
	}
	d.flat = append(flat, t.text[end:]...)
}
