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
// A plane does not know what messages are. Sources and publishers have implementations of their own
// for the two planes, which they pick by what frames returns.
type plane interface {
	// prepare changes the options of nats.go. It is called once, before wrap.
	prepare(o *nats.Options)
	// wrap returns what nats.go is to read and write. It is called once, before the login.
	wrap(raw net.Conn) *socket.Conn
	// start starts what runs beside the session until that ends. It is called once, after the
	// login, and does not block.
	start()
	// framed is the connection on which frames are read and written beside nats.go. It is nil where
	// nats.go does both.
	framed() *socket.Framed
	// roundTrip blocks until the server has answered for everything that was written before. Its
	// errors are that of ctx and the end of the connection.
	roundTrip(ctx context.Context) error
	// publishEmpty publishes a message without a payload, then blocks as roundTrip does. It returns
	// when ctx ends though the server takes no bytes.
	publishEmpty(ctx context.Context, subject string) error
	// listener returns what knows whether the server is there. It is called once, after the login.
	listener() listener
	// maxPayload is the size of the largest payload that the server accepts, in bytes, as it said
	// last.
	maxPayload() int64
	// account is that of the login. It is empty where the server does not say.
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
