package natsio

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
)

// security is how one connection is to be protected.
type security struct {
	config *tls.Config // never nil
	want   bool        // refuse a server that does not offer TLS
	first  bool        // handshake before the greeting
}

// greet brings a fresh TCP connection to where nats.go takes over: TLS done, the greeting in hand. It does not close raw.
func greet(ctx context.Context, raw net.Conn, server *url.URL, sec security) (*epochConn, error) {
	c := &epochConn{Conn: raw, raw: raw, opaque: isWebSocket(server)}
	if err := c.greet(ctx, server, sec); err != nil {
		return nil, err
	}
	return c, nil
}

func isWebSocket(server *url.URL) bool { return server.Scheme == "ws" || server.Scheme == "wss" }

func (c *epochConn) greet(ctx context.Context, server *url.URL, sec security) error {
	if c.opaque {
		switch {
		case server.Scheme == "wss":
			return c.handshake(ctx, server, sec)
		case sec.want:
			return errNoWebTLS
		}
		return nil
	}
	if sec.first {
		if err := c.handshake(ctx, server, sec); err != nil {
			return err
		}
	}
	line, err := readGreeting(c.Conn)
	if err != nil {
		return err
	}
	c.greeting = withLimit(line)
	return c.upgrade(ctx, server, sec)
}

// upgrade does the handshake that the greeting asks for.
func (c *epochConn) upgrade(ctx context.Context, server *url.URL, sec security) error {
	info, err := parseGreeting(c.greeting)
	c.peers = info.ConnectURLs
	if err != nil || sec.first {
		return err
	}
	want := sec.want || server.Scheme == "tls"
	if want && !info.TLSRequired && !info.TLSAvailable {
		return errNoTLS
	}
	if !want && !info.TLSRequired {
		return nil
	}
	if bytes.IndexByte(c.greeting, '\n') != len(c.greeting)-1 {
		return errInjection
	}
	return c.handshake(ctx, server, sec)
}

func (c *epochConn) handshake(ctx context.Context, server *url.URL, sec security) error {
	config := sec.config.Clone()
	if config.ServerName == "" {
		config.ServerName = server.Hostname()
	}
	config.DynamicRecordSizingDisabled = true // small records are for browsers, and cost each end a call for a packet
	c.records = &recordConn{Conn: c.raw, push: c.push, wrote: func(n int) { c.sent.Add(int64(n)) }}
	t := tls.Client(c.records, config)
	if err := t.HandshakeContext(ctx); err != nil {
		return &tlsError{err}
	}
	c.Conn = t
	return nil
}

const stepGreeting = "waiting for the greeting"

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
			return nil, &stepError{stepGreeting, err}
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
		return g, &stepError{"no NATS greeting", &serverError{text: clip(errText(bytes.TrimRight(line, "\r")))}}
	case len(line) < 5 || !bytes.EqualFold(line[:4], []byte("INFO")):
		return g, errNoINFO
	}
	if err := json.Unmarshal(line[5:], &g); err != nil {
		return g, fmt.Errorf("broken greeting: %w", err)
	}
	return g, nil
}
