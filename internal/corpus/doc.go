// Package corpus makes Choria messages by the thousand, for tests and measurements of bytes: signed
// replies and requests, versions 1 and 2, with the shapes that were recorded from real clients and
// nodes. What is different from node to node on a real network is different here: names, times,
// counters, hashes and signatures, and with Options.OwnTokens also each node's token.
//
// Hashes are right. Signatures and tokens are random bytes of the right size, because no test here
// verifies them. The same seed gives the same messages.
package corpus
