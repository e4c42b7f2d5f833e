package socket

import (
	"bytes"
	"context"
	"crypto/tls"
	"net/url"
)

// Security is how one connection is to be protected.
type Security struct {
	Config *tls.Config // never nil where TLS may be used
	Want   bool        // refuse a server that does not offer TLS
	First  bool        // handshake before the greeting
}

// IsWebSocket reports whether the URL of a server is that of a WebSocket port.
func IsWebSocket(server *url.URL) bool { return server.Scheme == "ws" || server.Scheme == "wss" }

// Greet brings a fresh TCP connection to where nats.go takes over: TLS done, the greeting in hand.
// It blocks for the server, as long as the deadline of the connection allows. Call it once, before
// Read. It does not close the connection.
func (c *Conn) Greet(ctx context.Context, server *url.URL, sec Security) error {
	if IsWebSocket(server) {
		switch {
		case server.Scheme == "wss":
			return c.handshake(ctx, server, sec)
		case sec.Want:
			return ErrNoWebTLS
		}
		return nil
	}
	if sec.First {
		if err := c.handshake(ctx, server, sec); err != nil {
			return err
		}
	}
	said, err := readGreeting(c.Conn)
	if err != nil {
		return err
	}
	c.ahead = withLimit(said)
	info, err := parseGreeting(said)
	c.peers = info.ConnectURLs
	if err != nil || sec.First {
		return err
	}
	return c.upgrade(ctx, server, sec, info)
}

// upgrade does the handshake that the greeting asks for.
func (c *Conn) upgrade(ctx context.Context, server *url.URL, sec Security, info greeting) error {
	want := sec.Want || server.Scheme == "tls"
	if want && !info.TLSRequired && !info.TLSAvailable {
		return ErrNoTLS
	}
	if !want && !info.TLSRequired {
		return nil
	}
	if bytes.IndexByte(c.ahead, '\n') != len(c.ahead)-1 {
		return ErrInjection
	}
	return c.handshake(ctx, server, sec)
}

// handshake puts TLS on top of the TCP connection.
func (c *Conn) handshake(ctx context.Context, server *url.URL, sec Security) error {
	config := sec.Config.Clone()
	if config.ServerName == "" {
		config.ServerName = server.Hostname()
	}
	// Small records are for browsers. They cost each end a system call for a packet.
	config.DynamicRecordSizingDisabled = true
	c.records = &recordConn{Conn: c.raw, push: c.writer.push, wrote: func(n int) { c.sent.Add(int64(n)) }}
	t := tls.Client(c.records, config)
	if err := t.HandshakeContext(ctx); err != nil {
		return &TLSError{err}
	}
	c.Conn = t
	return nil
}
