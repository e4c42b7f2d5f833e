package compact

import "github.com/fedrelay/fedrelay/wire"

// A Decoder reads compact messages. It is for one goroutine at a time, and keeps memory between
// calls. The zero value is ready.
type Decoder struct {
	unpacker unpacker
	redoer   redoer
	reader   reader
	header   header

	text   []byte // the messages of what was opened last
	places []wire.Span

	flat      []byte // the flat text of one message
	budget    int    // bytes of flat texts that may still come, see budgetFor
	templates []templateReader
	lists     []listReader // those behind the length keep their memory
	start     []byte       // of a request: what comes before its targets
	end       []byte       // of a request: what comes behind them
}

// trim gives up memory that an earlier message has taken: texts of more than most bytes, and what
// is large in lists. Else a sender could make each part large in turn, and all would stay so.
func (d *Decoder) trim(most int) {
	d.text, d.flat = notAbove(d.text, most), notAbove(d.flat, most)
	d.start, d.end = notAbove(d.start, most), notAbove(d.end, most)
	d.redoer.trim(most)
	for i := range d.lists {
		d.lists[i].trim()
	}
}

// notAbove returns s, or nil if it has room for more than most.
func notAbove[T any](s []T, most int) []T {
	if cap(s) > most {
		return nil
	}
	return s
}

// keep is how much memory for messages a Decoder keeps in any case, in bytes.
const keep = 1 << 20

// Open reads m, and checks all of it. It borrows m until Append has returned. It takes memory in
// proportion to what the limits allow, and to the size of m.
//
// It does not check whether what m expands to is JSON. It can be any text, as the payload of any
// message can. So whoever gets a message has to Scan it, as if it had come alone.
func (d *Decoder) Open(m []byte, l Limits) (Contents, wire.Reason) {
	d.text, d.places = d.text[:0], d.places[:0]
	h, packed, raw, reason := parseHeader(m, l)
	if reason != wire.OK {
		return Contents{}, reason
	}
	text, ok := d.unpacker.unpack(packed, h.text)
	if !ok {
		return Contents{}, wire.CompactMalformed
	}
	d.trim(max(keep, 4*h.bytes))
	d.header, d.budget = h, budgetFor(h.bytes)
	d.reader = reader{text: text, raw: raw}
	c := Contents{Kind: h.kind, Messages: h.messages, Bytes: h.bytes}
	if h.kind == KindRequest {
		d.request(&c)
	} else {
		c.Address = d.reader.bytes()
		d.replies()
	}
	if r := &d.reader; r.bad || len(r.text)+len(r.raw) > 0 || len(d.text) != h.bytes || len(d.places) != h.messages {
		d.text, d.places = d.text[:0], d.places[:0]
		return Contents{}, wire.CompactMalformed
	}
	return c, wire.OK
}

// Append appends the messages of what was opened last as JSON, one behind the other, and their
// places in dst to places. A relay carries them as if they had come like that.
func (d *Decoder) Append(dst []byte, places []wire.Span) ([]byte, []wire.Span) {
	base := uint32(len(dst))
	for _, p := range d.places {
		places = append(places, wire.Span{Off: base + p.Off, Len: p.Len})
	}
	return append(dst, d.text...), places
}

// add notes that a message ends at the end of d.text.
func (d *Decoder) add(from int) {
	d.places = append(d.places, wire.Span{Off: uint32(from), Len: uint32(len(d.text) - from)})
}
