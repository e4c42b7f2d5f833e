package trial

import (
	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
)

// answer has nodes reply to each copy at once, with the copy's key as serial number.
func answer(b *bed) (func(key int), func() error) {
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
