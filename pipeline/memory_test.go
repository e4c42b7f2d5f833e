package pipeline_test

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// memorySource hands out batches of messages from a channel.
type memorySource struct{ batches chan []string }

func newSource(batches ...[]string) *memorySource {
	s := &memorySource{batches: make(chan []string, len(batches))}
	for _, b := range batches {
		s.batches <- b
	}
	return s
}

func (s *memorySource) Receive(ctx context.Context, b *pipeline.Batch) error {
	select {
	case messages, ok := <-s.batches:
		if !ok {
			return io.EOF
		}
		b.Origin, b.Received = "nats://origin", time.Now()
		for _, m := range messages {
			b.Add([]byte(m))
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A copied is one publish.
type copied struct{ subject, payload string }

// memoryPublisher keeps what is published and confirms it. With a gate it waits there before each egress.
type memoryPublisher struct {
	ledger *pipeline.Ledger
	gate   chan struct{}

	mu   sync.Mutex
	seen []copied
}

func (p *memoryPublisher) Publish(e *pipeline.Egress) {
	if p.gate != nil {
		<-p.gate
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range e.Messages {
		for i := range m.Copies() {
			p.seen = append(p.seen, copied{string(e.Subject(m, i)), string(e.Payload(m))})
		}
		p.ledger.Settle(pipeline.Confirmed, wire.OK, m.Copies())
	}
}

// targetRouter sends the payload token of each message to all its targets.
type targetRouter struct{}

func (targetRouter) Route(r *pipeline.Route) wire.Reason {
	if len(r.Targets) == 0 {
		return wire.NoTargets
	}
	r.Out = append(r.Out, r.Envelope.Data.Of(r.Message)...)
	r.Subjects = append(r.Subjects, r.Targets...)
	return wire.OK
}

// request makes a message from a client, with a serial number, for targets.
func request(client string, serial int, targets ...string) string {
	list := ""
	for i, t := range targets {
		if i > 0 {
			list += ","
		}
		list += `"` + t + `"`
	}
	return fmt.Sprintf(`{"protocol":"choria:transport:1","data":"%d","headers":{"reply-to":"mcollective.reply.%s.1","federation":{"target":[%s]}}}`,
		serial, client, list)
}

type rig struct {
	*pipeline.Pipeline
	ledger     pipeline.Ledger
	pool       pool.Pool
	source     *memorySource
	publishers []*memoryPublisher
}

func newRig(lanes int, router pipeline.Router, batches ...[]string) *rig {
	r := &rig{source: newSource(batches...)}
	cfg := pipeline.Config{
		Source:        r.source,
		Router:        router,
		Ledger:        &r.ledger,
		Pool:          &r.pool,
		Limits:        wire.Limits{Depth: 16, Hops: 16, Targets: 1000},
		DecodeWorkers: 4,
		Depth:         2,
	}
	for range lanes {
		p := &memoryPublisher{ledger: &r.ledger}
		r.publishers = append(r.publishers, p)
		cfg.Publishers = append(cfg.Publishers, p)
	}
	r.Pipeline = pipeline.New(cfg)
	return r
}

// check is the ledger check and the leak check at the end of each test.
func (r *rig) check(t *testing.T) pipeline.Snapshot {
	t.Helper()
	s := r.ledger.Snapshot()
	if !s.Balanced() {
		t.Errorf("the ledger does not balance: %s", s.String())
	}
	if n := r.pool.InUse(); n != 0 {
		t.Errorf("%d buffers are still lent", n)
	}
	if idle, _ := r.Idle(); !idle {
		t.Error("the pipeline has ended and is not idle")
	}
	return s
}

func (r *rig) all() (seen []copied) {
	for _, p := range r.publishers {
		seen = append(seen, p.seen...)
	}
	return seen
}
