package trial

import (
	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
)

// A batch is frames that are written at once, and where their serial numbers are.
type batch struct {
	bytes   []byte
	serials []int
}

func (f *batch) add(subject string, payload []byte) {
	f.bytes = bare.AppendHead(f.bytes, subject, len(payload))
	f.serials = append(f.serials, len(f.bytes)+message.SerialAt(payload))
	f.bytes = append(append(f.bytes, payload...), "\r\n"...)
}

// numbered gives all frames the same serial number. The result aliases f.
func (f *batch) numbered(serial int) []byte {
	for _, at := range f.serials {
		message.PutSerial(f.bytes[at:], serial)
	}
	return f.bytes
}

// requests are what the client sends to have targets asked, in groups as the real one, or to each target if there is no relay.
func (b *bed) requests(targets []string) (f batch) {
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
