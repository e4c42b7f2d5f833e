package wan

import (
	"context"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/wire"
)

// A client asks as stock clients do, and hears replies.
type client struct {
	conn    *bare.Conn
	replies arrivals // by data
}

func newClient(ctx context.Context, at string) (*client, error) {
	conn, err := bare.Dial(ctx, bare.Server{Address: at}, "client")
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn}
	go func() { _ = conn.Read(c.hear, func() error { return nil }) }()
	subs := bare.AppendSub(nil, replyTo(wire.V1, ">"), "", 1)
	subs = bare.AppendSub(subs, replyTo(wire.V2, ">"), "", 2)
	if err := conn.Write(subs); err != nil {
		return c, err
	}
	return c, conn.Flush(ctx)
}

func (c *client) hear(m bare.Msg) {
	var e wire.Envelope
	if _, r := wire.Scan(m.Payload, scanLimits, &e, nil); r != wire.OK {
		c.replies.fail("a reply that is none: " + r.String())
		return
	}
	c.replies.arrived(e.Data.Of(m.Payload))
}

// ask sends a request in groups.
func (c *client) ask(q *request) error {
	var frames []byte
	for _, group := range q.groups {
		frames = wire.AppendPub(frames, []byte(message.Federated), group)
	}
	return c.conn.Write(frames)
}

// scanLimits are above all that is measured.
var scanLimits = wire.Limits{Depth: 64, Hops: 16, Targets: 1 << 16}
