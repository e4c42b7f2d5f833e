// Package service lets operators ask relays about themselves over NATS, and asks them.
//
// An instance registers as a NATS micro service with the name fedrelay, on a connection of its own
// to the federation side, so `nats service ls|info|stats|ping` show it. It answers questions at
//
//	choria.federation.CLUSTER.fedrelay.VERB
//
// where every instance of the cluster answers: there is no queue group. Answers are documents of
// package state. On the same connection it publishes the statistics document of the original
// broker. A [Server] is the side of the instance. [Ask], [Stream] and [Members] are that of the
// operator.
//
// # Rights
//
// The login needs some rights for this that a relay does not need otherwise. Without them the relay
// works as before. The server writes each denial to its log. So a Server finds out with one
// subscription each what it may do, says once what is missing, and asks again when the relay itself
// has connected anew, or after an hour.
//
// # Costs
//
// Questions are bounded in size, and few may wait. All answers together get a tenth of one
// processor at most. The rest waits, and then is dropped: a flood of questions makes answers late,
// and messages never. An answer that is larger than the server allows loses names, and says so.
//
// # Whom it answers
//
// An answer goes where the question wants it, with the rights of the relay. So no answer goes to
// subjects that mean something here: those of NATS itself, of relays, of nodes and of agents. What
// micro answers to $SRV goes anywhere, as that of each micro service does; it says nothing that a
// node or a relay would obey.
//
// # Locks
//
// Server.mu, visit.mu and turns.mu are taken while no other is held. That of digestOf is held while
// a source is asked.
package service

import "slices"

// Name is the name of the micro service.
const Name = "fedrelay"

// Verbs of questions.
const (
	State      = "state"      // no question; state.Instance
	Requests   = "requests"   // Latest; []state.Summary
	Request    = "request"    // ByID; state.Request, perhaps one that knows nothing
	Rejections = "rejections" // Latest; []state.Rejection
	Probe      = "probe"      // Target; state.Probe
)

// Subject returns where the instances of a cluster listen for questions.
func Subject(cluster, verb string) string {
	return "choria.federation." + cluster + ".fedrelay." + verb
}

// Verbs returns all verbs in the order in which an instance listens. State is the last: who gets an
// answer to that, gets one to each question.
func Verbs() []string { return slices.Clone([]string{Requests, Request, Rejections, Probe, State}) }

// Latest asks for the latest entries of a list.
type Latest struct {
	Most int `json:"most"`
}

// ByID asks for a request.
type ByID struct {
	ID string `json:"id"`
}

// Target asks how far a subject is reached.
type Target struct {
	Target string `json:"target"`
}

// Headers of answers.
const (
	headerSchema   = "Fedrelay-Schema"   // state.Schema of the instance
	headerInstance = "Fedrelay-Instance" // whose answer it is: an id, new at each start
	headerEncoding = "Content-Encoding"  // gzip, or missing
	headerAccept   = "Accept-Encoding"   // of questions
	headerError    = "Nats-Service-Error"
	headerCode     = "Nats-Service-Error-Code"
)
