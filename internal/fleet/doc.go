// Package fleet simulates the two ends of a federation over plain nats.go: nodes that answer, and a client that asks.
//
// Both speak Choria's transports v1 and v2 as the real ones do, down to the order of the keys; only signatures are left
// out (protocol security off). The demo, the tests and the load generator use it.
//
//   - Roster names the nodes. A node is an index into it everywhere else.
//   - Nodes answers for a range of the roster on one collective, over a few shared connections.
//   - Client cuts a request into groups of 200 targets, publishes each group to every cluster and collects the replies.
//   - Ledger sees what both of them see and says, per request and node, what was delivered, answered, lost, doubled or
//     brought to the wrong node. Nodes may be given other Books; those of the package load keep times, too.
//   - Behaviour says how long nodes take, and which of them are slow or silent. It follows from a seed, the request's id and
//     the node's number alone, so that nodes in another process (Announce, Describe) behave as the client expects.
//   - Writer and Senders are the parts of a Client for a client of another kind.
//
// # Cost
//
// A node's replies to one request differ in its name and in a hash, nothing else. What they share is encoded and hashed
// once (template) and the rest spliced in, so that simulated nodes stay cheap beside the relay they are there to load: half
// a microsecond and no allocation for a reply of 1.5 kB. A connection (rack) has one goroutine and one timer, however many
// nodes share it and answers wait; without a delay there is no timer at all. 50,000 nodes take some 220 MB.
package fleet
