package fleet

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/nats-io/nats.go"
)

// groupSize is how many targets the real client puts into one message.
const groupSize = 200

// lingering is how many requests stay subscribed after they have ended, so that late duplicates are
// counted.
const lingering = 8

// ClientOptions describe a federated client.
type ClientOptions struct {
	// URL of the federation's server. NATS are further connection options.
	URL  string
	NATS []nats.Option

	// Version of the protocol. Default V1.
	Version Version
	// Collective is the first token of the subjects. Default: the version's, mcollective or choria.
	Collective string
	// Clusters the client knows by name. Each gets a copy of every message, whether the targets
	// live there or not.
	Clusters []string
	// Identity is the client's host, Caller its user. Defaults: client1.fed.example.net, and
	// choria=alice.mcollective or up=alice.
	Identity, Caller string
	// Agent and Action asked. Default rpcutil, ping. Agent discovery has no action.
	Agent, Action string
	// RequestBytes is the text in each request, before the layers around it. 0: none.
	RequestBytes int
	// Group is the number of targets in one message. Default 200, as the real client.
	Group int
	// ReplyEnd is what reply subjects have behind the id of the request: ".=" if replies may come
	// in compact messages. Only for a Writer: a Client reads single replies.
	ReplyEnd string
	// Timeout is how long Ask waits for replies. Default 10s.
	Timeout time.Duration
	// CheckEvery is how many replies share one full check: unwrapped, hash compared. Default 64; 1
	// checks all.
	CheckEvery int

	Roster *Roster // required
	Ledger *Ledger // required
}

// Client is a federated client. Safe for concurrent use; Close ends it.
type Client struct {
	opts    ClientOptions // set by Dial, then read-only
	dialect dialect
	writer  *Writer
	senders *Senders
	link    *link
	scratch sync.Pool // of *hdrhistogram.Histogram

	errors atomic.Int64

	// Guarded by mu.
	mu      sync.Mutex
	latency *hdrhistogram.Histogram
	ended   []*nats.Subscription
}

// Dial connects a client. The caller must Close it.
func Dial(o ClientOptions) (*Client, error) {
	c := newClient(o)
	link, err := dial(o.URL, c.opts.Identity, &c.errors, o.NATS)
	if err != nil {
		return nil, err
	}
	c.link = link
	return c, nil
}

func newClient(o ClientOptions) *Client {
	o.setDefaults()
	return &Client{
		opts: o, dialect: o.Version.dialect(), latency: newHistogram(),
		writer: NewWriter(o), senders: NewSenders(o),
		scratch: sync.Pool{New: func() any { return newHistogram() }},
	}
}

func (o *ClientOptions) setDefaults() {
	if o.Version == 0 {
		o.Version = V1
	}
	if o.Group == 0 {
		o.Group = groupSize
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.CheckEvery == 0 {
		o.CheckEvery = 64
	}
	fallback(&o.Collective, o.Version.Collective())
	fallback(&o.Identity, "client1.fed.example.net")
	fallback(&o.Caller, o.Version.caller())
	fallback(&o.Agent, "rpcutil")
	fallback(&o.Action, "ping")
}

func fallback(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

// newHistogram covers a microsecond to two minutes in microseconds, with three digits.
func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, 120_000_000, 3) }

// Latency returns a copy of the latencies of all replies so far, in microseconds from the
// publishing of their request. Replies of requests that have not ended are not in it yet.
func (c *Client) Latency() *hdrhistogram.Histogram {
	c.mu.Lock()
	defer c.mu.Unlock()
	return hdrhistogram.Import(c.latency.Export())
}

// Errors is the number of asynchronous errors of the connection, such as slow consumers. It should
// be 0.
func (c *Client) Errors() int64 { return c.errors.Load() }

// Settle waits until everything that the server has for this client has been counted, also late
// duplicates. Call it when nobody asks any more and the relays have drained. It waits at most 10
// seconds.
func (c *Client) Settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := c.link.FlushWithContext(ctx); err != nil {
		return err
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for c.pending() > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

func (c *Client) pending() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, sub := range c.ended {
		if messages, _, err := sub.Pending(); err == nil {
			n += messages
		}
	}
	return n
}

// Close disconnects. Requests that wait for replies get no more of them.
func (c *Client) Close() { c.link.close() }

// linger keeps sub for a while longer, and ends the oldest of those kept.
func (c *Client) linger(sub *nats.Subscription) {
	if sub == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = append(c.ended, sub)
	if len(c.ended) <= lingering {
		return
	}
	_ = c.ended[0].Unsubscribe() // fails only when the connection is closed
	c.ended = append(c.ended[:0], c.ended[1:]...)
}
