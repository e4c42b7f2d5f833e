package compact

import (
	"bytes"

	"github.com/fedrelay/fedrelay/wire"
)

// An Encoder writes compact messages. It is for one goroutine at a time, and keeps memory between
// calls. The zero value is ready.
type Encoder struct {
	writer  writer
	packer  packer
	undoer  undoer
	lister  lister
	set     templateSet
	flat    []byte // the flat texts of all messages
	data    []byte // the flat text of the data of one
	values  []wire.Span
	numbers []uint64
}

// AppendReplies appends a compact message that holds replies, for the return address that they
// share. FedReply of each is the subject that it is for. There must be at least one. It borrows its
// arguments until it returns. Their parts must be as Scan finds them.
func (e *Encoder) AppendReplies(dst, address []byte, replies []wire.Parts) []byte {
	e.writer.reset()
	e.set.reset()
	e.flat = e.flat[:0]
	h := header{kind: KindReplies, messages: len(replies)}
	for i := range replies {
		from := len(e.flat)
		h.bytes += e.addFlat(&replies[i])
		text := wire.Span{Off: uint32(from), Len: uint32(len(e.flat) - from)}
		e.set.add(e.flat, text, func(first int) bool {
			return bytes.Equal(replies[first].FedRequest, replies[i].FedRequest)
		})
	}
	e.writer.bytes(address)
	e.writeTemplates()
	return e.finish(dst, &h)
}

// addFlat appends the flat text of a message to those of all. It returns the message's size.
func (e *Encoder) addFlat(p *wire.Parts) int {
	from := len(e.flat)
	e.data = e.undoer.data(e.data[:0], p.Data)
	flat := *p
	flat.Data = e.data
	e.flat = wire.AppendMessage(e.flat, &flat)
	return len(e.flat) - from - len(e.data) + len(p.Data)
}

// finish appends the message with the streams that have been written.
func (e *Encoder) finish(dst []byte, h *header) []byte {
	from := len(dst)
	packed := e.packer.pack(e.writer.text)
	h.text, h.packed, h.raw = len(e.writer.text), len(packed), len(e.writer.raw)
	dst = appendHeader(dst, h)
	dst = append(append(dst, packed...), e.writer.raw...)
	if cap(e.flat) > keepFlat {
		e.flat = nil
	}
	return finish(dst, from, h.bytes)
}

// keepFlat is how much memory for flat texts an Encoder keeps, in bytes.
const keepFlat = 8 << 20

// writeTemplates appends the templates, and what their rows have in the slots.
func (e *Encoder) writeTemplates() {
	w := &e.writer
	w.count(len(e.set.all))
	if len(e.set.all) > 1 {
		w.column(e.set.order)
	}
	for i := range e.set.all {
		e.writeTemplate(&e.set.all[i])
	}
}

func (e *Encoder) writeTemplate(t *template) {
	w := &e.writer
	w.bytes(t.text.Of(e.flat))
	w.count(len(t.rows))
	if len(t.rows) == 0 {
		return
	}
	w.count(len(t.slots))
	end := uint32(0)
	for _, s := range t.slots {
		w.count(int(s.Off - end))
		w.count(int(s.Len))
		end = s.Off + s.Len
	}
	e.fill(t)
	for k := range t.slots {
		e.writeSlot(k, len(t.rows))
	}
}

// fill makes e.values what the rows have in the slots, slot by slot.
func (e *Encoder) fill(t *template) {
	n := len(t.rows)
	e.values = e.values[:0]
	for range n * len(t.slots) {
		e.values = append(e.values, wire.Span{})
	}
	for i, row := range t.rows {
		edits, shift := e.set.edits[row.from:row.to], uint32(0)
		for k, slot := range t.slots {
			var place wire.Span
			place, edits, shift = slotIn(slot, edits, shift)
			place.Off += row.text.Off
			e.values[k*n+i] = place
		}
	}
}

// writeSlot appends what n rows have in slot k, as a list.
func (e *Encoder) writeSlot(k, n int) {
	own := texts{e.flat, e.values[k*n : (k+1)*n]}
	for j := range k {
		if own.same(texts{e.flat, e.values[j*n : (j+1)*n]}) {
			e.writer.text = append(e.writer.text, listLike)
			e.writer.count(j)
			return
		}
	}
	e.lister.append(&e.writer, own)
}

// same reports whether two lists have the same texts.
func (t texts) same(u texts) bool {
	for i := range t.places {
		if !bytes.Equal(t.at(i), u.at(i)) {
			return false
		}
	}
	return true
}
