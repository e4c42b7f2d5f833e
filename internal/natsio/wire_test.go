package natsio

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/socket"
)

// A greetedConn begins with the greeting of a server.
type greetedConn struct {
	net.Conn
	greeting string
	closed   func() // called by Close; may be nil
}

func (c *greetedConn) Read(p []byte) (int, error) {
	if c.greeting == "" {
		return c.Conn.Read(p)
	}
	n := copy(p, c.greeting)
	c.greeting = c.greeting[n:]
	return n, nil
}

func (c *greetedConn) Close() error {
	if c.closed != nil {
		c.closed()
	}
	return c.Conn.Close()
}

const largestPayload = 64 << 20

func greetingOf(maxPayload int) string {
	return fmt.Sprintf("INFO {\"max_payload\":%d}\r\n", maxPayload)
}

// A forgetfulConn forgets what is written.
type forgetfulConn struct{ net.Conn }

func (forgetfulConn) Write(p []byte) (int, error)      { return len(p), nil }
func (forgetfulConn) SetWriteDeadline(time.Time) error { return nil }

// framedWire is a connection above conn, logged in, to a server that takes payloads of so many
// bytes.
func framedWire(conn net.Conn, maxPayload int) *socket.Framed {
	return greetedWire(context.Background(), &greetedConn{Conn: conn, greeting: greetingOf(maxPayload)}, socket.Security{})
}

// securedWire is the same over TLS, and the server's end above TLS. The handshake is done.
func securedWire(t *testing.T, ours, theirs net.Conn) (*socket.Framed, *tls.Conn) {
	t.Helper()
	ca := natstest.NewAuthority(t, "Relay CA")
	server := tls.Server(theirs, ca.Server(natstest.Soon(), "c1.fed"))
	go server.Write([]byte(greetingOf(largestPayload)))
	return greetedWire(t.Context(), ours, socket.Security{Config: &tls.Config{RootCAs: ca.Pool()}, First: true}), server
}

func greetedWire(ctx context.Context, conn net.Conn, sec socket.Security) *socket.Framed {
	f := socket.NewFramed(conn)
	if err := f.Greet(ctx, natstest.Must(url.Parse("nats://c1.fed:4222")), sec); err != nil {
		panic(err)
	}
	natstest.Must(f.Read(make([]byte, 1000)))
	f.EndLogin()
	return f
}

// over is the use of a connection by p.
func over(p *Publisher, wire *socket.Framed) *outbox {
	o := newOutbox(p, link.Unlinked(wire))
	o.barrier.underWay = true // so there are no PINGs among the frames
	return o
}

// timedOut reports whether err is the end of a connection that takes nothing.
func timedOut(err error) bool {
	var step *socket.StepError
	return errors.As(err, &step) && step.Step == "write" && errors.Is(err, os.ErrDeadlineExceeded)
}
