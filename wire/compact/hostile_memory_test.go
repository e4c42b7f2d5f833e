package compact

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/wire"
)

// slotted is a message of two replies with maxSlots lists, one of which is written by list.
func slotted(p *packer, at int, list func(w *writer)) []byte {
	var w writer
	w.bytes(nil)
	w.count(1)
	w.bytes([]byte("x"))
	w.count(1)
	w.count(maxSlots)
	w.text = append(w.text, make([]byte, 2*maxSlots)...)
	for k := range maxSlots {
		if k == at {
			list(&w)
		} else {
			w.text = append(w.text, listSame, 0)
		}
	}
	packed := p.pack(w.text)
	h := header{kind: KindReplies, bytes: 4 << 20, messages: 2, text: len(w.text), packed: len(packed)}
	return finish(append(appendHeader(nil, &h), packed...), 0, h.bytes)
}

// Each message is within the limits, and has its largest part at another place than those before. A
// decoder that kept each part would keep any amount in the end.
func TestADecoderDoesNotCollectWhatEachMessageTakes(t *testing.T) {
	var d Decoder
	var p packer
	const long = 1 << 20
	for at := range maxSlots {
		d.Open(slotted(&p, at, func(w *writer) {
			w.text = append(w.text, listFront, 0, 0, 0, 0, 0)
			w.count(long)
			w.text = append(w.text, bytes.Repeat([]byte("x"), long)...)
		}), generous)
		d.Open(slotted(&p, at, func(w *writer) {
			w.text = append(w.text, listShapes, 1)
			w.bytes(bytes.Repeat([]byte{placeNumber}, maxColumns/2))
			w.text = append(w.text, append([]byte{1}, make([]byte, maxColumns)...)...)
		}), generous)
	}
	small := slotted(&p, 0, func(w *writer) { w.text = append(w.text, listSame, 0) })
	d.Open(small, generous)
	bytes, columns := cap(d.text)+cap(d.flat), 0
	for _, l := range d.lists[:cap(d.lists)] {
		bytes += cap(l.last)
		columns += cap(l.places) + cap(l.shapes)
	}
	if bytes > 4*keep || columns > 2*keptColumns*maxSlots {
		t.Errorf("%d bytes and %d columns are kept", bytes, columns)
	}
}

// Nested base64 takes memory at each depth, which the next small message gives back.
func TestADecoderGivesBackDeepTexts(t *testing.T) {
	var d Decoder
	flat := append([]byte("\xF9\xF9\xF9\xF9"), bytes.Repeat([]byte("x"), 2<<20)...)
	var w writer
	w.bytes(nil)
	w.count(1)
	w.bytes(append(flat, "\xFC\xFC\xFC\xFC"...))
	w.count(0)
	text, ok := new(redoer).redo(nil, append(flat, "\xFC\xFC\xFC\xFC"...), 64<<20)
	if _, reason := d.Open(forge(header{kind: KindReplies, bytes: len(text), messages: 1}, &w, nil), generous); !ok || reason != wire.OK {
		t.Fatal(ok, reason)
	}
	d.Open(compactSeeds(t)[0], generous)
	kept := cap(d.text)
	for i := range d.redoer.levels {
		kept += cap(d.redoer.levels[i].text)
	}
	if kept > 2*keep {
		t.Errorf("%d bytes are kept", kept)
	}
}

// All templates together have as many rows as there are messages. So a reader need not open the
// lists of more rows.
func TestRowsAreCountedBeforeTheirListsAreRead(t *testing.T) {
	const rows = 1 << 15
	var w writer
	w.bytes(nil)
	w.count(2)
	w.text = append(w.text, 0, 0)
	for range 2 {
		w.bytes([]byte("x"))
		w.count(rows)
		w.count(maxSlots)
		w.text = append(w.text, make([]byte, 2*maxSlots)...)
		w.text = append(w.text, bytes.Repeat([]byte{listFront, 0, 0, 0, 0, 0, 0}, maxSlots)...)
	}
	var d Decoder
	_, reason := d.Open(forge(header{kind: KindReplies, bytes: 8 << 20, messages: rows + 2}, &w, nil), generous)
	if n := len(d.lists); reason != wire.CompactMalformed || n > maxSlots {
		t.Errorf("%q after %d lists", reason, n)
	}
}

// Each message has its longest column in another shape, and its most rows at another template. An
// encoder must not keep all of them.
func TestAnEncoderDoesNotCollectWhatEachMessageTakes(t *testing.T) {
	var e Encoder
	for k := range 100 {
		var r Request
		r.Parts = wire.Parts{Version: wire.V1, Data: []byte(`"YWFh"`), Reply: []byte("m.reply.c.1")}
		targets := slices.Repeat([]string{"q"}, 4*k)
		for j := range k {
			targets = append(targets, strings.Repeat("x", j+1))
		}
		slices.Reverse(targets[4*k:])
		for _, target := range append(targets, slices.Repeat([]string{strings.Repeat("1z", 12)}, 5000)...) {
			r.Parts.Targets = append(r.Parts.Targets, wire.Span{Off: uint32(len(r.Parts.Text)), Len: uint32(len(target))})
			r.Parts.Text = append(r.Parts.Text, target...)
		}
		e.AppendRequest(nil, &r)

		var ps []wire.Parts
		for j := range k {
			ps = append(ps, wire.Parts{Version: wire.V1, Data: []byte(`"` + strings.Repeat(string(rune('a'+j%20)), 200+j) + `"`)})
		}
		for range 2000 {
			ps = append(ps, wire.Parts{Version: wire.V1, Data: []byte(`"YWFh"`), FedRequest: []byte("4f")})
		}
		e.AppendReplies(nil, []byte("a.="), ps)
	}
	rows := 0
	for _, t := range e.set.all[:cap(e.set.all)] {
		rows += cap(t.rows)
	}
	if n := e.lister.shapes.room(); n > 2*keptNumbers || rows > 2*keptRows {
		t.Errorf("room for %d numbers and %d rows is kept", n, rows)
	}
}
