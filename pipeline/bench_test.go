package pipeline_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

const (
	benchReply     = "mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506.7c1f0a52d9e64b0c8a3fd2b1e6a90c44"
	benchReturn    = "choria.federation.london.collective"
	repliesAtATime = 64 // about what one read of a busy socket brings
)

var (
	benchRules = wire.Rules{MaxLength: 255}
	benchHop   = wire.AppendHop(nil, "nats://127.0.0.1:4300", "relay1 (fedrelay:london)", "nats://127.0.0.1:4301")
)

// A loopSource brings the same batch again and again.
type loopSource struct {
	pool     *pool.Pool
	messages [][]byte
	size     int // of messages, in bytes
	times    int
	more     bool   // as Batch.MoreWaiting
	each     func() // before each; may be nil
}

func (s *loopSource) Run(_ context.Context, line pipeline.Line) {
	for range s.times {
		if s.each != nil {
			s.each()
		}
		b := pipeline.NewBatch()
		b.Buffer, b.MoreWaiting = s.pool.Get(s.size), s.more
		b.Origin, b.Received = "nats://127.0.0.1:4300", time.Now()
		for _, m := range s.messages {
			b.Add("", m)
		}
		line.Take(b)
	}
}

// A framePublisher does what a real one does but for the socket: it makes the frames that the
// egress does not hold yet.
type framePublisher struct {
	ledger *pipeline.Ledger
	prompt bool
	out    []byte
}

func (p *framePublisher) Publish(e *pipeline.Egress) {
	for _, m := range e.Messages {
		if !m.HasFrame() {
			p.layOut(e, m)
		}
		p.ledger.Settle(pipeline.Confirmed, wire.OK, m.Copies())
	}
}

func (p *framePublisher) Prompt(int) bool { return p.prompt }

// layOut makes the frames of m.
func (p *framePublisher) layOut(e *pipeline.Egress, m pipeline.OutgoingMessage) {
	payload := e.Payload(m)
	for i := range m.Copies() {
		if len(p.out) > 256<<10 {
			p.out = p.out[:0]
		}
		p.out = wire.AppendPub(p.out, e.Subject(m, i), payload)
	}
}

// benchRequests does what a relay's router does with requests, within what the rules usually
// demand.
type benchRequests struct{}

func (benchRequests) Route(r *pipeline.Route) wire.Reason {
	for _, t := range r.Targets {
		if reason := benchRules.Target(t.Of(r.Message)); reason != wire.OK {
			return reason
		}
		r.Subjects = append(r.Subjects, t)
	}
	return wire.OK
}

func (benchRequests) Append(dst []byte, r *pipeline.Route) ([]byte, wire.Reason) {
	return wire.AppendRequest(dst, r.Message, r.Envelope, benchReturn, benchHop), wire.OK
}

// benchReplies does the same with replies.
type benchReplies struct{}

func (benchReplies) Route(r *pipeline.Route) wire.Reason {
	to := r.Envelope.FedReply
	if reason := benchRules.Reply(to.Of(r.Message)); reason != wire.OK {
		return reason
	}
	r.Subjects = append(r.Subjects, to)
	return wire.OK
}

func (benchReplies) Append(dst []byte, r *pipeline.Route) ([]byte, wire.Reason) {
	return wire.AppendReply(dst, r.Message, r.Envelope, benchHop), wire.OK
}

// A loop is a whole pipeline around a loopSource.
type loop struct {
	*pipeline.Pipeline
	source *loopSource
	ledger pipeline.Ledger
	pool   pool.Pool
}

// newLoop makes a loop in which every other lane is prompt.
func newLoop(router pipeline.Router, batch [][]byte, times, lanes int) *loop {
	l := &loop{}
	l.source = &loopSource{pool: &l.pool, messages: batch, times: times}
	for _, m := range batch {
		l.source.size += len(m)
	}
	var publishers []pipeline.Publisher
	for i := range lanes {
		publishers = append(publishers, &framePublisher{ledger: &l.ledger, prompt: i%2 == 0})
	}
	l.Pipeline = pipeline.New(pipeline.Config{
		Source: l.source, Ledger: &l.ledger, Pool: &l.pool,
		Publishers: publishers, CountSubjects: lanes > 1,
		Rules:         pipeline.Rules{Router: router, Limits: wire.Limits{Depth: 16, Hops: 16, Targets: 50_000}},
		DecodeWorkers: 2, Depth: 4,
	})
	return l
}

// run carries all batches, each of which must end as so many copies.
func (l *loop) run(tb testing.TB, copies int) {
	l.Run(context.Background())
	if s := l.ledger.Snapshot(); s.Fate(pipeline.Confirmed) != int64(l.source.times*copies) || l.pool.InUse() != 0 {
		tb.Fatal(s.String())
	}
}

// benchmarkPipeline runs b.N batches through a whole pipeline: inline, then down the line.
func benchmarkPipeline(b *testing.B, name string, router pipeline.Router, batch [][]byte, copies, lanes int) {
	for _, more := range []bool{false, true} {
		b.Run(name, func(b *testing.B) {
			l := newLoop(router, batch, b.N, lanes)
			l.source.more = more
			b.SetBytes(int64(l.source.size))
			b.ReportAllocs()
			b.ResetTimer()
			l.run(b, copies)
			b.StopTimer()
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*copies), "ns/copy")
		})
		name += ",more"
	}
}

func BenchmarkRequestPath(b *testing.B) {
	for _, n := range []int{1, 200} {
		for _, lanes := range []int{1, 2, 25} {
			benchmarkPipeline(b, fmt.Sprintf("targets=%d,lanes=%d", n, lanes), benchRequests{}, [][]byte{benchRequest(n)}, n, lanes)
		}
	}
}

func BenchmarkReplyPath(b *testing.B) {
	for _, n := range []int{1, repliesAtATime} {
		benchmarkPipeline(b, fmt.Sprint("batch=", n), benchReplies{}, benchReplyBatch(n), n, 1)
	}
}

func benchRequest(targets int) []byte {
	var list []string
	for i := range targets {
		list = append(list, fmt.Sprintf(`"mcollective.node.n%06d.london.example.net"`, i))
	}
	federation := `"req":"7c1f0a52d9e64b0c8a3fd2b1e6a90c44","target":[` + strings.Join(list, ",") + `]`
	return benchMessage(`"reply-to":"`+benchReply+`",`, federation)
}

func benchReplyBatch(n int) (batch [][]byte) {
	federation := `"req":"7c1f0a52d9e64b0c8a3fd2b1e6a90c44","reply-to":"` + benchReply + `"`
	for range n {
		batch = append(batch, benchMessage("", federation))
	}
	return batch
}

// benchMessage has a payload of 1 KiB.
func benchMessage(reply, federation string) []byte {
	return fmt.Appendf(nil, `{"protocol":"choria:transport:1","data":"%s","headers":{%s"mc_sender":"n000001.london.example.net",`+
		`"seen-by":[["nats://127.0.0.1:4300","client1.fed.example.net","nats://127.0.0.1:4300"]],"federation":{%s}}}`,
		strings.Repeat("QUJD", 342), reply, federation)
}
