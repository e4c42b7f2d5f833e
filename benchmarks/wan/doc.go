// Package wan measures what travels between clients and a relay that is far from them, how long it
// takes and what it costs. Contestants are ways to span the distance:
//
//	json     clients -- NATS ===================== relay -- nodes   the relay connects over the line
//	leaf-*   clients -- NATS ============== NATS -- relay -- nodes   a compressed leaf node connection
//	edge     clients -- NATS -- edge ====== NATS -- relay -- nodes   the edge connects over the line
//	client   client ======================= NATS -- relay -- nodes   a program that uses package client
//
// The double line is package line: one for each contestant, with the same shape for all at any
// time. Left of it is the near end, right of it the far one. Each NATS, the relay and the edge is a
// process of its own, so that its CPU time is known. The line, clients and nodes are in this
// process. All contestants stand beside each other for a round, and take turns in each cell of the
// matrix. Those who wait use no CPU time.
//
// Why the edge connects to the relay's NATS, and not the relay to one beside the edge: all relays
// of a cluster are there already. So nobody's settings change, and the connections over the line
// are those of the edge only, however many relays there are.
//
// Every copy and reply must arrive exactly once with its data unchanged, else the trial is invalid.
package wan
