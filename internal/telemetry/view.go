package telemetry

import (
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// A View answers what telemetry shows of a relay. All methods may be called at any time from many
// goroutines, and must not block. The caller owns what they return.
type View interface {
	// Info says who the relay is.
	Info() Info
	// Paths returns the request path and the reply path, in this order.
	Paths() []Path
	// Sides returns the federation, and the collective or the line of an edge, in this order.
	Sides() []Side
	// Ready reports whether the relay carries messages. If it does not, each reason is a sentence
	// for an operator, such as "draining" or "collective: not connected: dial tcp 192.0.2.7:4222:
	// connect: connection refused".
	Ready() (ok bool, reasons []string)
	// Warnings returns what an operator should know although messages are carried, one sentence
	// each.
	Warnings() []string
	// Stats returns the statistics document of the original broker, for encoding/json.
	Stats() any
}

// Info holds the names of a relay.
type Info struct {
	Cluster, Identity, Version string
	Edge                       bool // an edge, which may have views for other clusters beside it
}

// A Path is one path of the relay at one moment.
type Path struct {
	Name          string // "request" or "reply"
	Ledger        pipeline.Snapshot
	Lanes         int64     // in use
	Unaccounted   int64     // messages and copies without a fate at rest; must be 0
	QueueMessages int64     // received from the network, not yet taken by the pipeline
	QueueBytes    int64     // payload bytes of QueueMessages
	BuffersInUse  int64     // lent by the path's pool
	BufferBytes   int64     // bytes of BuffersInUse
	BufferLimit   int64     // of BufferBytes, at which the path reads nothing more
	Latency       Durations // of copies, from when their message was read
	SingleReplies int64     // of the reply path of an edge: those that did not come in bundles
	LastDenied    string    // subject of the copy that was denied last; empty if there was none
	LastDeniedAt  time.Time
	Seals         Seals // of replies; zero for requests
}

// Seals are what a path has found out by opening the seals of replies.
type Seals struct {
	Verdicts   [wire.NumReasons]int64 // by the reason; OK are those that opened
	RoundTrips Durations              // from the request to the reply, of those that opened
}

// A Side is one of the two networks at one moment. Its texts should hold no secrets; redact makes
// sure.
type Side struct {
	Name        string    // "federation", "collective" or "line"
	Up          bool      // all its connections are up
	Subscribed  bool      // to the subject that brings messages
	URL         string    // of the server, or of the last one while down
	Since       time.Time // when one of its connections was lost or came back last
	LastError   string    // the latest, kept after it is overcome; empty if there was none
	LastErrorAt time.Time
	Connections []Connection
	Events      map[string]int64 // by name, one of EventNames, counted since the start
	// Expiry is when the first credential of each kind ends. The keys are in CredentialNames. Kinds
	// that do not end are missing.
	Expiry map[string]time.Time
}

// A Connection is one connection of a Side.
type Connection struct {
	Role  string // "receive" or "publish"
	Up    bool
	URL   string
	Since time.Time
	// Suspected is since when the server has been suspected because it owes an answer. It is the
	// zero time if the server is not suspected.
	Suspected time.Time
	Epoch     uint64 // the number of the session, from 1; 0 before the first
}

// PathNames, SideNames, CredentialNames and EventNames are all values that the labels path, side,
// credential and event take.
var (
	PathNames = [...]string{"request", "reply"}
	SideNames = [...]string{"federation", "collective", "line"}
	// CredentialNames are the kinds of files that a side shows or trusts and that end at some time.
	CredentialNames = [...]string{"choria_token", "creds", "tls_ca", "tls_cert"}

	EventNames = [...]string{
		"auth_error",
		"closed_by_server",
		"connect_failed",
		"connected",
		"disconnected",
		"forged_nonce",
		"lame_duck",
		"left_early",
		"moved",
		"permission_denied",
		"resolve_failed",
		"slow_consumer",
		"stale",
		"tls_error",
	}
)
