package wan

import (
	"bytes"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
)

// A request is to many nodes.
type request struct {
	version wire.Version
	names   []string
	targets [][]byte // subjects
	data    []byte   // base64, in quotes
	groups  [][]byte // as a stock client sends it
}

// A reply is what a node sends, but for what it repeats of the request.
type reply struct{ parts wire.Parts }

// with is the reply as JSON, to a request of which it repeats the header.
func (r reply) with(e echoed) []byte {
	r.parts.FedRequest, r.parts.FedReply = e.request, e.reply
	return wire.AppendMessage(nil, &r.parts)
}

const (
	payloadSize = 3000 // bytes that the data of a request decode to
	seed        = 7    // of all messages: each run has the same
)

func newRequest(v wire.Version, names []string) *request {
	q := &request{version: v, names: names, groups: corpus.Request(names, v, payloadSize, seed)}
	for _, m := range q.groups {
		e, targets := scanned(m)
		q.data = e.Data.Of(m)
		for _, t := range targets {
			q.targets = append(q.targets, t.Of(m))
		}
	}
	return q
}

// newReplies are those of all nodes to one request.
func newReplies(o corpus.Options, names []string) (all []reply) {
	o.Seed = seed
	for _, m := range corpus.Replies(names, o) {
		e, _ := scanned(m)
		all = append(all, reply{wire.Parts{
			Version: o.Version, Data: e.Data.Of(m), Sender: e.Sender.Of(m), Trace: e.Trace.Of(m),
		}})
	}
	return all
}

// scanned reads a message that we have made.
func scanned(m []byte) (wire.Envelope, []wire.Span) {
	var e wire.Envelope
	targets, r := wire.Scan(m, scanLimits, &e, nil)
	if r != wire.OK {
		panic("wan: BUG: " + r.String())
	}
	return e, targets
}

// echoed is what a node repeats of a copy: the federation header.
type echoed struct{ request, reply []byte }

func echoOf(m []byte) (e echoed) {
	var env wire.Envelope
	if _, r := wire.Scan(m, scanLimits, &env, nil); r == wire.OK {
		e.request, e.reply = bytes.Clone(env.FedRequest.Of(m)), bytes.Clone(env.FedReply.Of(m))
	}
	return e
}

// scanLimits are above all that is measured.
var scanLimits = wire.Limits{Depth: 64, Hops: 16, Targets: 1 << 16}
