package compact

import (
	"bytes"
	"testing"

	"github.com/fedrelay/fedrelay/wire"
)

// TestListsThatBlowUpAreRejected opens requests whose targets were made to keep their reader busy.
func TestListsThatBlowUpAreRejected(t *testing.T) {
	const n = 50_000
	for _, c := range []struct {
		what string
		list func(w *writer)
	}{
		{"each text is the one before and a byte more", func(w *writer) {
			w.text = append(w.text, listFront, columnDelta|1, 0, 0)
			w.text = append(w.text, bytes.Repeat([]byte{2}, n)...) // one more each time
			w.text = append(w.text, 0, 0, 0, 1)
			w.text = append(w.text, make([]byte, n)...)
		}},
		{"a long text many times", func(w *writer) {
			w.text = append(w.text, listSame)
			w.bytes(make([]byte, 900_000))
		}},
		{"front coding beyond its text", func(w *writer) {
			w.text = append(w.text, listFront, 0, 200, 1, 0, 0, 0, 0)
		}},
		{"own bytes that are not there", func(w *writer) {
			w.text = append(w.text, listFront, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F)
		}},
		{"more shapes than texts", func(w *writer) {
			w.text = append(w.text, listShapes)
			w.count(n + 1)
		}},
		{"no shape", func(w *writer) { w.text = append(w.text, listShapes, 0) }},
		{"a shape that is cut short", func(w *writer) {
			w.text = append(w.text, listShapes, 1)
			w.bytes([]byte{'a', placeHex})
			w.count(n)
		}},
		{"a shape of 40 digits", func(w *writer) {
			w.text = append(w.text, listShapes, 1)
			w.bytes([]byte{'a', placeFixed, 40})
			w.count(n)
			w.text = append(w.text, 0, 0)
		}},
		{"a shape with fewer numbers than texts", func(w *writer) {
			w.text = append(w.text, listShapes, 1)
			w.bytes([]byte{'a', placeNumber})
			w.count(1)
			w.text = append(w.text, 0, 0)
		}},
		{"a number with more digits than there is room", func(w *writer) {
			w.text = append(w.text, listShapes, 1)
			w.bytes([]byte{'a', placeFixed, 2})
			w.count(n)
			w.text = append(w.text, 0, 100)
		}},
		{"numbers of 9 bytes", func(w *writer) {
			w.text = append(w.text, listShapes, 1)
			w.bytes([]byte{placeNumber})
			w.count(n)
			w.text = append(w.text, 9, 0, 0)
		}},
		{"columns without end", func(w *writer) {
			w.text = append(w.text, listShapes, 1)
			w.bytes(bytes.Repeat([]byte{placeNumber}, maxColumns+1))
			w.count(n)
			w.text = append(w.text, make([]byte, 2*(maxColumns+1))...)
		}},
		{"shapes without end", func(w *writer) {
			w.text = append(w.text, listShapes)
			w.count(maxColumns)
			for range maxColumns {
				w.text = append(w.text, 1, placeNumber, 1)
			}
			w.text = append(w.text, 0, 0)
			w.text = append(w.text, make([]byte, 2*maxColumns)...)
		}},
		{"like no list", func(w *writer) { w.text = append(w.text, listLike, 0) }},
		{"base64 that is not there", func(w *writer) {
			w.text = append(w.text, listBase64)
			w.count(48)
		}},
		{"an unknown mode", func(w *writer) { w.text = append(w.text, 6) }},
		{"an unknown column", func(w *writer) { w.text = append(w.text, listFront, 0x20, 0) }},
		{"a number that could be shorter", func(w *writer) { w.text = append(w.text, listSame, 0x80, 0) }},
	} {
		var w writer
		w.count(0)  // hops
		w.number(0) // deadline
		w.bytes([]byte("{\"\xF8\"]}"))
		w.count(0)
		w.text = append(w.text, 0, 0xD0, 0x86, 3) // one group
		c.list(&w)
		m := forge(header{kind: KindRequest, bytes: 4 << 20, messages: 1, targets: n}, &w, nil)
		before := allocated()
		wantReason(t, c.what, m, generous, wire.CompactMalformed)
		if size := allocated() - before; size > 32<<20 {
			t.Errorf("%s: %d bytes were allocated", c.what, size)
		}
	}
}

