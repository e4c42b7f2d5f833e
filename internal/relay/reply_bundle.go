package relay

import (
	"cmp"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// replyBundles is what a replyRouter needs to make bundles. It keeps memory between them.
type replyBundles struct {
	encoder    compact.Encoder
	maxPayload func() int     // the largest payload that can be published, in bytes
	limits     compact.Limits // those of this relay, which whoever reads a bundle probably has, too

	replies []wire.Parts
	traces  []wire.Span // of each reply, in text
	text    []byte
}

// bundleBytes is how many bytes the messages of a bundle have together, unless there is only one.
// Whoever reads it allows for twice as much, even where its limits.expanded_bytes is not ours.
const bundleBytes = int(config.LeastExpanded / 2)

// growth is more bytes than a message usually gains by a hop, a seal and the address of an edge.
const growth = 512

// Together implements pipeline.Bundler: all replies for one address leave in one bundle.
func (q *replyRouter) Together(_, _ *pipeline.Bundled) bool { return true }

// AppendBundle implements pipeline.Bundler. If the bundle is larger than the server takes it has
// fewer replies.
func (q *replyRouter) AppendBundle(dst []byte, all []*pipeline.Bundled) ([]byte, int) {
	n := bundled(all, q.limits)
	q.takeApart(all[:n])
	address, _, _ := wire.SplitAddress(all[0].Subjects[0].Of(all[0].Text))
	for from, limit := len(dst), q.maxPayload(); ; n = (n + 1) / 2 {
		dst = q.encoder.AppendReplies(dst[:from], address, q.replies[:n])
		if len(dst)-from <= limit || n == 1 {
			return dst, n
		}
	}
}

// bundles reports whether a reply may leave in a bundle. One that whoever reads bundles would not
// take leaves as JSON, by itself, to the whole reply subject.
func (q *replyBundles) bundles(reply []byte) bool { return len(reply)+growth <= q.limits.Bytes }

// bundled returns how many of the first messages of all may leave in one bundle: so many that a
// reader with these limits takes it, but at least one.
func bundled(all []*pipeline.Bundled, l compact.Limits) (n int) {
	l.Bytes = min(l.Bytes, bundleBytes)
	for n < len(all) && (n == 0 || fits(all[n], l) && n < l.Messages) {
		l.Bytes -= len(all[n].Message) + growth
		l.Targets -= len(all[n].Subjects)
		n++
	}
	return n
}

// fits reports whether a compact message within these limits can hold m.
func fits(m *pipeline.Bundled, l compact.Limits) bool {
	return len(m.Message)+growth <= l.Bytes && len(m.Subjects) <= l.Targets
}

// takeApart fills q.replies.
func (q *replyRouter) takeApart(all []*pipeline.Bundled) {
	q.replies, q.traces, q.text = q.replies[:0], q.traces[:0], q.text[:0]
	for _, m := range all {
		from, env := len(q.text), m.Envelope
		q.text = wire.AppendTrace(q.text, m.Message, env, q.hops.entry(m.Origin, env))
		q.traces = append(q.traces, wire.Span{Off: uint32(from), Len: uint32(len(q.text) - from)})
		_, inner, _ := wire.SplitAddress(m.Subjects[0].Of(m.Text))
		q.replies = append(q.replies, wire.Parts{
			Version: env.Version, Data: env.Data.Of(m.Message), Reply: env.Reply.Of(m.Message),
			Sender: env.Sender.Of(m.Message), FedRequest: env.FedRequest.Of(m.Message), FedReply: inner,
		})
	}
	for i := range q.replies {
		q.replies[i].Trace = q.traces[i].Of(q.text)
	}
}

// maxPayload returns the size in bytes of the largest payload that all lanes can publish. Their
// servers may differ. It guesses the size while there is no connection.
func (p *path) maxPayload() int {
	sizes := make([]int64, 0, 16) // on the stack
	for _, l := range p.inUse() {
		sizes = append(sizes, l.publisher.MaxPayload())
	}
	return leastPayload(sizes)
}

// leastPayload returns the least of sizes that are known, or the usual one. 0 is unknown.
func leastPayload(sizes []int64) int {
	const usual = 1 << 20 // of a nats-server without configuration
	least := int64(0)
	for _, n := range sizes {
		if least == 0 || n > 0 && n < least {
			least = n
		}
	}
	return int(cmp.Or(least, usual))
}
