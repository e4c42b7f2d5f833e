package pipeline

import (
	"time"

	"github.com/fedrelay/fedrelay/wire"
)

// A Finding says what was wrong with a rejected message or with skipped targets, for a line in a
// log. Its texts alias the message, and are spelled as there: with escapes, of any length, with any
// bytes.
type Finding struct {
	Reason  wire.Reason
	Sender  []byte // empty if it could not be read
	Request []byte // id of the request, empty if it could not be read

	Received time.Time // of its batch
	Size     int       // of the message, in bytes
	Subject  []byte    // its reply subject, empty if it could not be read

	// Only of skipped targets.
	Targets  int    // how many; 0 for a message that was rejected
	Target   []byte // the first of them
	Position int    // of Target in the message's list, counted from 1
}

// findingOf returns a Finding about m with the fields that do not depend on what was wrong.
func findingOf(b *Batch, m *Message, reason wire.Reason) Finding {
	message := m.payload.Of(b.Buffer.B)
	return Finding{
		Reason:   reason,
		Sender:   m.envelope.Sender.Of(message),
		Request:  m.envelope.FedRequest.Of(message),
		Received: b.Received,
		Size:     len(message),
		Subject:  keyOf(&m.envelope).Of(message),
	}
}
