package state

import "time"

// An Instance is one relay, or the part of an edge that serves one cluster, at one moment.
type Instance struct {
	Schema   int       `json:"schema"`
	Cluster  string    `json:"cluster"`
	Identity string    `json:"identity"`
	Version  string    `json:"version"`
	Edge     bool      `json:"edge,omitempty"`
	Started  time.Time `json:"started"`
	Now      time.Time `json:"now"` // when the instance said all this
	Ready    bool      `json:"ready"`
	Reasons  []string  `json:"reasons,omitempty"` // why it is not ready
	Warnings []string  `json:"warnings,omitempty"`
	Request  Path      `json:"request"` // the way from the federation
	Reply    Path      `json:"reply"`   // the way back
	Sides    []Side    `json:"sides"`   // the federation, then the collective or the line
}

// A Path is one path of an instance, counted since its start. Its books balance: Received =
// Accepted + the sum of Rejected + InParse, Copies = the sum of Fates + InFlight.
type Path struct {
	Received      int64            `json:"received"` // messages
	Accepted      int64            `json:"accepted"` // messages
	Rejected      map[string]int64 `json:"rejected,omitempty"`
	InParse       int64            `json:"in_parse"`
	Copies        int64            `json:"copies"` // accepted
	Fates         map[string]int64 `json:"fates,omitempty"`
	Skipped       map[string]int64 `json:"skipped,omitempty"` // targets by reason; in Fates, too
	InFlight      int64            `json:"in_flight"`
	Unaccounted   int64            `json:"unaccounted"`
	Dropped       int64            `json:"ingest_dropped"`
	QueueMessages int64            `json:"queue_messages"`
	QueueBytes    int64            `json:"queue_bytes"`
	BufferBytes   int64            `json:"buffer_bytes"`
	Lanes         int64            `json:"lanes"`
	LastReceived  time.Time        `json:"last_received,omitzero"`
	// Latency is the time from when a message was read until its copies were written.
	Latency Histogram `json:"added_latency"`
}

// Sent returns how many copies were written: those confirmed, denied and unconfirmed.
func (p Path) Sent() int64 { return p.Fates["confirmed"] + p.Fates["denied"] + p.Fates["unconfirmed"] }

// A Side is one of the two networks of an instance.
type Side struct {
	Name         string               `json:"name"` // one of telemetry.SideNames
	Up           bool                 `json:"up"`   // all its connections are
	Subscribed   bool                 `json:"subscribed"`
	URL          string               `json:"url,omitempty"`
	Server       string               `json:"server,omitempty"`         // its name
	NATSCluster  string               `json:"server_cluster,omitempty"` // name of its cluster
	Connections  int                  `json:"connections"`
	Since        time.Time            `json:"since,omitzero"` // last loss or return of a connection
	LastError    string               `json:"last_error,omitempty"`
	LastErrorAt  time.Time            `json:"last_error_at,omitzero"`
	LastDenied   string               `json:"last_denied,omitempty"` // subject of the last copy
	LastDeniedAt time.Time            `json:"last_denied_at,omitzero"`
	Expiry       map[string]time.Time `json:"expiry,omitempty"` // first end by kind
}
