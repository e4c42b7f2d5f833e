package compact

import (
	"bytes"
	"encoding/json"

	"github.com/fedrelay/fedrelay/wire"
)

// Mark is the first byte of a compact message. No JSON text begins with it, so a reader of JSON
// drops a compact message at its first byte.
const Mark = 0xFE

// Is reports whether m is a compact message by its first byte.
func Is(m []byte) bool { return len(m) > 0 && m[0] == Mark }

// A Kind says what a compact message holds.
type Kind uint8

// The kinds. They are numbers of the format.
const (
	KindRequest Kind = 1
	KindReplies Kind = 2
)

// A Request is a request to any number of nodes. It stands for one message for each group.
type Request struct {
	Parts    wire.Parts // without FedReply
	Groups   []int      // where the targets of each message end in Parts.Targets; nil is one message
	Hops     int        // how many edges it has passed
	Deadline int64      // until when the client waits, in ms of Unix time; 0 if unknown
}

// An Encoder writes compact messages. It is for one goroutine at a time, and keeps memory between
// calls. The zero value is ready.
type Encoder struct{}

// AppendRequest appends a compact message that holds r. It borrows r until it returns.
func (e *Encoder) AppendRequest(dst []byte, r *Request) []byte {
	return appendStub(dst, stub{Kind: KindRequest, Request: r})
}

// AppendReplies appends a compact message that holds replies, for the return address that they
// share. FedReply of each is the subject that it is for. It borrows its arguments until it returns.
func (e *Encoder) AppendReplies(dst, address []byte, replies []wire.Parts) []byte {
	return appendStub(dst, stub{Kind: KindReplies, Address: address, Replies: replies})
}

// Limits bound what a compact message may expand to.
type Limits struct {
	Bytes    int // of all messages together
	Messages int
	Targets  int // of all messages together
}

// Contents say what a compact message holds.
type Contents struct {
	Kind     Kind
	Address  []byte // of replies: where they were sent to; it aliases the decoder
	Hops     int    // of a request
	Deadline int64  // of a request
	Messages int    // how many
	Bytes    int    // of all messages together, as Append writes them
}

// A Decoder reads compact messages. It is for one goroutine at a time, and keeps memory between
// calls. The zero value is ready.
type Decoder struct{ opened stub }

// Open reads m, and checks all of it. It borrows m until Append has returned.
func (d *Decoder) Open(m []byte, l Limits) (Contents, wire.Reason) {
	d.opened = stub{}
	if !Is(m) || json.Unmarshal(m[1:], &d.opened) != nil {
		return Contents{}, wire.CompactMalformed
	}
	text, all := d.Append(nil, nil)
	if len(text) > l.Bytes || len(all) > l.Messages {
		return Contents{}, wire.DecompressLimit
	}
	c := Contents{Kind: d.opened.Kind, Address: d.opened.Address, Messages: len(all), Bytes: len(text)}
	if r := d.opened.Request; r != nil {
		if c.Hops, c.Deadline = r.Hops, r.Deadline; len(r.Parts.Targets) > l.Targets {
			return Contents{}, wire.DecompressLimit
		}
	}
	return c, wire.OK
}

// Append appends the messages of what was opened last as JSON, one behind the other, and their
// places in dst to places. A relay carries them as if they had come like that.
func (d *Decoder) Append(dst []byte, places []wire.Span) ([]byte, []wire.Span) {
	add := func(p *wire.Parts) {
		from := len(dst)
		dst = wire.AppendMessage(dst, p)
		places = append(places, wire.Span{Off: uint32(from), Len: uint32(len(dst) - from)})
	}
	if r := d.opened.Request; r != nil {
		p, from := r.Parts, 0
		if len(r.Groups) == 0 {
			r.Groups = []int{len(p.Targets)}
		}
		for _, to := range r.Groups {
			p.Targets = r.Parts.Targets[from:to]
			add(&p)
			from = to
		}
	}
	for i := range d.opened.Replies {
		add(&d.opened.Replies[i])
	}
	return dst, places
}

// stub is the format for as long as there is no better one.
type stub struct {
	Kind    Kind
	Address []byte
	Request *Request
	Replies []wire.Parts
}

func appendStub(dst []byte, s stub) []byte {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(s); err != nil {
		panic("compact: BUG: " + err.Error())
	}
	return append(append(dst, Mark), b.Bytes()...)
}
