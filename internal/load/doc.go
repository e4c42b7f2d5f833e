// Package load is an open-loop client of a federation. It asks when the plan says so, whether or
// not earlier requests have been answered, and counts every latency from the planned time. A
// generator that waited for a slow relay before it asked again would not see how slow that is.
//
//	g, err := load.New(load.Options{Fed: url, Roster: roster, Plan: load.Plan{Rate: 5, Requests: 100}})
//	nodes, err := fleet.StartNodes(fleet.NodesOptions{URL: collective, Roster: roster, Ledger: g})
//	run, err := g.Run(ctx)
//
// # JSON or compact
//
// In JSON the generator asks and is answered as real clients are. With Options.Compact a message
// stands for many groups, and replies come in compact messages, which are unpacked and counted one
// by one.
//
// # The ledger
//
// For each request and node there is one cell for the copy and one for the reply. The first arrival
// leaves its latency in the cell; later ones are duplicates. A reply after the deadline is late,
// and its target is lost. Copies at nodes that were not asked are misdelivered, and so are their
// replies. Copies are known only of nodes in this process, which have the Generator as their
// Ledger.
//
// # Locks
//
// Generator.mu is taken before request.mu, while a record is made. liveHistogram.mu is taken while
// no other is held.
//
// # Cost
//
// An arrival allocates nothing. It takes two locks for a few instructions each, one to look its
// request up and one for the live histogram; its cell is an atomic word. 100 requests to 10,000
// nodes are 8 MB of cells.
package load
