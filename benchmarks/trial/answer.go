package trial

import (
	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/wire"
)

// answer makes nodes reply to each copy at once, to the client that has asked. The serial number
// of a reply is the key of the copy. The first result adds a reply, the second one writes all that
// it has added.
func answer(b *testbed) (func(key int), func() error) {
	subject := []byte(message.Returned)
	if b.direct {
		subject = []byte(message.ReplyTo(0))
	}
	payload := message.Reply(0, 0, b.body)
	serialAt, clientAt := message.SerialAt(payload), message.ClientAt(payload)
	var frames []byte
	add := func(key int) {
		client := b.clientOf(key / b.options.nodes)
		message.PutSerial(payload[serialAt:], key)
		message.PutNumber(payload[clientAt:], client)
		if b.direct {
			message.PutNumber(subject[message.ClientAt(subject):], client)
		}
		frames = wire.AppendPub(frames, subject, payload)
	}
	flush := func() error {
		if len(frames) == 0 {
			return nil
		}
		err := b.nodes[0].Write(frames)
		frames = frames[:0]
		return err
	}
	return add, flush
}
