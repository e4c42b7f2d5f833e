package fleet

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"strconv"
	"time"
)

// Writer writes a client's requests. Read-only after NewWriter: safe for concurrent use.
type Writer struct {
	opts    ClientOptions
	dialect dialect
	replyTo string   // of every request, up to the id
	quoted  []string // the subject of each node, as it stands in JSON
	body    string
}

// NewWriter needs all of ClientOptions that describes messages: Version, Collective, Identity, Caller, Agent, Action,
// RequestBytes and Roster.
func NewWriter(o ClientOptions) *Writer {
	o.setDefaults()
	hash := md5.Sum([]byte(o.Caller))
	w := &Writer{
		opts: o, dialect: o.Version.dialect(),
		replyTo: o.Collective + ".reply." + hex.EncodeToString(hash[:]) + ".",
		body:    requestBody(o.Agent, o.Action, o.RequestBytes),
	}
	if o.Roster != nil {
		w.quoted = make([]string, o.Roster.Len())
		for i := range w.quoted {
			w.quoted[i] = strconv.Quote(o.Collective + ".node." + o.Roster.Name(i)) // nothing in it needs escaping
		}
	}
	return w
}

// ReplyPrefix is the reply subject of all requests, up to the id.
func (w *Writer) ReplyPrefix() string { return w.replyTo }

// A Letter is one request of which the targets are still open. Its messages differ in nothing else.
type Letter struct {
	head, data, middle, tail []byte
}

// Letter seals a request of a client that is connected to server.
func (w *Writer) Letter(server, id string, at time.Time) (*Letter, error) {
	o := w.opts
	data := w.dialect.seal(question{
		id: id, sender: o.Identity, caller: o.Caller, collective: o.Collective, agent: o.Agent, body: w.body, at: at,
	})
	text := w.dialect.marshal([]byte{}, Headers{
		ReplyTo: w.replyTo + id, Sender: o.Identity, Trace: [][]string{{server, o.Identity, server}},
		Federation: &Federation{Request: id, Targets: []string{nodeMark}},
	})
	return cutLetter(text, data)
}

func cutLetter(text, data []byte) (*Letter, error) {
	const key = `"data":"`
	before, after, ok := bytes.Cut(text, []byte(key))
	middle, tail, marked := bytes.Cut(after, []byte(`"`+nodeMark+`"`))
	if !ok || !marked {
		return nil, errMarks
	}
	return &Letter{
		head: text[:len(before)+len(key)], data: b64.AppendEncode(nil, data), middle: middle, tail: tail,
	}, nil
}

// AppendDirected adds the message that addresses these nodes by name to dst.
func (w *Writer) AppendDirected(dst []byte, l *Letter, nodes []int) []byte {
	dst = append(append(append(dst, l.head...), l.data...), l.middle...)
	for i, node := range nodes {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, w.quoted[node]...)
	}
	return append(dst, l.tail...)
}

// AppendBroadcast adds the message to whoever hears the agent to dst.
func (w *Writer) AppendBroadcast(dst []byte, l *Letter) []byte {
	dst = append(append(append(dst, l.head...), l.data...), l.middle...)
	dst = strconv.AppendQuote(dst, w.opts.Collective+".broadcast.agent."+w.opts.Agent)
	return append(dst, l.tail...)
}
