package pipeline_test

import (
	"context"
	"fmt"
	"io"
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
	repliesAtATime = 64 // what one look at a busy socket brings, about
)

var (
	benchRules = wire.Rules{MaxLength: 255}
	benchHop   = wire.AppendHop(nil, "nats://127.0.0.1:4300", "relay1 (fedrelay:london)", "nats://127.0.0.1:4301")
)

// A loopSource brings the same batch again and again.
type loopSource struct {
	messages [][]byte
	left     int
}

func (s *loopSource) Receive(_ context.Context, b *pipeline.Batch) error {
	if s.left == 0 {
		return io.EOF
	}
	s.left--
	b.Origin, b.Received = "nats://127.0.0.1:4300", time.Now()
	for _, m := range s.messages {
		b.Add(m)
	}
	return nil
}

// A framePublisher lays frames into a buffer, as a publisher without a socket would.
type framePublisher struct {
	ledger *pipeline.Ledger
	out    []byte
}

func (p *framePublisher) Publish(e *pipeline.Egress) {
	for _, m := range e.Messages {
		payload := e.Payload(m)
		for i := range m.Copies() {
			if len(p.out) > 256<<10 {
				p.out = p.out[:0]
			}
			p.out = append(append(append(p.out, "PUB "...), e.Subject(m, i)...), payload...)
		}
		p.ledger.Settle(pipeline.Confirmed, wire.OK, m.Copies())
	}
}

// benchRequests does what a relay's router does with requests, within what the rules usually demand.
type benchRequests struct{}

func (benchRequests) Route(r *pipeline.Route) wire.Reason {
	for _, t := range r.Targets {
		if reason := benchRules.Target(t.Of(r.Message)); reason != wire.OK {
			return reason
		}
		r.Subjects = append(r.Subjects, t)
	}
	r.Out = wire.AppendRequest(r.Out, r.Message, r.Envelope, benchReturn, benchHop)
	return wire.OK
}

// benchReplies does the same with replies.
type benchReplies struct{}

func (benchReplies) Route(r *pipeline.Route) wire.Reason {
	to := r.Envelope.FedReply
	if reason := benchRules.Reply(to.Of(r.Message)); reason != wire.OK {
		return reason
	}
	r.Subjects = append(r.Subjects, to)
	r.Out = wire.AppendReply(r.Out, r.Message, r.Envelope, benchHop)
	return wire.OK
}

// benchmarkPipeline runs b.N batches through a whole pipeline. Each ends as so many copies.
func benchmarkPipeline(b *testing.B, router pipeline.Router, batch [][]byte, copies int) {
	var ledger pipeline.Ledger
	var buffers pool.Pool
	p := pipeline.New(pipeline.Config{
		Source: &loopSource{messages: batch, left: b.N}, Router: router, Ledger: &ledger, Pool: &buffers,
		Publishers: []pipeline.Publisher{&framePublisher{ledger: &ledger}},
		Limits:     wire.Limits{Depth: 16, Hops: 16, Targets: 50_000}, DecodeWorkers: 2, Depth: 4,
	})
	size := 0
	for _, m := range batch {
		size += len(m)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	b.ResetTimer()
	p.Run(context.Background())
	b.StopTimer()
	if s := ledger.Snapshot(); s.Fate(pipeline.Confirmed) != int64(b.N*copies) || buffers.InUse() != 0 {
		b.Fatal(s.String())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*copies), "ns/copy")
}

func BenchmarkRequestPath(b *testing.B) {
	for _, targets := range []int{1, 200} {
		b.Run(fmt.Sprint("targets=", targets), func(b *testing.B) {
			var list []string
			for i := range targets {
				list = append(list, fmt.Sprintf(`"mcollective.node.n%06d.london.example.net"`, i))
			}
			federation := `"req":"7c1f0a52d9e64b0c8a3fd2b1e6a90c44","target":[` + strings.Join(list, ",") + `]`
			benchmarkPipeline(b, benchRequests{}, [][]byte{benchMessage(`"reply-to":"`+benchReply+`",`, federation)}, targets)
		})
	}
}

func BenchmarkReplyPath(b *testing.B) {
	federation := `"req":"7c1f0a52d9e64b0c8a3fd2b1e6a90c44","reply-to":"` + benchReply + `"`
	for _, n := range []int{1, repliesAtATime} {
		b.Run(fmt.Sprint("batch=", n), func(b *testing.B) {
			var batch [][]byte
			for range n {
				batch = append(batch, benchMessage("", federation))
			}
			benchmarkPipeline(b, benchReplies{}, batch, n)
		})
	}
}

// benchMessage has a payload of 1 KiB.
func benchMessage(reply, federation string) []byte {
	return fmt.Appendf(nil, `{"protocol":"choria:transport:1","data":"%s","headers":{%s"mc_sender":"n000001.london.example.net",`+
		`"seen-by":[["nats://127.0.0.1:4300","client1.fed.example.net","nats://127.0.0.1:4300"]],"federation":{%s}}}`,
		strings.Repeat("QUJD", 342), reply, federation)
}
