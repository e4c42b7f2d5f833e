// Package chaos breaks a federation under load, and counts what became of each request and reply.
//
// A world is a federation's server, a collective's server, and three relays of one cluster, each in
// a process of its own. Simulated nodes and a client run in this process. Their ledger (package
// load) has a cell for each node of each request, so it knows what was lost and what came twice,
// whatever relays say. A fault is something that happens to a world while requests go on.
//
//	result, err := chaos.Run(ctx, chaos.Options{Relay: []string{"bin/fedrelay"}, ...}, fault)
//
// # What must hold
//
//   - Nothing comes twice, whatever is broken.
//   - A relay that ends in order has balanced books: its last line says "unaccounted 0".
//   - Nothing is lost where Fault.Lossless says so. The books of all relays say how many copies are
//     in doubt: confirmed <= arrived <= confirmed + unconfirmed.
//   - When a fault is over, all relays are ready within some seconds, and all requests after that
//     are answered in full.
package chaos
