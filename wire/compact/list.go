package compact

import (
	"bytes"

	"github.com/fedrelay/fedrelay/wire"
)

// A list holds texts that stand in one place of many messages, like the targets of a request. Its
// first byte says how.
const (
	listSame   = 0 // all are equal: the text follows
	listLike   = 1 // they are those of a list before: its position follows
	listShapes = 2 // shapes, and a column for each place in each of them
	listBase64 = 3 // base64 texts of one length: how many bytes they are; the bytes are raw
	listTokens = 4 // the same without padding, and with - and _
	listFront  = 5 // each shares its beginning and its end with the one before
)

// A lister writes lists. It keeps memory between them.
type lister struct {
	shapes  shapeTable
	shaper  shaper
	numbers []uint64
	values  []uint64 // of one column
	scratch []byte
}

// A texts is a list that is to be written: places in a text.
type texts struct {
	text   []byte
	places []wire.Span
}

func (t texts) at(i int) []byte { return t.places[i].Of(t.text) }

func (t texts) size() (n int) {
	for _, p := range t.places {
		n += int(p.Len)
	}
	return n
}

// append appends a list of at least one text.
func (l *lister) append(w *writer, t texts) {
	switch {
	case t.equal():
		w.text = append(w.text, listSame)
		w.bytes(t.at(0))
	case l.base64(w, t), l.shaped(w, t):
	default:
		l.front(w, t)
	}
}

func (t texts) equal() bool {
	first := t.at(0)
	for i := range t.places {
		if !bytes.Equal(t.at(i), first) {
			return false
		}
	}
	return true
}

// minBase64 is the length from which on base64 texts are written as bytes.
const minBase64 = 22

// base64 appends texts that are all base64 of the same length. It reports whether they are.
func (l *lister) base64(w *writer, t texts) bool {
	length := t.places[0].Len
	if length < minBase64 {
		return false
	}
	enc, mode := padded, byte(listBase64)
	if length%4 != 0 || bytes.ContainsAny(t.at(0), "-_") {
		enc, mode = tokens, listTokens
	}
	l.scratch = l.scratch[:0]
	size := 0
	for i, p := range t.places {
		var ok bool
		if p.Len != length {
			return false
		}
		if l.scratch, ok = enc.decode(l.scratch, t.at(i)); i == 0 {
			size = len(l.scratch)
		}
		if !ok || len(l.scratch) != (i+1)*size { // equal texts may have different padding
			return false
		}
	}
	w.text = append(w.text, mode)
	w.count(size)
	w.raw = append(w.raw, l.scratch...)
	return true
}

// front appends texts by what they do not share with the one before.
func (l *lister) front(w *writer, t texts) {
	w.text = append(w.text, listFront)
	var last []byte
	l.numbers = l.numbers[:0]
	for i := range t.places {
		text := t.at(i)
		before, after := shared(last, text)
		l.numbers = append(l.numbers, uint64(before), uint64(after), uint64(len(text)-before-after))
		last = text
	}
	for k := range 3 {
		l.values = l.values[:0]
		for i := k; i < len(l.numbers); i += 3 {
			l.values = append(l.values, l.numbers[i])
		}
		w.column(l.values)
	}
	for i := range t.places {
		before, own := l.numbers[3*i], l.numbers[3*i+2]
		w.text = append(w.text, t.at(i)[before:before+own]...)
	}
}

// shared returns how many bytes two texts share at their beginnings and at their ends.
func shared(a, b []byte) (before, after int) {
	most := min(len(a), len(b))
	for before < most && a[before] == b[before] {
		before++
	}
	for after < most-before && a[len(a)-1-after] == b[len(b)-1-after] {
		after++
	}
	return before, after
}
