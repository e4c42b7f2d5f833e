package state

// A Probe says how far one instance reaches towards a node. What was sent to find out reaches
// nobody.
type Probe struct {
	Schema   int    `json:"schema"`
	Cluster  string `json:"cluster"`
	Identity string `json:"identity"`
	Edge     bool   `json:"edge,omitempty"`
	Target   string `json:"target"` // the node's subject

	Ready   bool     `json:"ready"`
	Reasons []string `json:"reasons,omitempty"` // why it is not ready

	Federation Reach `json:"federation"`
	// Collective is the side behind the instance. For an edge that is the line.
	Collective Reach `json:"collective"`
	// Subscribed says whether somebody on the collective listens to Target: one of the constants
	// below. Detail says why, or what to do.
	Subscribed Subscribed `json:"subscribed"`
	Detail     string     `json:"detail,omitempty"`
	// Lacks is a right that the instance's login on the collective lacks, and without which the
	// instance cannot tell: publish or subscribe, and a subject.
	Lacks string `json:"lacks,omitempty"`
	// Asked is the subject that was asked for in place of Target: an edge asks whether relays
	// listen.
	Asked string `json:"asked,omitempty"`
	// Servers are those on the collective that the message would pass, from the relay to the node.
	// They are known where the servers trace messages (2.11 and later).
	Servers []TraceHop `json:"servers,omitempty"`
	// Listeners are the names of the connections that would get the message, a few at most.
	Listeners []string `json:"listeners,omitempty"`
}

// Subscribed says whether somebody listens to a subject.
type Subscribed string

// What is known of those who listen.
const (
	Listened   Subscribed = "yes"
	Unheard    Subscribed = "no"       // nobody listens
	Denied     Subscribed = "denied"   // the server does not let the instance publish there
	Disallowed Subscribed = "rejected" // the instance itself does not publish there
	Unknown    Subscribed = "unknown"
)

// Reach is what an instance knows of one side.
type Reach struct {
	Name       string `json:"name"` // federation, collective or line
	Up         bool   `json:"up"`
	Subscribed bool   `json:"subscribed"` // the instance takes messages from it
	URL        string `json:"url,omitempty"`
	Server     string `json:"server,omitempty"`
	Error      string `json:"error,omitempty"`
}

// A TraceHop is one server on the way of a message, as NATS's message tracing tells.
type TraceHop struct {
	Server  string   `json:"server"`
	Place   string   `json:"place,omitempty"` // "1" behind the first server, "1.2" behind that
	Cluster string   `json:"cluster,omitempty"`
	From    string   `json:"from,omitempty"` // client, route, gateway or leaf
	To      []string `json:"to,omitempty"`   // "client NAME", "route NAME", ...
	Error   string   `json:"error,omitempty"`
}
