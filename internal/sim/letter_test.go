package sim

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/wire"
)

// What clients and nodes write, and what they must get.

// filler is what bodies are cut from. It does not repeat at a power of two, so a byte too many or
// too few is noticed.
var filler = strings.Repeat("The0quick1brown2fox3jumps4over5the6lazy7dog8AND9runsAWAYxx", 8<<10)

// body returns the data of a message: a label, which no other message has, and size bytes more.
func body(label string, size int) string {
	return fmt.Sprintf("%s.%d.%s", label, size, filler[hash(label)%59:][:size])
}

func hash(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}

// request returns a request of that id with some data.
func request(id, data string, targets []string) []byte {
	return []byte(strings.Replace(fedtest.Request(id, targets...), "aGVsbG8=", data, 1))
}

// reply returns the reply of a node.
func reply(id, node, data string) []byte {
	return []byte(strings.Replace(fedtest.Reply(id, node), "aGVsbG8=", data, 1))
}

// A letter is a message as it was received.
type letter struct {
	id         string // federation.req
	data       string
	targets    int
	reply      string // headers.reply-to
	fedReplyTo string
}

// open reads a message, as strictly as the relay reads them.
func open(b []byte) (letter, error) {
	var env wire.Envelope
	limits := wire.Limits{Depth: 16, Hops: 16, Targets: 50_000}
	if _, reason := wire.Scan(b, limits, &env, nil); reason != wire.OK {
		return letter{}, fmt.Errorf("%v: %.200q", reason, b)
	}
	return letter{
		id:         string(env.FedRequest.Of(b)),
		data:       string(bytes.Trim(env.Data.Of(b), `"`)),
		targets:    env.FedTargets,
		reply:      string(env.Reply.Of(b)),
		fedReplyTo: string(env.FedReply.Of(b)),
	}, nil
}
