package link

import (
	"context"
	"net"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// A plane is how one session reads and writes. newPlane picks one of two when the connection is
// made: a framedPlane or a libraryPlane. After the login the methods may be called from any
// goroutine.
//
// What is read and written is not its business. That is for those who use sessions, and they pick
// by frames.
type plane interface {
	// prepare changes the options of nats.go. It is called once, before wrap.
	prepare(o *nats.Options)
	// wrap returns what nats.go is to read and write. It is called once, before the login.
	wrap(raw net.Conn) *socket.Conn
	// start begins what goes on beside the session, until that is done. It is called once, after
	// the login, and does not block.
	start()
	// frames is where frames are read and written beside nats.go; nil where nats.go does both.
	frames() *socket.Framed
	// roundTrip blocks until the server has answered for everything written before. Its errors are
	// ctx's and the end of the connection.
	roundTrip(ctx context.Context) error
	// publishEmpty publishes a message without a payload, and is like roundTrip.
	publishEmpty(ctx context.Context, subject string) error
	// listener returns what knows whether the server is there. It is called once.
	listener() listener
	// maxPayload is what the server accepts, in bytes, as it said last.
	maxPayload() int64
	// account is that of the login; empty where the server does not say.
	account() string
}

// newPlane picks the plane of s.
func (e *Endpoint) newPlane(s *Session) plane {
	switch {
	case s.server.websocket():
		return &libraryPlane{session: s, connect: socket.NewWebSocket}
	case e.Portable:
		return &libraryPlane{session: s, connect: socket.New}
	}
	return &framedPlane{session: s}
}
