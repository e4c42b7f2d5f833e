package state

import "time"

// A Trace is what became of a real request to one node, which was sent to find out where its way
// ends. Durations are in seconds.
type Trace struct {
	Schema     int       `json:"schema"`
	Node       string    `json:"node"`
	Collective string    `json:"collective"`
	Target     string    `json:"target"` // the node's subject
	Caller     string    `json:"caller"`
	Signed     bool      `json:"signed"`
	Protocol   int       `json:"protocol"` // version
	Client     string    `json:"client"`   // the host that asked
	Started    time.Time `json:"started"`
	// Server is that of the client, and ServerSeconds is how long a PING to it took.
	Server        string          `json:"server"`
	ServerSeconds float64         `json:"server_seconds"`
	Clusters      []TracedCluster `json:"clusters"` // each was asked by a request of its own
}

// A TracedCluster is what became of the request to one cluster.
type TracedCluster struct {
	Cluster string  `json:"cluster"`
	Request string  `json:"request"` // id
	Outcome Outcome `json:"outcome"`
	LastHop string  `json:"last_hop,omitempty"` // the last one on the way that has given a sign
	Detail  string  `json:"detail"`
	Advice  string  `json:"advice,omitempty"`
	// Seconds is from the request to the reply. Legs are its parts, as far as they were measured.
	Seconds float64 `json:"seconds,omitempty"`
	Legs    []Leg   `json:"legs,omitempty"`
	// Path is the way there and back, as all that the message passed have written. Nobody has
	// signed it.
	Path []Hop `json:"path,omitempty"`
	// Way are the servers from the client to an instance. Another request may take another way.
	Way     []TraceHop `json:"way,omitempty"`
	WayNote string     `json:"way_note,omitempty"` // why Way is missing, or not complete
	Probes  []Probe    `json:"probes"`             // of all instances that answer
	// Silent are members of the queue group that do not answer. They are looked for if no answer of
	// the node came.
	Silent []string  `json:"silent,omitempty"`
	Seen   []Request `json:"seen,omitempty"` // what instances know of the request
}

// A Hop is an entry of a path: By got the message from the server at From, and passed it on to that
// at To. What is empty was not written.
type Hop struct {
	From string `json:"from"`
	By   string `json:"by"`
	To   string `json:"to"`
}

// A Leg is a part of a way, and how long it took.
type Leg struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	Clock   string  `json:"clock"` // whose clock has measured it
}

// An Outcome says where the way of a request ended.
type Outcome string

// The outcomes, from near to far.
const (
	CannotSend     Outcome = "cannot_send"     // the login may not ask this cluster
	NoRelay        Outcome = "no_relay"        // no instance is there
	NotServed      Outcome = "not_served"      // no instance takes requests
	CollectiveDown Outcome = "collective_down" // instances do not reach the other side
	Rejected       Outcome = "rejected"        // an instance does not pass the request on
	CopyDenied     Outcome = "denied"          // the collective's server denied the copy
	NoNode         Outcome = "no_node"         // nobody on the collective listens
	Silent         Outcome = "silent"          // somebody listens, and does not answer
	ReplyLost      Outcome = "reply_lost"      // the node has answered, and nothing came here
	Unclear        Outcome = "unclear"
	Answered       Outcome = "answered"
)
