package relay

import (
	"bytes"
	"cmp"
	"context"
	"hash/maphash"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// A station is a path around some messages, which come in one batch. It notes what is published,
// and what is not.
type station struct {
	router   pipeline.Router
	limits   wire.Limits
	takes    compact.Kind
	messages [][]byte
	subject  string // that they came on; "in" if it is empty

	ledger    pipeline.Ledger
	pool      pool.Pool
	published [][2]string // subject and payload; a bundle once
	refusals  []wire.Reason
}

func (s *station) Run(_ context.Context, line pipeline.Line) {
	b := pipeline.NewBatch()
	b.Buffer, b.Origin = s.pool.Get(0), "nats://in:4222"
	for _, m := range s.messages {
		b.Add(cmp.Or(s.subject, "in"), m)
	}
	line.Take(b)
}

func (s *station) Prompt(int) bool { return true }

func (s *station) Publish(e *pipeline.Egress) {
	for _, m := range e.Messages {
		payload, copies := string(e.AppendPayload(nil, m)), m.Copies()
		if m.Bundle() {
			copies = 1
		}
		for i := range copies {
			s.published = append(s.published, [2]string{string(e.Subject(m, i)), payload})
		}
		s.ledger.Settle(pipeline.Confirmed, wire.OK, m.Copies())
	}
}

// carry carries messages and returns what was published.
func (s *station) carry(t *testing.T, messages ...[]byte) [][2]string {
	t.Helper()
	s.messages = nil
	for _, m := range messages {
		s.messages = append(s.messages, slices.Clone(m))
	}
	note := func(f *pipeline.Finding) { s.refusals = append(s.refusals, f.Reason) }
	pipeline.New(pipeline.Config{
		Source: s, Publishers: []pipeline.Publisher{s}, Ledger: &s.ledger, Pool: &s.pool,
		Rules: pipeline.Rules{
			Router: s.router, Limits: s.limits,
			Compact: pipeline.Compact{Kind: s.takes, Limits: compact.Limits{Bytes: 1 << 24, Messages: 1 << 16, Targets: 1 << 16}},
		},
		DecodeWorkers: 1, Depth: 1, OnRejected: note, OnSkipped: note,
	}).Run(context.Background())
	if books := s.ledger.Snapshot(); !books.Balanced() || s.pool.InUse() != 0 {
		t.Fatal(books.String())
	}
	return s.published
}

// noHops adds no hop, so that one path is like two.
func noHops() *hops { return &hops{mode: "never"} }

func requestStation() *station {
	return &station{
		router: &requestRouter{
			rules: &wire.Rules{MaxLength: 255}, hops: noHops(), fanoutBytes: 256 << 20, answerTo: peerAnswerTo,
			duplicates: duplicates{seed: maphash.MakeSeed()}, accepted: func() {},
		},
		limits: wire.Limits{Depth: 16, Hops: 15, Targets: 50_000, Parts: 256},
		takes:  compact.KindRequest,
	}
}

func replyStation(takes compact.Kind) *station {
	return &station{
		router: &replyRouter{
			rules: &wire.Rules{MaxLength: 512}, hops: noHops(),
			replyBundles: replyBundles{maxPayload: func() int { return 1 << 20 }, limits: compactLimits(config.Default())},
		},
		limits: wire.Limits{Depth: 16, Hops: 15, Targets: 50_000, Parts: 256, SkipTargets: true},
		takes:  takes,
	}
}

// A client may put anything into a compact message that it could put into JSON. The nodes get the
// same, and what is refused is refused for the same reason.
func compactRequestIsJSON(t *testing.T, message []byte) (carried bool) {
	t.Helper()
	plain := requestStation()
	var env wire.Envelope
	targets, reason := wire.Scan(message, plain.limits, &env, nil)
	if reason != wire.OK || env.Reply.Empty() && env.FedTargets == 0 {
		return false
	}
	r := compact.Request{Parts: wire.Parts{
		Version: env.Version, Data: env.Data.Of(message), Reply: env.Reply.Of(message), Sender: env.Sender.Of(message),
		Trace: env.Trace.Of(message), FedRequest: env.FedRequest.Of(message), Text: message, Targets: targets,
	}}
	packed := requestStation()
	want := plain.carry(t, message)
	got := packed.carry(t, new(compact.Encoder).AppendRequest(nil, &r))
	if !env.Federated {
		plain.refusals = []wire.Reason{wire.NoTargets} // what is compact always has the header
	}
	if !slices.Equal(got, want) || !slices.Equal(packed.refusals, plain.refusals) {
		t.Fatalf("%q\nas JSON  %q, refused %q\ncompact  %q, refused %q", message, want, plain.refusals, got, packed.refusals)
	}
	return len(want) > 0
}

// A reply that comes through an edge is the reply that comes without.
func bundledReplyIsJSON(t *testing.T, message []byte) (carried bool) {
	t.Helper()
	var env wire.Envelope
	plain, far, near := replyStation(0), replyStation(0), replyStation(compact.KindReplies)
	if _, reason := wire.Scan(message, plain.limits, &env, nil); reason != wire.OK {
		return false
	}
	to := env.FedReply.Of(message)
	through := slices.Concat(message[:env.FedReply.Off], wire.AppendEdge(nil, "ams.london", to), message[int(env.FedReply.Off)+len(to):])
	if env.FedReply.Empty() || wire.Escaped(to) || bytes.ContainsAny(to, "=\"\\") {
		return false
	}
	want := plain.carry(t, message)
	bundles := far.carry(t, through)
	var payloads [][]byte
	for _, b := range bundles {
		payloads = append(payloads, []byte(b[1]))
	}
	got := near.carry(t, payloads...)
	if !slices.Equal(got, want) {
		t.Fatalf("%q\ndirectly %q, refused %q\nthrough an edge %q, refused %q and %q", message, want, plain.refusals, got, far.refusals, near.refusals)
	}
	return len(want) > 0
}

func TestNothingIsPublishedThatTheJSONWayWouldNotPublish(t *testing.T) {
	const rounds = diffRounds
	requests, replies := 0, 0
	for seed := range uint64(rounds) {
		f := forger{rand.New(rand.NewPCG(seed, 9))}
		message := f.message()
		if compactRequestIsJSON(t, message) {
			requests++
		}
		if bundledReplyIsJSON(t, message) {
			replies++
		}
	}
	if requests < rounds/200 || replies < rounds/50 {
		t.Errorf("only %d requests and %d replies of %d went anywhere", requests, replies, rounds)
	}
}

func FuzzNothingIsPublishedThatTheJSONWayWouldNotPublish(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(forger{rand.New(rand.NewPCG(seed, 9))}.message())
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		compactRequestIsJSON(t, message)
		bundledReplyIsJSON(t, message)
	})
}
