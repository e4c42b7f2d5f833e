package relay

import (
	"context"
	"fmt"
	"hash/maphash"
	"math"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/recent"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// A bareStation is both ends of a pipeline with a router of a relay.
type bareStation struct {
	pool     pool.Pool
	ledger   pipeline.Ledger
	messages [][]byte
	times    int
	size     int
}

func (s *bareStation) Run(_ context.Context, line pipeline.Line) {
	for range s.times {
		b := pipeline.NewBatch()
		b.Buffer, b.Received = s.pool.Get(s.size), time.Now()
		for _, m := range s.messages {
			b.Add("", m)
		}
		line.Take(b)
	}
}

func (s *bareStation) Publish(e *pipeline.Egress) {
	for _, m := range e.Messages {
		s.ledger.Settle(pipeline.Confirmed, wire.OK, m.Copies())
	}
}

func (s *bareStation) Prompt(int) bool { return true }

// userTime is the processor time of this process.
func userTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// least returns the least processor time that a message costs in some rounds.
func (s *bareStation) least(router pipeline.Router) float64 {
	s.size = 0
	for _, m := range s.messages {
		s.size += len(m)
	}
	best := math.Inf(1)
	for range 10 {
		s.times = 50_000 / len(s.messages) / max(1, len(s.messages[0])/1000)
		p := pipeline.New(pipeline.Config{
			Source: s, Publishers: []pipeline.Publisher{s}, Ledger: &s.ledger, Pool: &s.pool, DecodeWorkers: 1, Depth: 1,
			Rules: pipeline.Rules{Router: router, Limits: wire.Limits{Depth: 16, Hops: 16, Targets: 50_000, Parts: 256}},
		})
		before := userTime()
		p.Run(context.Background())
		best = min(best, float64(userTime()-before)/float64(s.times*len(s.messages)))
	}
	return best
}

// benchmarkRemembering reports the least processor time of a message, without and with a memory, in
// turns. That is disturbed little by other programs.
func benchmarkRemembering(b *testing.B, messages [][]byte, router func(*recent.Memory) pipeline.Router) {
	least := []float64{math.Inf(1), math.Inf(1)}
	for b.Loop() {
		for i, bytes := range []int{0, 8 << 20, 0, 8 << 20} {
			s := &bareStation{messages: messages}
			least[i%2] = min(least[i%2], s.least(router(recent.New(bytes))))
		}
	}
	b.ReportMetric(least[0], "ns/message")
	b.ReportMetric(least[1]-least[0], "more-ns/message")
}

const benchHeaders = `{"protocol":"choria:transport:1","data":"%s","headers":{"seen-by":[["nats://fed1:4222","bastion1","nats://fed1:4222"]],`

// BenchmarkRemembering is what it costs to remember messages.
func BenchmarkRemembering(b *testing.B) {
	rules, data := &wire.Rules{MaxLength: 255}, strings.Repeat("x", 1024)
	const id, back = "7c1f0a52d9e64b0c8a3fd2b1e6a90c4%d", "mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506.1"
	for _, requests := range []int{1, 8} {
		var messages [][]byte
		for i := range 64 {
			messages = append(messages, fmt.Appendf(nil, benchHeaders+`"mc_sender":"n%05d.ldn.example.net","federation":{"req":"`+id+`","reply-to":"%s"}}}`,
				data, i, i%requests, back))
		}
		b.Run(fmt.Sprintf("replies,requests=%d", requests), func(b *testing.B) {
			benchmarkRemembering(b, messages, func(m *recent.Memory) pipeline.Router {
				return &replyRouter{rules: rules, hops: &hops{mode: "never"}, recent: m.Replies}
			})
		})
	}
	for _, targets := range []int{1, 200} {
		var messages [][]byte
		for i := range 8 {
			list := strings.Join(benchTargets(targets), `","`)
			messages = append(messages, fmt.Appendf(nil, benchHeaders+`"reply-to":"%s","mc_sender":"bastion1","federation":{"req":"`+id+`","target":["%s"]}}}`,
				data, back, i, list))
		}
		b.Run(fmt.Sprintf("requests,targets=%d", targets), func(b *testing.B) {
			benchmarkRemembering(b, messages, func(m *recent.Memory) pipeline.Router {
				return &requestRouter{
					rules: rules, hops: &hops{mode: "never"}, fanoutBytes: 1 << 30, answerTo: "c.x",
					duplicates: duplicates{seed: maphash.MakeSeed()}, accepted: func() {}, recent: m.Requests,
				}
			})
		})
	}
}

func benchTargets(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("mcollective.node.n%05d.ldn.example.net", i))
	}
	return names
}
