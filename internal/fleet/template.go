package fleet

import (
	"bytes"
	"time"
)

// Marks stand in place of the name of a node and of its hash. They need no escapes in JSON, and no
// request contains them.
const (
	nodeMark = "fedrelay.fleet.node.mark"
	hashMark = "fedrelay.fleet.hash.mark"
)

// template is everything that the replies to one request have in common. Read-only.
type template struct {
	id      string // of the signed request; a relay may have put a seal in its place in the header
	subject string // where replies go
	head    []byte // from the opening brace to the opening quote of data
	secure  secureTemplate
	tail    [][]byte // from the closing quote of data; the name of the node goes between the pieces
}

// newTemplate reads a request as a node does, and prepares the replies of nodes that are connected
// to server. Their answers have padding bytes.
func newTemplate(d dialect, raw []byte, server string, padding int, when time.Time) (*template, error) {
	data, h, err := d.unmarshal(raw)
	if err != nil {
		return nil, err
	}
	if h.ReplyTo == "" {
		return nil, errNoReply
	}
	if h.Federation == nil {
		return nil, errNotFederated
	}
	q, err := d.unseal(data)
	if err != nil {
		return nil, err
	}
	secure, err := d.reply(q, replyBody(q, padding), when)
	if err != nil {
		return nil, err
	}
	t := &template{id: q.id, subject: h.ReplyTo, secure: secure}
	return t, t.cut(d, replyHeaders(h, server))
}

// replyHeaders repeats the federation object and the hops of a request. If there are hops it adds
// that of the node.
func replyHeaders(h Headers, server string) Headers {
	out := Headers{Sender: nodeMark, Trace: h.Trace, Federation: &Federation{Request: h.Federation.Request, ReplyTo: h.Federation.ReplyTo}}
	if len(h.Trace) > 0 {
		out.Trace = append(out.Trace[:len(out.Trace):len(out.Trace)], []string{server, nodeMark, server})
	}
	return out
}

func (t *template) cut(d dialect, h Headers) error {
	text := d.marshal([]byte{}, h)
	const key = `"data":"`
	at := bytes.Index(text, []byte(key)) + len(key)
	t.head, t.tail = text[:at], bytes.Split(text[at:], []byte(nodeMark))
	want := 2
	if len(h.Trace) > 0 {
		want = 3
	}
	if len(t.tail) != want {
		return errMarks
	}
	return nil
}

// append adds node's reply to dst, using w for scratch.
func (t *template) append(dst []byte, node string, w *workspace) []byte {
	dst = append(dst, t.head...)
	dst = t.secure.append(dst, node, w)
	for i, piece := range t.tail {
		if i > 0 {
			dst = append(dst, node...)
		}
		dst = append(dst, piece...)
	}
	return dst
}
