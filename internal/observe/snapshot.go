package observe

import (
	"io"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
)

// A Snapshot is what is known of all clusters at one moment.
type Snapshot struct {
	Schema     int        `json:"schema"`
	At         time.Time  `json:"at"`
	Connection Connection `json:"connection"`
	Clusters   []Cluster  `json:"clusters"`
}

// Connection is how the watcher itself is connected.
type Connection struct {
	Up    bool      `json:"up"`
	URL   string    `json:"url,omitempty"`
	Since time.Time `json:"since,omitzero"` // of Up
	Error string    `json:"error,omitempty"`
}

// A Cluster is what is known of one cluster.
type Cluster struct {
	Cluster   string   `json:"cluster"`
	Answering int      `json:"answering"` // members that are heard
	Request   Flow     `json:"request"`
	Reply     Flow     `json:"reply"`
	Members   []Member `json:"members"`
	// Mute are members of the queue group that takes the requests, and answer no questions.
	Mute   []Mute   `json:"mute,omitempty"`
	Advice []string `json:"advice,omitempty"` // what to look at

	History []Sample `json:"-"` // oldest first
}

// Mute is a member of the queue group that answers no questions.
type Mute struct {
	Connection string `json:"connection"` // its name
	Server     string `json:"server"`
	Identity   string `json:"identity,omitempty"` // of a relay; others have none
}

// Kinds of members.
const (
	Relay  = "relay"
	Edge   = "edge"
	Broker = "broker" // publishes the statistics document, and answers no questions
)

// A Member is one instance of a cluster.
type Member struct {
	Name    string    `json:"name"`
	Kind    string    `json:"kind"`
	Version string    `json:"version"`
	Started time.Time `json:"started,omitzero"`
	Heard   time.Time `json:"heard"` // by the clock of the watcher
	// Silent is for how many seconds a member that should have spoken has not. 0: it speaks.
	Silent  float64 `json:"silent,omitempty"`
	Request Flow    `json:"request"`
	Reply   Flow    `json:"reply"`
	// Instance is what a relay or an edge said last.
	Instance *state.Instance `json:"instance,omitempty"`
	// Statistics are what a broker said last.
	Statistics *state.Statistics `json:"statistics,omitempty"`
}

// A Flow is one path of a member, or of all members of a cluster together.
type Flow struct {
	Received        int64   `json:"received"`
	Sent            int64   `json:"sent"`
	ReceivedPercent float64 `json:"received_percent"` // of all members
	SentPercent     float64 `json:"sent_percent"`
	ReceivedRate    float64 `json:"received_per_second"`
	SentRate        float64 `json:"sent_per_second"`
	Latency         Latency `json:"added_latency"`
	Books           Books   `json:"books"`
	Queue           int64   `json:"queue_messages"`
	QueueBytes      int64   `json:"queue_bytes"`
}

// Latency is the time that a path adds.
type Latency struct {
	Count int64   `json:"count"` // messages that the percentiles are of
	P50   float64 `json:"p50"`   // seconds
	P99   float64 `json:"p99"`
	// Recent says that they are of the last seconds, and not of all the time since the start.
	Recent bool `json:"recent"`
}

// Books are the books of a path: what became of messages and copies. Brokers keep none.
type Books struct {
	Rejected    map[string]int64 `json:"rejected,omitempty"` // messages by reason
	Copies      int64            `json:"copies"`
	Fates       map[string]int64 `json:"fates,omitempty"`
	InFlight    int64            `json:"in_flight"`
	Unaccounted int64            `json:"unaccounted"`
	Dropped     int64            `json:"ingest_dropped"`
}

// A Sample is a moment in the life of a cluster: what all members together did since the one
// before.
type Sample struct {
	At      time.Time
	Request Moment
	Reply   Moment
}

// A Moment is one path in a Sample.
type Moment struct {
	Received, Sent float64 // per second
	Latency        state.Histogram
}

// WriteJSON writes a snapshot as JSON on one line.
func WriteJSON(w io.Writer, s Snapshot) error { return state.WriteLine(w, s) }
