package natsio

import (
	"bytes"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// An intake moves the messages of one session into the inbox.
type intake struct {
	source  *Source
	session *Session
	origin  string
	handled atomic.Uint64

	// Guarded by the source's mu.
	subs []*subscription // that may still bring messages
}

// message runs on nats.go's goroutine for the subscription and never blocks: the queue behind it would grow unseen.
func (in *intake) message(m *nats.Msg) {
	data := m.Data
	if len(m.Header) > 0 {
		in.source.cfg.Ledger.StripHeaders()
		data = bytes.Clone(data) // it is the end of an array that holds the headers, too
	}
	if !in.source.inbox.put(data, in.origin) {
		in.source.drop(1)
	}
	in.handled.Add(1)
}

// lingerTimeout is how long the end of a connection may be held back.
const lingerTimeout = 2 * time.Second

// linger holds the end of the connection back until all messages that came on it are in the inbox: with its end nats.go
// throws away what it still holds. It runs on the goroutine that reads the connection.
func (in *intake) linger() {
	deadline := time.Now().Add(lingerTimeout)
	for in.missing() > 0 && time.Now().Before(deadline) {
		time.Sleep(100 * time.Microsecond)
	}
}

// missing is how many messages nats.go has read and not handed over.
func (in *intake) missing() uint64 { return in.session.Conn.Stats().InMsgs - in.handled.Load() }
