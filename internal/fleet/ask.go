package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/nats-io/nats.go"
)

var errNobody = errors.New("fleet: request without targets")

// ask is one request on its way.
type ask struct {
	// Set by Ask, then read-only.
	client  *Client
	id      string
	targets *Targets
	entry   *entry
	start   time.Time
	done    chan struct{} // closed with the last reply

	// Guarded by mu.
	mu      sync.Mutex
	result  Result
	latency *hdrhistogram.Histogram // nil once Ask has returned
}

// Ask publishes one request and waits until every target has replied, the client's timeout is over or ctx ends. Silence
// is no error: see Result.Complete. An error means that the request was not published whole, or that ctx ended; its
// targets that did not answer count as lost either way.
func (c *Client) Ask(ctx context.Context, t *Targets) (Result, error) {
	if t.Len() == 0 {
		return Result{}, errNobody
	}
	id := c.dialect.newID()
	messages, err := c.messages(c.link.ConnectedUrlRedacted(), id, t, time.Now())
	if err != nil {
		return Result{}, err
	}
	a := &ask{
		client: c, id: id, targets: t, entry: c.opts.Ledger.open(id, t),
		done: make(chan struct{}), latency: c.scratch.Get().(*hdrhistogram.Histogram),
	}
	a.start = time.Now()
	c.setCurrent(a)
	sub, err := a.subscribe()
	if err == nil {
		err = a.publish(messages)
	}
	if err == nil {
		err = a.wait(ctx)
	}
	return a.finish(sub), err
}

func (c *Client) setCurrent(a *ask) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current = a
}

// subscribe comes before publish on the same connection, so the server knows of it first.
func (a *ask) subscribe() (*nats.Subscription, error) {
	sub, err := a.client.link.Subscribe(a.client.writer.replyTo+a.id, a.receive)
	if err != nil {
		return nil, err
	}
	return sub, sub.SetPendingLimits(1<<20, 1<<30)
}

// publish sends each group to each cluster before the next group, as the real client.
func (a *ask) publish(messages [][]byte) error {
	sent := 0
	defer func() { a.mu.Lock(); a.result.Messages = sent; a.mu.Unlock() }()
	for _, m := range messages {
		for _, cluster := range a.client.opts.Clusters {
			if err := a.client.link.Publish("choria.federation."+cluster+".federation", m); err != nil {
				return fmt.Errorf("fleet: publishing to %s: %w", cluster, err)
			}
			sent++
		}
	}
	return nil
}

func (a *ask) wait(ctx context.Context) error {
	timer := time.NewTimer(a.client.opts.Timeout)
	defer timer.Stop()
	select {
	case <-a.done:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// receive runs on the subscription's goroutine, also after Ask has returned.
func (a *ask) receive(m *nats.Msg) {
	took := time.Since(a.start)
	c := a.client
	node, ok := c.senders.Find(m.Data)
	if !ok {
		c.opts.Ledger.foreign.Add(1)
		a.count(stray, took)
		return
	}
	a.count(a.entry.reply(node), took)
	if c.senders.Due() && c.senders.Check(m.Data, a.id, node) != nil {
		c.opts.Ledger.corrupt.Add(1)
		a.mu.Lock()
		a.result.Corrupt++
		a.mu.Unlock()
	}
}

func (a *ask) count(v verdict, took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch v {
	case duplicate:
		a.result.Duplicates++
	case stray:
		a.result.Foreign++
	case first:
		a.firstReply(took)
	}
}

func (a *ask) firstReply(took time.Duration) {
	if a.latency == nil {
		return // late: the ledger knows
	}
	_ = a.latency.RecordValue(max(1, took.Microseconds())) // beyond two minutes nobody waits
	if a.result.Replied == 0 {
		a.result.First = took
	}
	a.result.Last = took
	a.result.Replied++
	if a.result.Replied == a.targets.Len() {
		close(a.done)
	}
}

func (a *ask) progress() (replied, targets int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.result.Replied, a.targets.Len()
}
