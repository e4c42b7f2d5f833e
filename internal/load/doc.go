// Package load is an open-loop client of a federation: it asks when the plan says so, whether or not earlier requests have
// been answered, and counts every latency from the planned time. A generator that waits for a slow relay before it asks
// again would measure its own patience.
//
//	g, err := load.New(load.Options{Fed: url, Roster: roster, Plan: load.Plan{Rate: 5, Requests: 100}})
//	nodes, err := fleet.StartNodes(fleet.NodesOptions{URL: collective, Roster: roster, Ledger: g})
//	run, err := g.Run(ctx)
//
// # The ledger
//
// For each request and node there is one cell for the copy and one for the reply. A cell is empty until the first arrival,
// which leaves its latency there; later ones are duplicates. A reply after the deadline is late and leaves its target lost.
// Arrivals at or from nodes that were not asked are misdelivered. Copies are known where the nodes run in this process
// (give the Generator to them as their Ledger), else only replies.
//
// # Cost
//
// Arrivals take no lock and allocate nothing: a cell is an atomic word. 100 requests to 10,000 nodes are 8 MB of cells.
package load
