package trial

import (
	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
)

// answer makes nodes reply to each copy at once. The serial number of a reply is the key of the
// copy. The first result adds a reply, the second one writes all that were added.
func answer(b *testbed) (func(key int), func() error) {
	subject := message.Returned
	if b.direct {
		subject = message.ReplyTo
	}
	payload := message.Reply(0, 0, b.body)
	at := message.SerialAt(payload)
	var out []byte
	add := func(key int) {
		message.PutSerial(payload[at:], key)
		out = bare.AppendPub(out, subject, payload)
	}
	flush := func() error {
		if len(out) == 0 {
			return nil
		}
		err := b.nodes.Write(out)
		out = out[:0]
		return err
	}
	return add, flush
}
