// Package service lets operators ask relays about themselves over NATS, and asks them.
//
// An instance registers as a NATS micro service with the name fedrelay, on a connection of its own
// to the federation side, so `nats service ls|info|stats|ping` show it. It answers questions at
//
//	choria.federation.CLUSTER.fedrelay.VERB
//
// where every instance of the cluster answers: there is no queue group. Answers are documents of
// package state. [Serve] is the side of the instance, [Ask] that of the operator.
package service

import "slices"

// Name is the name of the micro service.
const Name = "fedrelay"

// Verbs of questions.
const (
	State      = "state"      // no question; state.Instance
	Requests   = "requests"   // Latest; []state.Summary
	Request    = "request"    // ByID; state.Request, or no answer
	Rejections = "rejections" // Latest; []state.Rejection
	Probe      = "probe"      // Target; state.Probe
)

// Subject returns where the instances of a cluster listen for questions.
func Subject(cluster, verb string) string {
	return "choria.federation." + cluster + ".fedrelay." + verb
}

// Verbs returns all verbs.
func Verbs() []string { return slices.Clone([]string{State, Requests, Request, Rejections, Probe}) }

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
