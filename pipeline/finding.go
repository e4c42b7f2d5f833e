package pipeline

import "github.com/fedrelay/fedrelay/wire"

// A Finding is what was wrong with a message that was rejected, or with targets that were skipped,
// for a line in a log. The texts are as the message spells them: with escapes, of any length and
// with anything in them. They alias the message.
type Finding struct {
	Reason  wire.Reason
	Sender  []byte // as far as it could be read
	Request []byte // its id, as far as it could be read

	// Only of skipped targets.
	Targets  int    // how many; 0 for a message that was rejected
	Target   []byte // the first of them
	Position int    // of that one in the message's list, from 1
}

// findingOf returns what is known of m whatever was wrong with it.
func findingOf(b *Batch, m *Message, reason wire.Reason) Finding {
	message := m.payload.Of(b.Buffer.B)
	return Finding{
		Reason:  reason,
		Sender:  m.envelope.Sender.Of(message),
		Request: m.envelope.FedRequest.Of(message),
	}
}
