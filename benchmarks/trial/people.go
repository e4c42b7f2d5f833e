package trial

import (
	"errors"
	"sync"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
)

const (
	// broadcastSID is the number of the subscription that all nodes share. That of node i alone is
	// i+1.
	broadcastSID = 1 << 20

	// dialers is how many connections are made at once.
	dialers = 16

	// crowdBuffer is how much a connection reads at once, in bytes, where there are many.
	crowdBuffer = 32 << 10
	crowdFrom   = 100
)

// connect connects the clients to the federation, or to the collective if there is no relay, and
// the nodes to the collective.
func (b *testbed) connect() (err error) {
	home := b.addresses.Fed
	if b.direct {
		home = b.addresses.Col
	}
	if b.clients, err = b.dial(home, "client", b.options.clients); err != nil {
		return err
	}
	b.nodes, err = b.dial(b.addresses.Col, "nodes", b.options.nodeConns)
	return err
}

// dial makes n connections. Those that it has made it returns also with an error.
func (b *testbed) dial(address, name string, n int) (made []*bare.Conn, err error) {
	to := bare.Server{Address: address, TLS: b.security}
	if n >= crowdFrom {
		to.Buffer = crowdBuffer
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	for first := range min(n, dialers) {
		all.Go(func() {
			for i := first; i < n; i += dialers {
				conn, e := bare.Dial(b.ctx, to, name)
				mu.Lock()
				if err = errors.Join(err, e); e == nil {
					made = append(made, conn)
				}
				mu.Unlock()
				if e != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return made, err
}

// subscribe has connection k of the nodes subscribe for nodes k, k+n and so on.
func (b *testbed) subscribe() error {
	for i, conn := range b.clients {
		go func() { _ = conn.Read(func(m bare.Msg) { b.atClient(i, m) }, b.clientIdle) }()
		if err := conn.Write(bare.AppendSub(nil, message.ReplyTo(i), "", 1)); err != nil {
			return err
		}
	}
	for k, conn := range b.nodes {
		go func() { _ = conn.Read(b.atNode, b.nodesIdle) }()
		var subs []byte
		if k == 0 {
			subs = bare.AppendSub(nil, message.Broadcast, "", broadcastSID)
		}
		for i := k; i < b.options.nodes; i += len(b.nodes) {
			subs = bare.AppendSub(subs, message.Node(i), "", i+1)
		}
		if err := conn.Write(subs); err != nil {
			return err
		}
	}
	return b.flush()
}

// flush waits until the servers have handled all that clients and nodes have written, and until
// these have seen all that the servers had sent them before.
func (b *testbed) flush() (err error) {
	for _, conns := range [][]*bare.Conn{b.clients, b.nodes} {
		for _, conn := range conns {
			err = errors.Join(err, conn.Flush(b.ctx))
		}
	}
	return err
}

func (b *testbed) atClient(i int, m bare.Msg) {
	b.replies.arrived(m.Payload, func(serial int) int {
		if b.clientOf(serial/b.options.nodes) != i {
			return stray
		}
		return serial
	})
}

// clientOf is the number of the client that asks with a serial number. Clients take turns.
func (b *testbed) clientOf(serial int) int { return serial % len(b.clients) }

func (b *testbed) clientIdle() error {
	b.replies.noteTime()
	return nil
}

func (b *testbed) atNode(m bare.Msg) {
	key, fresh := b.copies.arrived(m.Payload, func(serial int) int {
		if m.SID == broadcastSID {
			return serial
		}
		return serial*b.options.nodes + m.SID - 1
	})
	if fresh {
		b.answer(key)
	}
}

func (b *testbed) nodesIdle() error {
	b.copies.noteTime()
	return b.answered()
}
