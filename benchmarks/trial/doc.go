// Package trial measures one contestant in one scenario: it starts two servers and the relay, each in a process of its own, plays
// clients and nodes over bare sockets, and counts what arrives.
//
// CPU is what the relay's process used between two moments at which it had nothing left to do. Whatever arrives is judged: each
// copy and each reply exactly once, its data whole. A trial that fails this is not an error but a result with a reason.
package trial
