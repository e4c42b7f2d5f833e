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

// Ask publishes one request and waits until every target has replied, the client's timeout is over
// or ctx ends. Targets that do not reply are no error: see Result.Complete. An error means that the
// request was not published whole, or that ctx ended. In both cases the targets that did not reply
// count as lost.
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
	sub, err := a.subscribe()
	if err == nil {
		err = a.publish(messages)
	}
	if err == nil {
		err = a.awaitReplies(ctx)
	}
	return a.finish(sub), err
}

// subscribe comes before publish on the same connection, so the server knows of it first.
func (a *ask) subscribe() (*nats.Subscription, error) {
	sub, err := a.client.link.Subscribe(a.client.writer.replyTo+a.id, a.receive)
	if err != nil {
		return nil, err
	}
	return sub, sub.SetPendingLimits(1<<20, 1<<30)
}

// messages builds the messages of one request, one for each group of targets. server is what the
// client is connected to.
func (c *Client) messages(server, id string, t *Targets, at time.Time) ([][]byte, error) {
	l, err := c.writer.Draft(server, id, at)
	if err != nil {
		return nil, err
	}
	if t.broadcast {
		return [][]byte{c.writer.AppendBroadcast(nil, l)}, nil
	}
	var out [][]byte
	for from := 0; from < len(t.nodes); from += c.opts.Group {
		group := t.nodes[from:min(from+c.opts.Group, len(t.nodes))]
		out = append(out, c.writer.AppendDirected(nil, l, group))
	}
	return out, nil
}

// publish sends each group to all clusters before the next group, as the real client does.
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

func (a *ask) awaitReplies(ctx context.Context) error {
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
		return // too late for the result; the ledger has counted it
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
