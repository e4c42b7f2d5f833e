// Package trial measures one contestant in one scenario. It starts two servers in one process and
// the relay in another, plays clients and nodes over bare sockets, and counts what arrives.
//
// Over TLS all connections have it, and the servers are asked what was negotiated.
//
// CPU time is what the process of the relay used between two moments at which it had nothing to do.
// All that arrives is checked: each copy and each reply exactly once, with its data whole. A trial
// in which that goes wrong is no error but an invalid result.
package trial
