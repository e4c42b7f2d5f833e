package state

import "time"

// A Request is what one instance knows of one request. Messages of a request are shared among the
// instances of a cluster, and so are its replies: only all of them together know all of it.
type Request struct {
	Schema   int    `json:"schema"`
	ID       string `json:"id"`
	Cluster  string `json:"cluster"`
	Identity string `json:"identity"` // of the instance

	// Of the messages of the request that came through this instance.
	Sender   string           `json:"sender,omitempty"`        // as the client claims
	ReplyTo  string           `json:"reply_subject,omitempty"` // where the client listens
	First    time.Time        `json:"first,omitzero"`          // when the first message came
	Last     time.Time        `json:"last,omitzero"`
	Messages int64            `json:"messages,omitempty"`
	Targets  int64            `json:"targets,omitempty"` // that they name
	Copies   map[string]int64 `json:"copies,omitempty"`  // by fate, and "in_flight"
	Skipped  map[string]int64 `json:"skipped,omitempty"` // targets by reason
	Names    []string         `json:"names,omitempty"`   // of the targets, as far as they are known
	Denied   []string         `json:"denied,omitempty"`  // those of them that the server denied
	// Marks are Mark of the nodes in Names that are not shown as they came, but clipped or with
	// escapes. They are by what is shown.
	Marks map[string]uint32 `json:"marks,omitempty"`

	// Of the replies that came through this instance.
	Replies    int64     `json:"replies,omitempty"`
	FirstReply time.Time `json:"first_reply,omitzero"`
	LastReply  time.Time `json:"last_reply,omitzero"`
	// Answered are Mark of the senders of these replies, each once.
	Answered []uint32 `json:"answered,omitempty"`

	// Forgotten says that the memory for recent requests did not suffice for all names or marks.
	Forgotten bool `json:"forgotten,omitempty"`
	// DenialsForgotten says that the server may have denied more copies than Copies and Denied say:
	// confirmed and unconfirmed are at most so many then, and denied at least.
	DenialsForgotten bool `json:"denials_forgotten,omitempty"`

	Rejected []Rejection `json:"rejections,omitempty"` // messages with this request id
}

// Known reports whether the instance knows anything of the request.
func (r Request) Known() bool { return r.Messages > 0 || r.Replies > 0 || len(r.Rejected) > 0 }

// MarkOf returns the mark of the node that a target in Names addresses. It returns false for a
// target that addresses more than one node.
func (r *Request) MarkOf(target string) (mark uint32, ok bool) {
	name, ok := NodeName(target)
	if mark, special := r.Marks[target]; special {
		return mark, ok
	}
	var scratch [64]byte // nearly all names fit, and no memory is allocated for them
	return Mark(append(scratch[:0], name...)), ok
}

// A Rejection is a message that was rejected, or targets of one message that were skipped for one
// reason.
type Rejection struct {
	At       time.Time `json:"at"`
	Cluster  string    `json:"cluster"`
	Identity string    `json:"identity"` // of the instance
	Path     string    `json:"path"`     // "request" or "reply"
	Reason   string    `json:"reason"`
	Sender   string    `json:"sender,omitempty"`  // as the message claims
	Request  string    `json:"request,omitempty"` // id
	Size     int       `json:"size"`              // bytes of the message
	Subject  string    `json:"subject,omitempty"` // the target or subject at fault
	Targets  int       `json:"targets,omitempty"` // skipped; 0: the message was rejected
}

// A Summary is a recent request in a list.
type Summary struct {
	ID      string    `json:"id"`
	Sender  string    `json:"sender,omitempty"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last,omitzero"` // the latest message or reply
	Targets int64     `json:"targets"`
	Replies int64     `json:"replies"`
}
