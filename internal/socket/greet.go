package socket

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"syscall"
	"time"
)

// Dial makes a TCP connection. It has no TCP_USER_TIMEOUT: that runs from the first loss or the
// first full window on, whatever is acknowledged later. KeepAlive judges better.
func Dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{
			Enable: true, Idle: 5 * time.Second, Interval: 5 * time.Second, Count: 3,
		},
		Control: func(_, _ string, c syscall.RawConn) error {
			limitUnsent(c)
			return nil
		},
	}
	return d.DialContext(ctx, network, address)
}

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

// readGreeting returns the first line and whatever came with it.
func readGreeting(conn net.Conn) ([]byte, error) {
	line := make([]byte, 0, 4096)
	for {
		if len(line) == cap(line) {
			line = append(line, 0)[:len(line)]
		}
		n, err := conn.Read(line[len(line):cap(line)])
		line = line[:len(line)+n]
		if bytes.IndexByte(line, '\n') >= 0 {
			return line, nil
		}
		if err != nil {
			return nil, &StepError{StepGreeting, err}
		}
		if len(line) > maxLine {
			return nil, errLongLine
		}
	}
}

// greeting is what we need of INFO before nats.go reads it.
type greeting struct {
	TLSRequired  bool `json:"tls_required"`
	TLSAvailable bool `json:"tls_available"`
	// ConnectURLs are the host:port of the servers of its cluster, as they call themselves.
	ConnectURLs []string `json:"connect_urls"`
}

func parseGreeting(line []byte) (greeting, error) {
	line, _, _ = bytes.Cut(line, []byte("\n"))
	var g greeting
	switch {
	case bytes.HasPrefix(line, []byte("-ERR")):
		said := &ServerError{Clip(errText(bytes.TrimRight(line, "\r")))}
		return g, &StepError{"no NATS greeting", said}
	case len(line) < 5 || !bytes.EqualFold(line[:4], []byte("INFO")):
		return g, errNoINFO
	}
	if err := json.Unmarshal(line[5:], &g); err != nil {
		return g, fmt.Errorf("broken greeting: %w", err)
	}
	return g, nil
}
