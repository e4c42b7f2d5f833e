package client

import (
	"errors"
	"fmt"
)

// A Result is what became of a call. It belongs to whoever got it.
type Result struct {
	// Asked is how many nodes were asked by name. 0 for a broadcast.
	Asked int
	// Skipped are the names in Request.Nodes that were not asked, and why.
	Skipped []Skipped

	// Answered are the nodes whose first reply came in time, Late those whose first reply came
	// after that, Silent those that were asked by name and did not answer before the call ended.
	// Each node is in one of them. The order is that of Request.Nodes, or of arrival.
	Answered, Late, Silent []string

	// Repeated is how many further replies came from a node that had answered.
	Repeated map[string]int
	// Unasked is how many replies came from nodes that were not asked, or from more nodes than
	// Options.Senders. UnaskedNames are the senders of the first 1,000.
	Unasked      int
	UnaskedNames []string

	// Dropped are those of Answered and Late whose reply was thrown away, because Options.Buffer
	// was full: replies were read too slowly. DroppedExtra counts replies for Request.Extra that
	// were.
	Dropped      []string
	DroppedExtra int
	// LostMessages is how many messages the NATS library threw away before anybody looked at them.
	// Their nodes are among the silent ones.
	LostMessages int
	// Unread is how many replies nobody has taken from Replies.
	Unread int
	// Rejected is how many messages and replies were not usable, by reason: those of a relay's
	// metrics, or bad_sender, other_request, other_version.
	Rejected map[string]int

	// Sent and Received are the messages of this call on the connection. Bundles are the compact
	// ones among Received.
	Sent, Received Traffic
	Bundles        int
	// JSONOnly reports whether single replies came where compact ones were asked for: a relay that
	// reads only JSON is there. If Options.Compact was set it has dropped some requests, unless an
	// edge stands between.
	JSONOnly bool
	// Reconnects is how often the connection was made anew. Replies may have been lost meanwhile.
	Reconnects int

	// Err is set if the call ended too early (the context was cancelled, the connection was
	// closed), if the server has denied publishing or subscribing, or if replies were lost on this
	// side. Silent nodes are no error.
	Err error
}

// Traffic counts messages and the bytes of their payloads.
type Traffic struct{ Messages, Bytes int }

func (t *Traffic) add(bytes int) {
	t.Messages++
	t.Bytes += bytes
}

// ErrDropped is in Result.Err if replies came and were thrown away unread.
var ErrDropped = errors.New("replies came faster than they were read")

// explain sets Err. ended is why the call ended too early, denied what the server did not allow;
// each may be nil.
func (r *Result) explain(ended, denied error) {
	var all []error
	if ended != nil {
		all = append(all, fmt.Errorf("client: the call ended early: %w", ended))
	}
	if denied != nil {
		all = append(all, fmt.Errorf("client: the server does not let this login ask: %w", denied))
	}
	if n := len(r.Dropped) + r.DroppedExtra; n > 0 {
		all = append(all, fmt.Errorf("client: %d replies dropped: %w; read faster or raise Options.Buffer", n, ErrDropped))
	}
	if r.LostMessages > 0 {
		all = append(all, fmt.Errorf("client: %d messages dropped by the connection: %w; raise Options.Buffer", r.LostMessages, ErrDropped))
	}
	r.Err = errors.Join(all...)
}
