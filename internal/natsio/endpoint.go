package natsio

import (
	"context"
	"net"

	"github.com/fedrelay/fedrelay/internal/config"
)

// Endpoint is one side as this process reaches it: its servers, credentials and certificates. It holds names of files, never
// their contents: all are read again at every connect. It is read-only after NewEndpoint and may be shared.
type Endpoint struct {
	// Dial makes the TCP connections. Tests put faulty networks here, before the first Run. Default: a net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// NewEndpoint checks what can be checked without I/O and returns all mistakes at once. side is "federation" or "collective".
func NewEndpoint(side string, s config.Side) (*Endpoint, error) { return &Endpoint{}, nil }

// Side is "federation" or "collective".
func (e *Endpoint) Side() string { return "" }
