package floor

import (
	"bytes"
	"errors"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/wire"
)

// outSize is how many bytes are collected at most before they are written, although more replies
// wait to be read.
const outSize = 256 << 10

var (
	errForeign = errors.New("floor: not a reply of the benchmarks")

	// dataAt is where the data of a reply begins: up to there all replies are alike.
	dataAt  = len(`{"protocol":"choria:transport:1","data":"`)
	replyTo = []byte(`,"reply-to":"`)
	fedAt   = []byte(`,"federation":`)
)

// replies is the reply path. Owned by the goroutine that reads.
type replies struct {
	to     *bare.Conn
	frames []byte
	err    error
}

func (r *replies) carry(m bare.Msg) {
	if len(m.Payload) < dataAt {
		r.err = errForeign
		return
	}
	end := bytes.IndexByte(m.Payload[dataAt:], '"')
	headers := m.Payload[dataAt+max(end, 0):]
	cut, object := federation(headers)
	if end < 0 || cut < 0 {
		r.err = errForeign
		return
	}
	saved := object[bytes.Index(object, replyTo)+len(replyTo):]
	saved = saved[:bytes.IndexByte(saved, '"')]
	r.move(saved, m.Payload[:dataAt+end+cut])
}

// federation returns where the federation header begins, and what is behind its name; -1 if there
// is none. No other header is an object, so a search for one byte, which is fast, is enough.
func federation(headers []byte) (cut int, object []byte) {
	first := bytes.IndexByte(headers, '{') + 1
	at := first + bytes.IndexByte(headers[first:], '{')
	if at < first || !bytes.HasSuffix(headers[:at], fedAt) {
		return -1, nil
	}
	return at - len(fedAt), headers[at:]
}

// move appends a PUB of kept, which is all that stands in front of the federation header.
func (r *replies) move(subject, kept []byte) {
	r.frames = wire.AppendPubLine(r.frames, subject, len(kept)+2)
	r.frames = append(append(r.frames, kept...), "}}\r\n"...)
	if len(r.frames) >= outSize {
		r.err = r.flush()
	}
}

func (r *replies) flush() error {
	if r.err != nil || len(r.frames) == 0 {
		return r.err
	}
	err := r.to.Write(r.frames)
	r.frames = r.frames[:0]
	return err
}
