package socket

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
type Security struct {
	Config *tls.Config // never nil
	Want   bool        // refuse a server that does not offer TLS
	First  bool        // handshake before the greeting
}

// greet brings a fresh TCP connection to where nats.go takes over: TLS done, the greeting in hand. It does not close raw.
func Greet(ctx context.Context, raw net.Conn, server *url.URL, sec Security) (*Conn, error) {
	c := &Conn{Conn: raw, raw: raw, opaque: IsWebSocket(server)}
	if err := c.greet(ctx, server, sec); err != nil {
		return nil, err
	}
	return c, nil
}

func IsWebSocket(server *url.URL) bool { return server.Scheme == "ws" || server.Scheme == "wss" }

func (c *Conn) greet(ctx context.Context, server *url.URL, sec Security) error {
	if c.opaque {
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
	line, err := readGreeting(c.Conn)
	if err != nil {
		return err
	}
	c.greeting = withLimit(line)
	return c.upgrade(ctx, server, sec)
}

// upgrade does the handshake that the greeting asks for.
func (c *Conn) upgrade(ctx context.Context, server *url.URL, sec Security) error {
	info, err := parseGreeting(c.greeting)
	c.peers = info.ConnectURLs
	if err != nil || sec.First {
		return err
	}
	want := sec.Want || server.Scheme == "tls"
	if want && !info.TLSRequired && !info.TLSAvailable {
		return ErrNoTLS
	}
	if !want && !info.TLSRequired {
		return nil
	}
	if bytes.IndexByte(c.greeting, '\n') != len(c.greeting)-1 {
		return ErrInjection
	}
	return c.handshake(ctx, server, sec)
}

func (c *Conn) handshake(ctx context.Context, server *url.URL, sec Security) error {
	config := sec.Config.Clone()
	if config.ServerName == "" {
		config.ServerName = server.Hostname()
	}
	config.DynamicRecordSizingDisabled = true // small records are for browsers, and cost each end a call for a packet
	c.records = &recordConn{Conn: c.raw, push: c.push, wrote: func(n int) { c.sent.Add(int64(n)) }}
	t := tls.Client(c.records, config)
	if err := t.HandshakeContext(ctx); err != nil {
		return &TLSError{err}
	}
	c.Conn = t
	return nil
}

const StepGreeting = "waiting for the greeting"

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
		return g, &StepError{"no NATS greeting", &ServerError{Text: Clip(errText(bytes.TrimRight(line, "\r")))}}
	case len(line) < 5 || !bytes.EqualFold(line[:4], []byte("INFO")):
		return g, errNoINFO
	}
	if err := json.Unmarshal(line[5:], &g); err != nil {
		return g, fmt.Errorf("broken greeting: %w", err)
	}
	return g, nil
}
