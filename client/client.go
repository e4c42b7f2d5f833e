package client

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/wire/compact"
)

// A Client asks nodes over one connection. It is safe for concurrent use, and needs no closing.
type Client struct {
	// Set by New, then read-only.
	nc   *nats.Conn
	opts Options
	hash string // of the caller

	encoders sync.Pool // of *compact.Encoder
	readers  sync.Pool // of *reader
}

// New makes a client on a connection to the federation's NATS, which stays the caller's. It sends
// nothing. An error says what is wrong with the options.
func New(nc *nats.Conn, o Options) (*Client, error) {
	if nc == nil {
		return nil, errors.New("client: no connection: pass one of nats.Connect")
	}
	o = o.copied()
	if err := o.setDefaults(); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	hash := md5.Sum([]byte(o.Caller))
	return &Client{
		nc: nc, opts: o, hash: hex.EncodeToString(hash[:]),
		encoders: sync.Pool{New: func() any { return new(compact.Encoder) }},
		readers:  sync.Pool{New: func() any { return new(reader) }},
	}, nil
}

// Ask sends a request and returns the call that its replies come to. The caller must Close it.
//
// It borrows r until it returns, and waits for no answer: it blocks as long as nats.Conn.Publish
// does. ctx is for the whole call. When it ends the call ends, and if it has a deadline, nodes have
// no longer than that.
//
// An error means that the request was not sent whole. It says how many messages were: nodes that
// these name may act on them.
func (c *Client) Ask(ctx context.Context, r *Request) (*Call, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	plan, err := c.plan(r)
	if err != nil {
		return nil, err
	}
	call := newCall(ctx, c, plan)
	if err := call.subscribe(); err != nil {
		return nil, err
	}
	if err := call.send(plan); err != nil {
		call.Close()
		return nil, err
	}
	return call, nil
}

// subjects are those that requests go to, one for each cluster.
func (c *Client) subjects() (all []string) {
	for _, cluster := range c.opts.Clusters {
		all = append(all, "choria.federation."+cluster+".federation")
	}
	return all
}

// deadlines returns until when replies are in time, and until when the call lasts.
func deadlines(ctx context.Context, r *Request, start time.Time) (deadline, closing time.Time) {
	wait := r.Wait
	if wait == 0 {
		wait = 10 * time.Second
	}
	deadline = start.Add(wait)
	closing = deadline.Add(r.Late)
	if end, ok := ctx.Deadline(); ok {
		deadline, closing = earlier(deadline, end), earlier(closing, end)
	}
	return deadline, closing
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