// TestMarksThatBlowUpAreRejected opens replies whose flat texts were made to keep their reader
// busy, or to be what no message is.
func TestMarksThatBlowUpAreRejected(t *testing.T) {
	hashed := `{"message":"a","hash":"`
	for _, c := range []struct{ what, flat string }{
		{"empty base64 without end", string(bytes.Repeat([]byte{markBase64, markEnd}, 100_000))},
		{"deep base64", string(bytes.Repeat([]byte{markBase64}, maxDepth+1))},
		{"base64 that does not end", "a\xF9b"},
		{"an end without base64", "a\xFC"},
		{"a hash outside", hashed + "\xFE\"}"},
		{"a hash of nothing inside", "\xF9" + `","hash":"` + "\xFF\xFC"},
		{"two hashes", "\xF9" + hashed + "\xFE\xFE\xFC"},
		{"a hash of no message", "\xF9" + `","hash":"` + "\xFE\xFC"},
		{"a hash of a text with a bad escape", "\xF9" + `"message":"\x","hash":"` + "\xFE\xFC"},
		{"a hash in front", "\xF9\xFE\xFC"},
		{"targets", "a\xF8"},
		{"nothing", ""},
	} {
		var w writer
		w.bytes(nil)
		w.count(1)
		w.bytes([]byte(c.flat))
		w.count(0)
		wantReason(t, c.what, forge(header{kind: KindReplies, bytes: 4 << 20, messages: 1}, &w, nil), generous, wire.CompactMalformed)
	}
}

// TestTemplatesThatBlowUpAreRejected opens replies that are many rows of a long template.
func TestTemplatesThatBlowUpAreRejected(t *testing.T) {
	const rows = 1 << 15
	long := bytes.Repeat([]byte("x"), 1<<18)
	for _, c := range []struct {
		what  string
		write func(w *writer)
	}{
		{"long rows", func(w *writer) {
			w.count(1)
			w.bytes(long)
			w.count(rows)
			w.count(0)
		}},
		{"long rows of nothing", func(w *writer) {
			w.count(1)
			w.bytes(append(bytes.Repeat([]byte{markBase64, markEnd}, 1<<18), 'x'))
			w.count(rows)
			w.count(0)
		}},
		{"long values", func(w *writer) {
			w.count(1)
			w.bytes([]byte("0123456789"))
			w.count(rows)
			w.count(9)
			for range 9 {
				w.text = append(w.text, 0, 1)
			}
			w.text = append(w.text, listSame)
			w.bytes(long)
			for range 8 {
				w.text = append(w.text, listLike, 0)
			}
		}},
		{"slots outside", func(w *writer) {
			w.count(1)
			w.bytes([]byte("0123456789"))
			w.count(rows)
			w.count(1)
			w.text = append(w.text, 9, 2, listSame, 0)
		}},
		{"more rows than messages", func(w *writer) {
			w.count(1)
			w.bytes([]byte("0123456789"))
			w.count(rows + 1)
			w.count(0)
		}},
		{"more lists than allowed", func(w *writer) {
			w.count(200)
			w.text = append(w.text, 0, 0) // all texts are of the first one
			for range 200 {
				w.bytes(bytes.Repeat([]byte("x"), maxSlots))
				w.count(1)
				w.count(maxSlots)
				for range maxSlots {
					w.text = append(w.text, 0, 1)
				}
				for range maxSlots {
					w.text = append(w.text, listSame, 0)
				}
			}
		}},
		{"templates that nobody uses", func(w *writer) {
			w.count(2)
			w.text = append(w.text, 0, 0)
			w.bytes([]byte("0123456789"))
			w.count(rows - 1)
			w.count(0)
			w.bytes([]byte("0123456789"))
			w.count(0)
		}},
	} {
		var w writer
		w.bytes(nil)
		c.write(&w)
		m := forge(header{kind: KindReplies, bytes: 3 << 20, messages: rows + 1}, &w, nil)
		before := allocated()
		wantReason(t, c.what, m, generous, wire.CompactMalformed)
		if size := allocated() - before; size > 64<<20 {
			t.Errorf("%s: %d bytes were allocated", c.what, size)
		}
	}
}

// TestSlotsThatComeToNothingAreRejected opens replies that are all right, but for the time that
// they would take.
func TestSlotsThatComeToNothingAreRejected(t *testing.T) {
	for slots, want := range map[int]wire.Reason{3: wire.OK, maxSlots: wire.CompactMalformed} {
		const rows = 10_000
		var w writer
		w.bytes(nil)
		w.count(1)
		w.bytes(bytes.Repeat([]byte("x"), 2*maxSlots))
		w.count(rows)
		w.count(slots)
		for range slots {
			w.text = append(w.text, 0, 1)
		}
		for range slots {
			w.text = append(w.text, listSame, 0)
		}
		size := 2*maxSlots + rows*(2*maxSlots-slots)
		var d Decoder
		if _, reason := d.Open(forge(header{kind: KindReplies, bytes: size, messages: rows + 1}, &w, nil), generous); reason != want {
			t.Errorf("%d slots: %q, not %q", slots, reason, want)
		}
	}
}
