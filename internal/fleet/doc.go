// Package fleet simulates the two ends of a federation over plain nats.go: nodes that answer, and a
// client that asks.
//
// Both write messages of versions 1 and 2 of Choria's protocol as the real ones do, down to the
// order of the keys. Only signatures are left out (protocol security off). The demo, the tests, the
// load generator and the benchmarks use it.
//
//   - Roster names the nodes. A node is an index into it everywhere else.
//   - Nodes answers for a range of the roster on one collective, over a few shared connections.
//   - Client cuts a request into groups of 200 targets, publishes each group to every cluster and
//     collects the replies.
//   - Ledger sees what both of them see. It says for each request and node what was delivered,
//     answered, lost, doubled or brought to the wrong node. Nodes may be given other Books. Those
//     of package load also keep times.
//   - Behaviour says how long nodes take, and which of them are slow or silent. Nodes in another
//     process (Announce, Describe) behave as the client expects.
//   - Writer and Senders are the parts of a Client that other kinds of clients need.
//   - Version writes any message (Envelope).
//
// # Locks
//
// Ledger.mu, entry.mu, Client.mu and ask.mu are held for a few instructions each, and never two at
// once. With Client.mu held, nats.go is asked what waits in subscriptions, which takes a lock of
// its own.
//
// # Cost
//
// The replies of nodes to one request differ in the name of the node and in a hash, nothing else.
// What they share is encoded and hashed once (template), and the rest is put in. So simulated nodes
// are cheap beside the relay that they load: a reply of 1.5 kB takes half a microsecond and no
// allocation. Nodes that share a connection (shard) also share one goroutine and one timer, however
// many answers wait. 50,000 nodes take some 220 MB.
package fleet
