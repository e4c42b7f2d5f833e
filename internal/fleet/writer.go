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
	replyTo string   // reply subject of every request, up to the id
	quoted  []string // the subject of each node, as it stands in JSON
	body    string
}

// NewWriter uses those of ClientOptions that describe messages: Version, Collective, Identity,
// Caller, Agent, Action, RequestBytes and Roster.
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
			// Nothing in it needs an escape.
			w.quoted[i] = strconv.Quote(o.Collective + ".node." + o.Roster.Name(i))
		}
	}
	return w
}

// ReplyPrefix is the reply subject of all requests, up to the id.
func (w *Writer) ReplyPrefix() string { return w.replyTo }

// ReplyTo is the reply subject of one request.
func (w *Writer) ReplyTo(id string) string { return w.replyTo + id + w.opts.ReplyEnd }

// ReplyEnd is the reply subject of all requests, from behind the id.
func (w *Writer) ReplyEnd() string { return w.opts.ReplyEnd }

// Subject returns the subject of a node.
func (w *Writer) Subject(node int) string { return w.quoted[node][1 : len(w.quoted[node])-1] }

// A Draft is one request without its targets. The messages of a request differ in nothing else.
type Draft struct {
	head, data, middle, tail []byte
}

// Draft makes a request of a client that is connected to server.
func (w *Writer) Draft(server, id string, at time.Time) (*Draft, error) {
	o := w.opts
	data := w.Secure(id, at)
	text := w.dialect.marshal([]byte{}, Headers{
		ReplyTo: w.ReplyTo(id), Sender: o.Identity, Trace: [][]string{{server, o.Identity, server}},
		Federation: &Federation{Request: id, Targets: []string{nodeMark}},
	})
	return cutDraft(text, data)
}

// Secure makes the secure request document of a request, unsigned.
func (w *Writer) Secure(id string, at time.Time) []byte {
	o := w.opts
	return w.dialect.seal(question{
		id: id, sender: o.Identity, caller: o.Caller, collective: o.Collective, agent: o.Agent, body: w.body, asked: at,
	})
}

func cutDraft(text, data []byte) (*Draft, error) {
	const key = `"data":"`
	before, after, ok := bytes.Cut(text, []byte(key))
	middle, tail, marked := bytes.Cut(after, []byte(`"`+nodeMark+`"`))
	if !ok || !marked {
		return nil, errMarks
	}
	return &Draft{
		head: text[:len(before)+len(key)], data: b64.AppendEncode(nil, data), middle: middle, tail: tail,
	}, nil
}

// AppendDirected appends the message that asks these nodes, by name.
func (w *Writer) AppendDirected(dst []byte, l *Draft, nodes []int) []byte {
	dst = append(append(append(dst, l.head...), l.data...), l.middle...)
	for i, node := range nodes {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, w.quoted[node]...)
	}
	return append(dst, l.tail...)
}

// AppendBroadcast appends the message that asks all nodes with the agent.
func (w *Writer) AppendBroadcast(dst []byte, l *Draft) []byte {
	dst = append(append(append(dst, l.head...), l.data...), l.middle...)
	dst = strconv.AppendQuote(dst, w.opts.Collective+".broadcast.agent."+w.opts.Agent)
	return append(dst, l.tail...)
}
