package link

import (
	"context"
	"net"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// A plane is how one session reads and writes. When the connection is made newPlane picks a
// framedPlane or a libraryPlane. After the login the methods may be called from any goroutine.
//
// A plane does not know what messages are. Sources and publishers have their own implementations
// for the two planes, and pick one by whether framed returns nil.
type plane interface {
	// prepare changes the options of nats.go. It is called once, before wrap.
	prepare(o *nats.Options)
	// wrap returns the connection that nats.go reads and writes, on top of raw. It is called once,
	// before the login.
	wrap(raw net.Conn) *socket.Conn
	// start starts goroutines that run until the session ends. It is called once, after the login,
	// and does not block.
	start()
	// framed returns the connection on which frames are read and written beside nats.go. It is nil
	// in the library plane, where nats.go does that.
	framed() *socket.Framed
	// roundTrip blocks until the server has answered for everything that was written before. It
	// fails with ctx's error, or when the connection ends.
	roundTrip(ctx context.Context) error
	// publishEmpty publishes a message without a payload, then blocks as roundTrip does. It returns
	// when ctx ends, even if the server takes no bytes.
	publishEmpty(ctx context.Context, subject string) error
	// listener returns a listener that watches for signs of the server. It is called once, after
	// the login.
	listener() listener
	// maxPayload returns the size of the largest payload that the server accepts, in bytes, by its
	// latest word.
	maxPayload() int64
	// account returns the account of the login. It is empty where the server does not name it.
	account() string
}

// newPlane picks the plane of s.
func (l *Link) newPlane(s *Session) plane {
	switch {
	case s.server.websocket():
		return &libraryPlane{session: s, connect: socket.NewWebSocket}
	case l.cfg.Endpoint.Portable, l.single:
		return &libraryPlane{session: s, connect: socket.New}
	}
	return &framedPlane{session: s}
}
