package trial

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/internal/child"
)

// broadcastSID is the subscription of all nodes together; node i has i+1.
const broadcastSID = 1 << 20

// A bed is where one trial lies: servers, relay, a client and nodes.
type bed struct {
	ctx       context.Context
	direct    bool
	at        Addresses
	body      message.Body
	nodeCount int

	servers, relay *child.Process // relay is nil when direct
	client, nodes  *bare.Conn
	copies         *tally // at the nodes, by serial number times nodeCount plus node
	replies        *tally // at the client, by serial number
	meters         meters
	closers        []func()
	answer         func(key int)
	answered       func() error // after answers, when nothing more has been read
}

// An options say what a scenario needs of its bed.
type options struct {
	nodes  int // with subscriptions of their own
	body   message.Body
	answer func(b *bed) (answer func(key int), answered func() error) // what nodes do with a copy; nil: nothing
}

// makeBed returns when a message has passed the relay each way. The caller must close the bed.
func makeBed(ctx context.Context, c Contestant, set Settings, o options) (_ *bed, err error) {
	b := &bed{
		ctx: ctx, direct: c.Direct(), body: o.body, nodeCount: max(1, o.nodes), // one to probe
		copies: newTally(o.body, set.Patience), replies: newTally(o.body, set.Patience),
		answer: func(int) {}, answered: func() error { return nil },
	}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.servers, b.at, err = startServers(ctx, set.Servers); err != nil {
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
		if b.relay, err = c.start(b.at); err != nil {
			return nil, err
		}
		if err = b.awaitRelay(); err != nil {
			return nil, err
		}
	}
	return b, b.watch()
}

// connect gives the client the place that it has: on the federation, or beside the nodes if there is no relay.
func (b *bed) connect() (err error) {
	home := b.at.Fed
	if b.direct {
		home = b.at.Col
	}
	if b.client, err = bare.Dial(b.ctx, home, "client"); err != nil {
		return err
	}
	b.nodes, err = bare.Dial(b.ctx, b.at.Col, "nodes")
	return err
}

func (b *bed) subscribe() error {
	go func() { _ = b.client.Read(b.atClient, b.clientIdle) }()
	go func() { _ = b.nodes.Read(b.atNode, b.nodesIdle) }()
	subs := bare.AppendSub(nil, message.Broadcast, "", broadcastSID)
	for i := range b.nodeCount {
		subs = bare.AppendSub(subs, message.Node(i), "", i+1)
	}
	err := errors.Join(b.nodes.Write(subs), b.client.Write(bare.AppendSub(nil, message.ReplyTo, "", 1)))
	return errors.Join(err, b.nodes.Flush(b.ctx), b.client.Flush(b.ctx))
}

func (b *bed) atClient(m bare.Msg) {
	b.replies.arrived(m.Payload, func(serial int) int { return serial })
}

func (b *bed) clientIdle() error {
	b.replies.pause()
	return nil
}

func (b *bed) atNode(m bare.Msg) {
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

func (b *bed) nodesIdle() error {
	b.copies.pause()
	return b.answered()
}

// awaitRelay sends a request and a reply again and again until both have passed.
func (b *bed) awaitRelay() error {
	request := bare.AppendPub(nil, message.Federated, message.Request(probe, []string{message.Node(0)}, b.body))
	reply := bare.AppendPub(nil, message.Returned, message.Reply(probe, 0, b.body))
	for _, leg := range []struct {
		from  *bare.Conn
		frame []byte
		to    *tally
	}{{b.client, request, b.copies}, {b.nodes, reply, b.replies}} {
		if err := b.knock(leg.from, leg.frame, leg.to); err != nil {
			return err
		}
	}
	return nil
}

func (b *bed) knock(from *bare.Conn, frame []byte, to *tally) error {
	ctx, cancel := context.WithTimeout(b.ctx, 15*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := from.Write(frame); err != nil {
			return err
		}
		select {
		case <-to.probed:
			return nil
		case <-tick.C:
		case <-b.relay.Done():
			end, _ := b.relay.Ended()
			return fmt.Errorf("the relay ended: %w", end)
		case <-ctx.Done():
			return errors.New("nothing passed the relay in time")
		}
	}
}

// quiesce waits until the relay has had nothing to do for a while, but not for ever.
func (b *bed) quiesce() {
	if b.relay == nil {
		return
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	before, calm := b.meters.relay.Sample().CPU, 0
	for i := 0; i < 100 && calm < 3; i++ {
		<-tick.C
		now := b.meters.relay.Sample().CPU
		if calm++; now-before > 200*time.Microsecond {
			calm = 0
		}
		before = now
	}
}

func (b *bed) close() {
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
