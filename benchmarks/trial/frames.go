package trial

import (
	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/wire"
)

// frames are PUB frames that are written at once, and the places of their serial numbers.
type frames struct {
	bytes   []byte
	serials []int
}

func (f *frames) add(subject string, payload []byte) {
	f.bytes = wire.AppendPubLine(f.bytes, []byte(subject), len(payload))
	f.serials = append(f.serials, len(f.bytes)+message.SerialAt(payload))
	f.bytes = append(append(f.bytes, payload...), wire.CRLF...)
}

// numbered gives all frames the same serial number and returns their bytes, which alias f.
func (f *frames) numbered(serial int) []byte {
	for _, at := range f.serials {
		message.PutSerial(f.bytes[at:], serial)
	}
	return f.bytes
}

// requests are what the client sends to ask targets: one request for each group, as the real client
// does. Without a relay there is one message for each target.
func (b *testbed) requests(targets []string) (f frames) {
	if b.direct {
		for _, target := range targets {
			f.add(target, message.Copy(0, b.body))
		}
		return f
	}
	for from := 0; from < len(targets); from += group {
		f.add(message.Federated, message.Request(0, targets[from:min(from+group, len(targets))], b.body))
	}
	return f
}

// group is how many targets the real client puts into one message.
const group = 200
