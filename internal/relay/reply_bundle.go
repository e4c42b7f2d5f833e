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
	maxPayload func() int // the largest payload that can be published, in bytes

	replies []wire.Parts
	traces  []wire.Span // of each reply, in text
	text    []byte
}

// bundleBytes is how many bytes the messages of a bundle have together, unless there is only one.
// Whoever reads a bundle allows for more (limits.expanded_bytes): they get longer by a return
// address, a seal or a hop.
const bundleBytes = int(config.LeastExpanded / 2)

// Together implements pipeline.Bundler: all replies for one address leave in one bundle.
func (q *replyRouter) Together(_, _ *pipeline.Bundled) bool { return true }

// AppendBundle implements pipeline.Bundler. If the bundle is larger than the server takes it has
// fewer replies.
func (q *replyRouter) AppendBundle(dst []byte, all []*pipeline.Bundled) ([]byte, int) {
	n := bundled(all)
	q.takeApart(all[:n])
	address, _, _ := wire.SplitAddress(all[0].Subjects[0].Of(all[0].Text))
	for from, limit := len(dst), q.maxPayload(); ; n = (n + 1) / 2 {
		dst = q.encoder.AppendReplies(dst[:from], address, q.replies[:n])
		if len(dst)-from <= limit || n == 1 {
			return dst, n
		}
	}
}

// bundled returns how many of the first messages of all may leave in one bundle.
func bundled(all []*pipeline.Bundled) (n int) {
	for bytes := 0; n < len(all) && (n == 0 || bytes < bundleBytes); n++ {
		bytes += len(all[n].Message)
	}
	return n
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

// maxPayload returns the size in bytes of the largest payload that the first lane can publish. It
// guesses that while there is no connection.
func (p *path) maxPayload() int {
	const usual = 1 << 20 // of a nats-server without configuration
	return int(cmp.Or(p.inUse()[0].publisher.MaxPayload(), usual))
}
