// Package trace sends one real request through a federation to one node, and finds out where its
// way ends. [Run] asks and judges, [WriteText] draws.
//
// What is asked is a discovery ping, as Choria's clients send it. Three things come beside it, none
// of which reaches the node: the servers between the client and the relay, by their own tracing
// (package natstrace); how far each instance reaches (state.Probe); and what instances remember of
// the request (state.Request).
//
// # What times mean
//
// Only the whole, from the request to the reply, is measured at one place with one clock. The part
// between relay and node is what one instance has seen, if the same one has carried both request
// and reply. It is by that instance's clock, which counts as good for differences. The rest is the
// difference of the two. Clocks of different machines are never compared.
package trace
