package link

import (
	"context"
	"net"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/socket"
	"github.com/fedrelay/fedrelay/wire"
)

// A framedPlane reads and writes frames itself. nats.go only keeps the connection.
type framedPlane struct {
	session *Session
	conn    *socket.Framed // set by wrap
}

// prepare turns off the keep-alive of nats.go, which cannot know when reading is paused on purpose.
func (p *framedPlane) prepare(o *nats.Options) { o.PingInterval = 0 }

func (p *framedPlane) wrap(raw net.Conn) *socket.Conn {
	p.conn = socket.NewFramed(raw)
	return p.conn.Conn
}

func (p *framedPlane) start() { go p.conn.KeepAlive(p.session.done, nats.ErrStaleConnection) }

func (p *framedPlane) framed() *socket.Framed { return p.conn }

func (p *framedPlane) roundTrip(ctx context.Context) error {
	pong := make(chan struct{})
	if err := p.conn.Command("", func() { close(pong) }); err != nil {
		return err
	}
	return p.answer(ctx, pong)
}

func (p *framedPlane) publishEmpty(ctx context.Context, subject string) error {
	return p.command(ctx, string(wire.AppendPub(nil, []byte(subject), nil)))
}

// command writes lines, then blocks as roundTrip does. It returns when ctx ends, even if the server
// takes no bytes.
func (p *framedPlane) command(ctx context.Context, lines string) error {
	pong := make(chan struct{})
	// It may block for as long as a write.
	go func() { _ = p.conn.Command(lines, func() { close(pong) }) }()
	return p.answer(ctx, pong)
}

// answer blocks until the PONG of a PING has come. Its errors are those of roundTrip.
func (p *framedPlane) answer(ctx context.Context, pong <-chan struct{}) error {
	select {
	case <-pong:
		return nil
	case <-p.session.done:
		return nats.ErrConnectionClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *framedPlane) listener() listener { return socket.NewListener(p.conn) }

func (p *framedPlane) maxPayload() int64 { return p.conn.MaxPayload() }

func (p *framedPlane) account() string { return p.conn.Account() }
