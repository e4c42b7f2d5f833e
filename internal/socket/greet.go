package socket

import (
	"bytes"
	"context"
	"crypto/tls"
	"net/url"
)

// Security says how one connection is protected by TLS.
type Security struct {
	Config *tls.Config // not nil if TLS may be used
	Want   bool        // fail with a server that does not offer TLS
	First  bool        // handshake before the greeting
}

// IsWebSocket reports whether the URL of a server is that of a WebSocket port.
func IsWebSocket(server *url.URL) bool { return server.Scheme == "ws" || server.Scheme == "wss" }

// Greet prepares a fresh TCP connection for nats.go: it reads the greeting and does the TLS
// handshake. For a WebSocket port it does the handshake only. It blocks until the server has
// answered, or until the deadline of the connection. Call it once, before Read. When it fails it
// gives back all memory, but does not close the connection.
func (c *Conn) Greet(ctx context.Context, server *url.URL, sec Security) error {
	err := c.greet(ctx, server, sec)
	if err != nil {
		c.Release()
	}
	return err
}

func (c *Conn) greet(ctx context.Context, server *url.URL, sec Security) error {
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

// upgrade does the TLS handshake behind the greeting, if the server or the configuration demands
// TLS.
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
	// Go begins a connection with small records, for the sake of browsers. They cost both ends a
	// system call for each packet.
	config.DynamicRecordSizingDisabled = true
	c.records = &recordConn{Conn: c.raw, push: c.writer.push, wrote: func(n int) { c.sent.Add(int64(n)) }}
	c.records.arrivals = arrivals{conn: c.raw, came: func(n int) {
		if n > pingRecord {
			c.progress.Add(1)
		}
	}}
	t := tls.Client(c.records, config)
	if err := t.HandshakeContext(ctx); err != nil {
		return &TLSError{err}
	}
	c.Conn = t
	return nil
}
