package compact

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/fedrelay/fedrelay/wire"
)

// Replies to one request are alike: they have the same names in the same order, and other values.
// The first of them is the template of the others. A slot is a place in the template where some of
// them have something else.

// maxSlots is how many slots a template has at most. A text that would need more is a template of
// its own.
const maxSlots = 64

// slotBytes is how many bytes of each text allow a slot, besides the first two. A slot costs its
// reader time even if it comes to nothing.
const slotBytes = 64

// slotsFor returns how many slots a template may have whose shortest text has n bytes.
func slotsFor(n int) int { return min(maxSlots, 2+n/slotBytes) }

// A template is the first of texts that are alike.
type template struct {
	first    int         // which text it is
	text     wire.Span   // in the text of all
	shortest int         // bytes of the shortest text, its own among them
	slots    []wire.Span // places in text
	rows     []row       // the other texts
}

// A row is a text, and where it differs from its template.
type row struct {
	text     wire.Span
	from, to int // its edits in those of all
}

// An edit is a place in a row, and what is there in the template. Both may be empty, but not that
// of the template.
type edit struct{ from, to, was, wasTo uint32 }

// differ appends the edits that make text out of t. Those of other texts stand before first. ok is
// false if they have little in common.
func differ(edits []edit, first int, t, text []byte) (_ []edit, ok bool) {
	i, j, changed := 0, 0, 0
	for {
		n := equalLen(text[i:], t[j:])
		i, j = i+n, j+n
		if i == len(text) && j == len(t) {
			return edits, true
		}
		start := sinceDelimiter(t[j-n : j])
		end, wasEnd, ok := resync(text[i:], t[j:])
		if !ok || len(edits)-first == maxSlots {
			return edits, false
		}
		if start+wasEnd == 0 { // nothing was there: take the delimiter along
			end, wasEnd = end+1, 1
		}
		edits = append(edits, edit{uint32(i - start), uint32(i + end), uint32(j - start), uint32(j + wasEnd)})
		changed += start + end
		if i, j = i+end, j+wasEnd; changed > 64+len(text)/2 {
			return edits, false
		}
	}
}

// resync returns how far the difference goes that both texts begin with: to the next delimiter if
// that is the same, or else behind the next quote.
func resync(text, t []byte) (end, wasEnd int, ok bool) {
	end, wasEnd = toDelimiter(text), toDelimiter(t)
	if end < len(text) && wasEnd < len(t) && text[end] == t[wasEnd] {
		return end, wasEnd, true
	}
	end, wasEnd = bytes.IndexByte(text, '"')+1, bytes.IndexByte(t, '"')+1
	return end, wasEnd, end > 0 && wasEnd > 0
}

// equalLen returns how many bytes a and b have in common at their beginnings.
func equalLen(a, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for ; i+8 <= n; i += 8 {
		if x := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:]); x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// delimiters end values of JSON. Marks do, too.
var delimiters = func() (d [256]bool) {
	for _, c := range []byte("\"\\,:{}[]\n") {
		d[c] = true
	}
	for c := firstMark; c < len(d); c++ {
		d[c] = true
	}
	return d
}()

func toDelimiter(b []byte) int {
	for i, c := range b {
		if delimiters[c] {
			return i
		}
	}
	return len(b)
}

// sinceDelimiter returns how many bytes stand behind the last delimiter of b.
func sinceDelimiter(b []byte) int {
	n := len(b)
	for n > 0 && !delimiters[b[n-1]] {
		n--
	}
	return len(b) - n
}

// add makes slots of the places in the template that the edits of a text of size bytes change, but
// no more than room of them. It reports whether they have place.
func (t *template) add(edits []edit, size, room int) bool {
	shortest := min(t.shortest, size)
	room = min(room, slotsFor(shortest)-len(t.slots))
	if room < 0 || len(edits) > room && !t.covers(edits) {
		return false
	}
	t.shortest = shortest
	for _, e := range edits {
		t.addSlot(e.was, e.wasTo)
	}
	return true
}

// covers reports whether all edits are in slots.
func (t *template) covers(edits []edit) bool {
	i := 0
	for _, e := range edits {
		for i < len(t.slots) && t.slots[i].Off+t.slots[i].Len < e.wasTo {
			i++
		}
		if i == len(t.slots) || e.was < t.slots[i].Off {
			return false
		}
	}
	return true
}

// addSlot adds a slot, and joins it with those that it meets.
func (t *template) addSlot(from, to uint32) {
	i := 0
	for i < len(t.slots) && t.slots[i].Off+t.slots[i].Len < from {
		i++
	}
	j := i
	for j < len(t.slots) && t.slots[j].Off <= to {
		from, to = min(from, t.slots[j].Off), max(to, t.slots[j].Off+t.slots[j].Len)
		j++
	}
	if j == i { // make room for one
		t.slots = append(t.slots, wire.Span{})
		copy(t.slots[i+1:], t.slots[i:])
	} else {
		t.slots = append(t.slots[:i+1], t.slots[j:]...)
	}
	t.slots[i] = wire.Span{Off: from, Len: to - from}
}

// slotIn returns where the text of a slot is in a row. edits are those of the row that have not
// been passed, and shift is how much later things stand behind those that have. No edit crosses the
// edge of a slot.
func slotIn(slot wire.Span, edits []edit, shift uint32) (place wire.Span, _ []edit, _ uint32) {
	from := slot.Off + shift
	for len(edits) > 0 && edits[0].wasTo <= slot.Off+slot.Len {
		shift = edits[0].to - edits[0].wasTo
		edits = edits[1:]
	}
	return wire.Span{Off: from, Len: slot.Off + slot.Len + shift - from}, edits, shift
}
