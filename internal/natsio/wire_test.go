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

// framedWire is a connection above conn, logged in, to a server that takes payloads of so many bytes.
func framedWire(conn net.Conn, maxPayload int) *epochConn {
	return greetedWire(context.Background(), &greetedConn{Conn: conn, greeting: greetingOf(maxPayload)}, security{})
}

// securedWire is the same over TLS, and the server's end above TLS. The handshake is done.
func securedWire(t *testing.T, ours, theirs net.Conn) (*epochConn, *tls.Conn) {
	t.Helper()
	ca := newAuthority(t, "Relay CA")
	server := tls.Server(theirs, ca.server(soon(), "c1.fed"))
	go server.Write([]byte(greetingOf(largestPayload)))
	return greetedWire(t.Context(), ours, security{config: &tls.Config{RootCAs: ca.pool()}, first: true}), server
}

func greetedWire(ctx context.Context, conn net.Conn, sec security) *epochConn {
	c := must(greet(ctx, conn, must(url.Parse("nats://c1.fed:4222")), sec))
	c.setFramed()
	must(c.Read(make([]byte, 1000)))
	c.loggedIn()
	return c
}

// over is the use of a connection by p.
func over(p *Publisher, wire *epochConn) *epoch { return newEpoch(p, unlinked(wire)) }

// timedOut reports whether err is the end of a connection that takes nothing.
func timedOut(err error) bool {
	var step *stepError
	return errors.As(err, &step) && step.step == "write" && errors.Is(err, os.ErrDeadlineExceeded)
}
