package state

// A Probe says how far one instance reaches towards a node. What was sent to find out reaches
// nobody.
type Probe struct {
	Schema   int    `json:"schema"`
	Cluster  string `json:"cluster"`
	Identity string `json:"identity"`
	Target   string `json:"target"` // the node's subject

	Federation Reach `json:"federation"`
	Collective Reach `json:"collective"`
	// Subscribed is "yes", "no", "denied" or "unknown": whether somebody on the collective listens
	// to Target, or why that cannot be told.
	Subscribed string `json:"subscribed"`
	Detail     string `json:"detail,omitempty"`
	// Servers are those on the collective that the message would pass, from the relay to the node.
	// They are known where the servers trace messages (2.11 and later).
	Servers []TraceHop `json:"servers,omitempty"`
}

// Reach is what an instance knows of one side.
type Reach struct {
	Up     bool   `json:"up"`
	URL    string `json:"url,omitempty"`
	Server string `json:"server,omitempty"`
	Error  string `json:"error,omitempty"`
}

// A TraceHop is one server on the way of a message, as NATS's message tracing tells.
type TraceHop struct {
	Server  string   `json:"server"`
	Cluster string   `json:"cluster,omitempty"`
	From    string   `json:"from,omitempty"` // client, route, gateway or leaf
	To      []string `json:"to,omitempty"`   // "client NAME", "route NAME", ...
	Error   string   `json:"error,omitempty"`
}
