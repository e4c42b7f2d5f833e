// Package lab puts a whole measurement together: servers, nodes, a relay in a process of its own, the generator, and somebody who
// watches what the relay uses. Run does it all and takes it down again.
//
// # What the relay costs
//
// While requests and replies flow at once, nobody can tell from outside which of them a relay's CPU time was for. So a watched
// relay goes through three phases:
//
//  1. Idle, for 0.2 seconds: what it uses without work is subtracted from everything after.
//  2. Calibration: requests of the same shape and at the same pace as in the run, but to nodes that do not exist. Nobody replies,
//     so CPU time per copy is plain division. One target of each message has a listener, which tells when the relay is through.
//  3. The run. CPU time per reply is what is left after taking CPU per copy times copies away, divided by the replies.
//
// A copy is one publication of the relay: a broadcast is one copy, however many nodes hear it. Where both are tiny the difference
// of two noisy numbers may come out below zero; it is then reported as unknown.
//
// # The relay's own books
//
// If a relay shows fedrelay_* metrics, their growth during the run is compared with what nodes and client saw. Other relays are
// not compared.
package lab
