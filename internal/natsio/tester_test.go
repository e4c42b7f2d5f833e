package natsio

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
)

// endpoint is that of a side.
func endpoint(t *testing.T, name string, s config.Side) *link.Endpoint {
	t.Helper()
	e, err := link.NewEndpoint(name, s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// via makes e take one of the paths.
func via(portable bool, e *link.Endpoint) *link.Endpoint {
	e.Portable = portable
	return e
}

// tester reads a source as a pipeline does.
type tester struct {
	*Source
	ledger pipeline.Ledger
	pool   pool.Pool
	taken  chan *pipeline.Batch // closed when Run has returned
	close  sync.Once
}

func newTester(inbox int) *tester { return boundTester(inbox, 0) }

// boundTester is like newTester, with a pool that lends no more than so many bytes.
func boundTester(inbox int, maxBytes int64) *tester {
	r := &tester{taken: make(chan *pipeline.Batch)}
	r.Source = NewSource(SourceConfig{
		Subject: "in", Queue: "q",
		InboxMessages: inbox, InboxBytes: 1 << 20,
		BatchMessages: 10, BatchBytes: 100,
		Ledger: &r.ledger, Pool: &r.pool, MaxBytes: maxBytes,
	})
	return r
}

// start runs the source, until Close or the end of the test. Nothing is taken from it but by
// receive.
func (r *tester) start(t *testing.T) {
	go func() {
		defer close(r.taken)
		r.Run(context.Background(), r)
	}()
	t.Cleanup(func() {
		r.Close()
		for b := range r.taken {
			b.Free()
		}
	})
}

// Close is Source's, but may be called twice.
func (r *tester) Close() { r.close.Do(r.Source.Close) }

// Take implements pipeline.Line.
func (r *tester) Take(b *pipeline.Batch) { r.taken <- b }

// receive returns the next batch, which the caller must free; nil at the end.
func (r *tester) receive(t *testing.T) *pipeline.Batch {
	t.Helper()
	select {
	case b := <-r.taken:
		return b
	case <-time.After(natstest.Patience):
		t.Fatal("no batch comes")
		return nil
	}
}

// next receives n messages.
func (r *tester) next(t *testing.T, n int) (payloads []string) {
	t.Helper()
	for len(payloads) < n {
		b := r.receive(t)
		if b == nil {
			t.Fatalf("the source ends after %d of %d messages", len(payloads), n)
		}
		payloads = append(payloads, payloadsOf(b)...)
		b.Free()
	}
	return payloads
}

// rest receives what comes until the source, which is closed, has nothing more.
func (r *tester) rest(t *testing.T) (payloads []string) {
	t.Helper()
	for b := r.receive(t); b != nil; b = r.receive(t) {
		payloads = append(payloads, payloadsOf(b)...)
		b.Free()
	}
	return payloads
}

// givesBack checks that no buffer is lent once the link, which stop ends, has gone.
func (r *tester) givesBack(t *testing.T, stop func()) {
	t.Helper()
	stop()
	r.Discard()
	if n := r.pool.InUse(); n != 0 {
		t.Errorf("%d buffers are still lent", n)
	}
}

func payloadsOf(b *pipeline.Batch) (payloads []string) {
	for i := range b.Messages {
		payloads = append(payloads, string(b.Payload(i)))
	}
	return payloads
}

// attend runs a link for h, until the function that it returns is called or the test ends.
func attend(t *testing.T, h link.Handler, e *link.Endpoint) (stop func()) {
	t.Helper()
	return runLink(t, link.New(link.Config{Endpoint: e, Name: "fedrelay test", Handler: h}))
}

// runLink runs a link, until the function that it returns is called or the test ends.
func runLink(t *testing.T, l *link.Link) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}

func serve(t *testing.T, s *Source) {
	t.Helper()
	if err := s.Serve(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	natstest.Eventually(t, "the source is subscribed", s.Subscribed)
}

func tell(t *testing.T, nc *nats.Conn, payloads ...string) {
	t.Helper()
	for _, p := range payloads {
		if err := nc.Publish("in", []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
}
