package client

import (
	"encoding/json"
	"fmt"
	"time"
)

// A Reply is what one node has answered. It belongs to whoever got it.
type Reply struct {
	// Sender is the name of the node, as the message around the secure reply says. It is not
	// signed, and nothing has been checked: see the section about signatures in the package
	// comment.
	Sender string
	// Version of the protocol, which is that of the request.
	Version Version
	// Secure is the secure reply document, as the node made it.
	Secure []byte
	// Received is when the reply came to this process.
	Received time.Time
	// Status says what the reply is. Without Request.Extra it is InTime or TooLate.
	Status Status

	trace []byte // as it came
}

// A Status says what a reply is.
type Status int

const (
	// InTime is the first reply of a node, before Request.Wait was over.
	InTime Status = iota
	// TooLate is the first reply of a node after that.
	TooLate
	// Repeated is not the first reply of its node.
	Repeated
	// Unasked is of a node that is not in Request.Nodes.
	Unasked
)

// String returns a status in words.
func (s Status) String() string {
	words := [...]string{InTime: "in time", TooLate: "too late", Repeated: "repeated", Unasked: "unasked"}
	if s < 0 || int(s) >= len(words) {
		return fmt.Sprintf("status %d", int(s))
	}
	return words[s]
}

// A Hop is an entry of a trace: By got the message from the server at From, and passed it on to
// that at To.
type Hop struct{ From, By, To string }

// Trace decodes the way of the request and of the reply, the oldest hop first. It returns nil if
// there is none, or if it is not a list of lists of strings.
func (r *Reply) Trace() []Hop {
	var entries [][]string
	if len(r.trace) == 0 || json.Unmarshal(r.trace, &entries) != nil {
		return nil
	}
	hops := make([]Hop, len(entries))
	for i, e := range entries {
		for n, of := range []*string{&hops[i].From, &hops[i].By, &hops[i].To} {
			if n < len(e) {
				*of = e[n]
			}
		}
	}
	return hops
}

// overhead is about what a reply takes beside its bytes.
const overhead = 200

// size is how much of Options.Buffer a reply takes.
func (r *Reply) size() int { return overhead + len(r.Sender) + len(r.Secure) + len(r.trace) }
