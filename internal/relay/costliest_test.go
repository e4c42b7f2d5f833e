//go:build unix

package relay

import (
	"context"
	"fmt"
	"hash/maphash"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// A shape makes messages of about so many bytes that are laborious in one way.
type shape struct {
	name string
	make func(size int) string
}

const (
	costlyHop    = `["nats://choria1.fed.example.net:4222","bastion1.fed.example.net","nats://choria1.fed.example.net:4222"]`
	costlyTarget = `"mcollective.node.a"`
)

// laborious are the shapes for both paths: piece is repeated in one place of the message.
var laborious = []shape{
	filled("payload of line breaks", costlyData(strings.Repeat("QUJD", 15)+`\n`)),
	filled("payload of escapes", costlyData(`\/`)),
	filled("payload outside ASCII", costlyData("é")),
	filled("sender of escapes", costlyHeader(`"mc_sender":"`, `\u00e9`, `",`)),
	filled("sender outside ASCII", costlyHeader(`"mc_sender":"`, "€", `",`)),
	filled("hops", costlyHeader(`"seen-by":[`, costlyHop+`,`, costlyHop+`],`)),
	filled("hops in another order", func(fill string) string {
		trace := `,"seen-by":[` + strings.Repeat(costlyHop+`,`, len(fill)/len(costlyHop)) + costlyHop + `]`
		return `{"protocol":"choria:transport:1","data":"QQ==","headers":{` + costlyReply + costlyFederation + trace + `}}`
	}),
	filled("short hops", costlyHeader(`"seen-by":[`, `["",""],`, costlyHop+`],`)),
	filled("odd hops", costlyHeader(`"seen-by":[`, `[],`, costlyHop+`],`)),
	filled("null hops", costlyHeader(`"seen-by":[`, `null,`, costlyHop+`],`)),
	filled("hops outside ASCII", costlyHeader(`"seen-by":[`, `["é","é"],`, costlyHop+`],`)),
	filled("hops of many", costlyHeader(`"seen-by":[["a","b","c"`, `,0`, `]],`)),
	filled("short keys", costlyHeader("", `"a":0,`, ``)),
	filled("nearly known keys", costlyHeader("", `"federatioM":0,`, ``)),
	filled("escaped keys", costlyHeader("", `"\u0061":0,`, ``)),
	filled("short lists", costlyHeader(`"x":[`, `[],`, `[]],`)),
	filled("nested lists", costlyHeader(`"x":[`, `[[[[[[[[[[]]]]]]]]]],`, `[]],`)),
	filled("nested objects", costlyHeader(`"x":[`, `{"a":{"a":{"a":{"a":{}}}}},`, `[]],`)),
	filled("short strings", costlyHeader(`"x":[`, `"",`, `""],`)),
	filled("numbers", costlyHeader(`"x":[`, `0,`, `0],`)),
	filled("long numbers", costlyHeader(`"x":[`, `-1234.5678e+90,`, `0],`)),
	filled("words", costlyHeader(`"x":[`, `true,`, `0],`)),
	filled("white space", costlyHeader(`"x":[`, ` `, `0],`)),
	filled("keys twice read", func(fill string) string {
		return `{"headers":{` + strings.Repeat(`"a":0,`, len(fill)/6) + costlyReply + costlyFederation + `},"data":"QQ==","protocol":"choria:transport:1"}`
	}),
}

// ofReplies are shapes for replies, whose targets mean nothing.
var ofReplies = []shape{
	filled("targets", costlyTargets(`"mcollective.node.a",`)),
	filled("short targets", costlyTargets(`"a",`)),
	filled("empty targets", costlyTargets(`"",`)),
	filled("targets with white space", costlyTargets(`"a", `)),
	filled("targets outside ASCII", costlyTargets(`"é",`)),
	filled("escaped targets", costlyTargets(`"\u0061",`)),
	filled("null targets", costlyTargets(`null,`)),
}

// filled is a shape whose filling is as long as what is asked for.
func filled(name string, message func(fill string) string) shape {
	return shape{name, func(size int) string { return message(strings.Repeat(" ", size)) }}
}

// The headers of a message that is both a request and a reply, as Go programs order them.
const (
	costlyReply      = `"reply-to":"mcollective.reply.a.b",`
	costlyFederation = `"federation":{"req":"7c1f","reply-to":"mcollective.reply.a.b","target":[` + costlyTarget + `]}`
)

func costlyData(piece string) func(string) string {
	return func(fill string) string {
		data := strings.Repeat(piece, len(fill)/len(piece))
		return `{"protocol":"choria:transport:1","data":"` + data + `","headers":{` + costlyReply + costlyFederation + `}}`
	}
}

func costlyHeader(before, piece, behind string) func(string) string {
	return func(fill string) string {
		text := before + strings.Repeat(piece, len(fill)/len(piece)) + behind
		return `{"protocol":"choria:transport:1","data":"QQ==","headers":{` + costlyReply + text + costlyFederation + `}}`
	}
}

func costlyTargets(piece string) func(string) string {
	return func(fill string) string {
		list := strings.Repeat(piece, len(fill)/len(piece))
		return `{"protocol":"choria:transport:1","data":"QQ==","headers":{"federation":{"req":"7c1f","reply-to":"mcollective.reply.a.b",` +
			`"target":[` + list + costlyTarget + `]}}}`
	}
}

// costlyList makes requests of targets, written by target for each of them.
func costlyList(name string, target func(i int) string) shape {
	return shape{name, func(size int) string {
		var list strings.Builder
		for i := 0; list.Len() < size && i < 50_000; i++ {
			if i > 0 {
				list.WriteByte(',')
			}
			fmt.Fprintf(&list, `"%s"`, target(i))
		}
		return `{"protocol":"choria:transport:1","data":"QQ==","headers":{"reply-to":"mcollective.reply.a.b","federation":{"req":"7c1f",` +
			`"target":[` + list.String() + `]}}}`
	}}
}

// shuffled is a permutation of numbers below 50,021.
func shuffled(i int) int { return i * 31_337 % 50_021 }

// ofRequests are shapes for requests, whose targets are judged.
var ofRequests = []shape{
	costlyList("targets", func(i int) string { return fmt.Sprintf("mcollective.node.web%05d.example.net", i) }),
	costlyList("targets in any order", func(i int) string { return fmt.Sprintf("mcollective.node.web%05d.example.net", shuffled(i)) }),
	costlyList("short targets", func(i int) string { return fmt.Sprintf("a.node.%d", shuffled(i)) }),
	costlyList("one target", func(int) string { return "mcollective.node.web1.example.net" }),
	costlyList("one short target", func(int) string { return "a.node.b" }),
	costlyList("two targets", func(i int) string { return fmt.Sprintf("mcollective.node.web%d.example.net", 1-i%2) }),
	costlyList("bad targets", func(i int) string { return fmt.Sprintf("mcollective.node.web%05d.example.net.", i) }),
	costlyList("short bad targets", func(int) string { return "a b" }),
	costlyList("empty targets", func(int) string { return "" }),
	costlyList("escaped targets", func(i int) string { return fmt.Sprintf(`mcollective.node.web%05d.example.ne\u0074`, i) }),
	costlyList("targets of escapes", func(i int) string { return fmt.Sprintf(`a.node.\u0061\u0062\u0063\u0064\u0065%d`, i) }),
	costlyList("targets outside ASCII", func(i int) string { return fmt.Sprintf("mcollective.node.bücher%05d.example.net", i) }),
}

// A costlyLine is a path around one message: receive, decode and fan-out, without a network on
// either side.
type costlyLine struct {
	*pipeline.Pipeline
	message []byte
	times   int
	ledger  pipeline.Ledger
	pool    pool.Pool
}

func (l *costlyLine) Run(_ context.Context, line pipeline.Line) {
	for range l.times {
		b := pipeline.NewBatch()
		b.Buffer = l.pool.Get(len(l.message))
		b.Origin, b.Received = "nats://127.0.0.1:4222", time.Now()
		b.Add("", l.message)
		line.Take(b)
	}
}

func (l *costlyLine) Prompt(int) bool { return true }

func (l *costlyLine) Publish(e *pipeline.Egress) {
	for _, m := range e.Messages {
		l.ledger.Settle(pipeline.Confirmed, wire.OK, m.Copies())
	}
}

// newCostlyLine returns a path with default settings, strict or as the peer.
func newCostlyLine(message string, reply, peer bool) *costlyLine {
	l := &costlyLine{message: []byte(message)}
	rules := &wire.Rules{MaxLength: 255, Peer: peer}
	h := &hops{mode: "preserve", by: "relay1 (fedrelay:london)", destination: func() string { return "nats://127.0.0.1:4223" }}
	limits := wire.Limits{Depth: 16, Hops: 15, Targets: 50_000, Parts: 256, SkipTargets: reply}
	var router pipeline.Router = &replyRouter{rules: rules, hops: h}
	if !reply {
		router = &requestRouter{
			rules: rules, hops: h, fanoutBytes: int64(config.Default().Limits.FanoutBytes), answerTo: "choria.federation.london.collective",
			duplicates: duplicates{seed: maphash.MakeSeed()}, accepted: func() {},
		}
	}
	l.Pipeline = pipeline.New(pipeline.Config{
		Source: l, Publishers: []pipeline.Publisher{l}, Ledger: &l.ledger, Pool: &l.pool,
		Rules: pipeline.Rules{Router: router, Limits: limits, Normalize: peer}, DecodeWorkers: 1, Depth: 1,
	})
	return l
}

// carry carries the message n times and returns what each takes of a processor.
func (l *costlyLine) carry(tb testing.TB, n int) time.Duration {
	l.times = n
	start := processorTime(tb)
	l.Pipeline.Run(context.Background())
	took := (processorTime(tb) - start) / time.Duration(n)
	if s := l.ledger.Snapshot(); s.RejectedTotal() > s.Rejected[wire.TooManyParts] || !s.Balanced() || l.pool.InUse() != 0 {
		tb.Fatal(s.String())
	}
	return took
}

// BenchmarkCostliestMessage measures what a byte of the most laborious messages costs, and by how
// much that is more than in a message of the same size that is nearly all payload. The two take
// turns.
func BenchmarkCostliestMessage(b *testing.B) {
	for _, size := range []int{16 << 10, 700 << 10} {
		for path, shapes := range map[string][]shape{"request": append(laborious, ofRequests...), "reply": append(laborious, ofReplies...)} {
			for _, s := range shapes {
				b.Run(fmt.Sprintf("%dKiB/%s/%s", size>>10, path, s.name), func(b *testing.B) {
					benchmarkCostly(b, s.make(size), path == "reply")
				})
			}
		}
	}
}

func benchmarkCostly(b *testing.B, message string, reply bool) {
	cheap := costlyData("QUJD")(strings.Repeat(" ", len(message)))
	turn := 8 << 20 / len(message)
	took, cheapest := time.Hour, time.Hour // the best of the turns: others use this machine, too
	for b.Loop() {
		took = min(took, newCostlyLine(message, reply, false).carry(b, turn))
		cheapest = min(cheapest, newCostlyLine(cheap, reply, false).carry(b, turn))
	}
	b.ReportMetric(float64(took)/float64(len(message)), "ns/byte")
	b.ReportMetric(float64(took)/float64(cheapest)*float64(len(cheap))/float64(len(message)), "x-cheapest")
	b.ReportMetric(0, "ns/op")
}

// processorTime is what this process has used of processors so far.
func processorTime(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
