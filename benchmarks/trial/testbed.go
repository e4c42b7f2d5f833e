package trial

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/internal/child"
	"github.com/fedrelay/fedrelay/internal/cost"
)

// broadcastSID is the number of the subscription that all nodes share. That of node i alone is i+1.
const broadcastSID = 1 << 20

// A testbed is everything that one trial needs: servers, a relay, a client and nodes.
type testbed struct {
	ctx       context.Context
	direct    bool
	addresses Addresses
	body      message.Body
	nodeCount int

	servers, relay *child.Process // relay is nil when direct
	client, nodes  *bare.Conn
	copies         *tally // at the nodes; the key is serial number * nodeCount + node
	replies        *tally // at the client; the key is the serial number
	meters         meters
	closers        []func()
	answer         func(key int) // is called for each copy that arrives at a node
	answered       func() error  // is called when all that was read has been handled
}

// options say what a scenario needs of its testbed.
type options struct {
	nodes int // how many nodes have a subscription of their own
	body  message.Body
	// answer returns what the fields answer and answered of a testbed need. nil: nodes do not
	// answer.
	answer func(b *testbed) (answer func(key int), answered func() error)
}

// newTestbed returns when messages have passed the relay both ways. The caller must close the
// testbed.
func newTestbed(ctx context.Context, c Contestant, set Settings, o options) (_ *testbed, err error) {
	b := &testbed{
		ctx: ctx, direct: c.Direct(), body: o.body, nodeCount: max(1, o.nodes), // one for probes
		copies: newTally(o.body, set.Patience), replies: newTally(o.body, set.Patience),
		answer: func(int) {}, answered: func() error { return nil },
	}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.servers, b.addresses, err = startServers(ctx, set.Servers); err != nil {
		return nil, err
	}
	if err = b.connect(); err != nil {
		return nil, err
	}
	if o.answer != nil {
		b.answer, b.answered = o.answer(b)
	}
	if err = b.subscribe(); err != nil {
		return nil, err
	}
	if !b.direct {
		if b.relay, err = c.start(b.addresses); err != nil {
			return nil, err
		}
		if err = b.awaitRelay(); err != nil {
			return nil, err
		}
	}
	return b, b.watch()
}

// connect connects the client to the federation, or to the collective if there is no relay, and the
// nodes to the collective.
func (b *testbed) connect() (err error) {
	home := b.addresses.Fed
	if b.direct {
		home = b.addresses.Col
	}
	if b.client, err = bare.Dial(b.ctx, home, "client"); err != nil {
		return err
	}
	b.nodes, err = bare.Dial(b.ctx, b.addresses.Col, "nodes")
	return err
}

func (b *testbed) subscribe() error {
	go func() { _ = b.client.Read(b.atClient, b.clientIdle) }()
	go func() { _ = b.nodes.Read(b.atNode, b.nodesIdle) }()
	subs := bare.AppendSub(nil, message.Broadcast, "", broadcastSID)
	for i := range b.nodeCount {
		subs = bare.AppendSub(subs, message.Node(i), "", i+1)
	}
	err := errors.Join(b.nodes.Write(subs), b.client.Write(bare.AppendSub(nil, message.ReplyTo, "", 1)))
	return errors.Join(err, b.nodes.Flush(b.ctx), b.client.Flush(b.ctx))
}

func (b *testbed) atClient(m bare.Msg) {
	b.replies.arrived(m.Payload, func(serial int) int { return serial })
}

func (b *testbed) clientIdle() error {
	b.replies.noteTime()
	return nil
}

func (b *testbed) atNode(m bare.Msg) {
	key, fresh := b.copies.arrived(m.Payload, func(serial int) int {
		if m.SID == broadcastSID {
			return serial
		}
		return serial*b.nodeCount + m.SID - 1
	})
	if fresh {
		b.answer(key)
	}
}

func (b *testbed) nodesIdle() error {
	b.copies.noteTime()
	return b.answered()
}

func (b *testbed) close() {
	for _, c := range b.closers {
		c()
	}
	b.meters.stop()
	if b.client != nil {
		b.client.Close()
	}
	if b.nodes != nil {
		b.nodes.Close()
	}
	for _, p := range []*child.Process{b.relay, b.servers} {
		if p != nil {
			p.Kill() // it need not be gentle: whatever was carried has been counted
		}
	}
}

func (b *testbed) watch() (err error) {
	if b.meters.servers, err = cost.Watch(b.servers.PID(), time.Second); err != nil {
		return err
	}
	if b.relay != nil {
		if b.meters.relay, err = cost.Watch(b.relay.PID(), time.Second); err != nil {
			return err
		}
	}
	b.meters.all, err = cost.Watch(os.Getpid(), time.Second) // with its children
	return err
}
