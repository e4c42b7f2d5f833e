// Package lab puts a whole measurement together: servers, nodes, a relay in a process of its own,
// and the generator. It watches what the relay uses. Run starts all that, measures, and ends it.
//
// # What the relay costs
//
// While requests and replies flow at once, one cannot see from outside which of them a relay used
// its CPU time for. So a relay that is watched goes through three phases:
//
//  1. Idle, for 0.2 seconds. What it uses without work is subtracted in the other phases.
//  2. Calibration: requests of the same kind and at the same pace as in the run, but to nodes that
//     do not exist. There are no replies, so CPU time per copy is a division. One target of each
//     message has a listener, to know when the relay is done.
//  3. The run. CPU time per copy times copies is subtracted, and the rest divided by the replies.
//
// A copy is one publication of the relay: a broadcast is one copy, however many nodes hear it. The
// difference of two small and noisy numbers may be below zero. It is then reported as unknown.
//
// # The relay's own books
//
// If a relay has fedrelay_* metrics, what they gained during the run is compared with what nodes
// and client saw. With an edge, so is what that has gained, and the two must agree about the line
// between them.
package lab
