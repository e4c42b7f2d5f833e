package wan

import (
	"context"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/wire"
)

// An asker is the client of a rig.
type asker interface {
	// ask sends a request. Replies to the one before need not be heard any more.
	ask(q *request) error
	// heard are the replies, by data.
	heard() *arrivals
	close()
}

// A client asks as stock clients do, and hears replies.
type client struct {
	conn    *bare.Conn
	replies arrivals
}

func newClient(ctx context.Context, at string) (*client, error) {
	conn, err := bare.Dial(ctx, bare.Server{Address: at}, "client")
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn}
	go func() { _ = conn.Read(c.hear, func() error { return nil }) }()
	subs := bare.AppendSub(nil, "*.reply.>", "", 1)
	if err := conn.Write(subs); err != nil {
		return c, err
	}
	return c, conn.Flush(ctx)
}

func (c *client) heard() *arrivals { return &c.replies }

func (c *client) close() { c.conn.Close() }

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
