package natsio

import (
	"context"
	"crypto/tls"

	"github.com/nats-io/nats.go"
)

// Session is one connection from its birth to its end: an epoch. It never reconnects, so a PONG on it speaks for every byte
// written to it. All methods may be called from any goroutine.
type Session struct {
	// Set by the Link before Attach, then read-only.

	// Conn is the connection. Never close it: return from Retire, or fail Attach, and the Link does.
	Conn *nats.Conn
	// Epoch counts the connections of a Link from 1.
	Epoch uint64
}

// Done is closed when the connection is gone, after every callback that nats.go owed us has run.
func (s *Session) Done() <-chan struct{} { return nil }

// Err says why the connection ended; nil before Done is closed and after a close of our own.
func (s *Session) Err() error { return nil }

// URL is the server as it stands in the server list, without user info.
func (s *Session) URL() string { return "" }

// MaxPayload is what the server says it accepts, in bytes, between 0 and 64 MiB whatever it says. It may change at any time.
func (s *Session) MaxPayload() int64 { return 0 }

// TLS returns the state of the TLS connection; false on a plain one. (Conn.TLSConnectionState does not know.)
func (s *Session) TLS() (tls.ConnectionState, bool) { return tls.ConnectionState{}, false }

// SetLinger sets what is called, once, when reading fails or the server says an error that ends the connection, before
// nats.go learns of it and throws its queued messages away. f runs on nats.go's read loop and must come back in bounded time.
// It is not called when we close the connection ourselves.
func (s *Session) SetLinger(f func()) {}

// Denied is the number of publishes the server has refused on this connection, as far as OnDenied has been told.
func (s *Session) Denied() uint64 { return 0 }

// OnDenied sets what is told the subject of each refused publish, in the server's order, from one goroutine. Set it before
// publishing. f must not block.
func (s *Session) OnDenied(f func(subject string)) {}

// Settle, called after a flush that succeeded, blocks until every refusal that the server sent before that PONG is counted by
// Denied and told to OnDenied. Its errors are ctx's and the end of the connection.
func (s *Session) Settle(ctx context.Context) error { return nil }

// SubscribeDenied returns the server's refusal of a subscription, nil when there is none; queue may be empty. It is exact
// after a Flush and a Settle.
func (s *Session) SubscribeDenied(subject, queue string) error { return nil }
