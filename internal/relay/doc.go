// Package relay builds a relay from settings: two paths between two sides.
//
//	federation --receive--> request path --publish--> collective
//	federation <--publish-- reply path   <--receive-- collective
//
// [New] builds a [Relay] from valid settings, and does not connect. [Relay.Run] connects to both
// sides and carries messages until its context ends; it retries for ever whatever fails. Then it
// drains, which means that it carries the messages it has taken, and returns. [Relay.Abort] cuts
// the drain short. [Relay.Ready] reports whether the relay carries messages, and if not, why.
// Telemetry gets all that it shows from methods of Relay.
//
// A side has one connection to receive on, and one for each lane to publish on. The number of lanes
// of the request path follows the number of nodes unless it is set (docs/adr/0018).
//
// A path is in its queue group only while it can carry the messages that it receives: a relay that
// cannot serve leaves them to relays that can (docs/adr/0013).
//
// An edge is a [Process] of such relays, one for each of its clusters. They have other routers, and
// a line in the place of the collective:
//
//	federation --receive--> request path --publish--> line, on the same subject
//	federation <--publish-- reply path   <--receive-- line, *.reply.edge.GROUP.CLUSTER.>
//
// It puts a return address of its own before the reply subject of a request (wire.AppendEdge). So
// it keeps no state, and any edge of the group takes the replies (docs/adr/0021).
//
// # Files
//
//	relay.go        New and Run: what there is, and in which order it starts and ends
//	drain.go        how it stops
//	path.go         one way through the relay: source, pipeline, publishers
//	side.go         the connections to one network
//	lanes.go        the lanes of a path; chorus.go: the log of their links
//	sizer.go        how many lanes there are; sizing.go: by which rules; change.go: how they change
//	request.go      which copies a request becomes; duplicates.go finds targets named twice
//	reply.go        where a reply goes
//	process.go      all relays of one process
//	reload.go       other settings while it runs; reload_prepare.go checks them, reload_apply.go uses
//	                them
//	edge.go         what makes a relay an edge
//	edge_request.go which message a request becomes at an edge, and which leave together
//	edge_reply.go   where a reply goes that comes to an edge
//	edge_answers.go warns of relays that read only JSON
//	seals.go        keys for sealed return addresses, and what was found; seal_keys.go watches them
//	request_seal.go seals requests; reply_seal.go opens the seals of replies
//	hops.go         what is added to a trace
//
//	guard.go        joins and leaves the queue group of a path
//	withdrawal.go   decides that nothing gets through; backoff.go says when to try again
//	login.go        what a path knows about the rights of its logins
//	failures.go     what publishers report: denied copies, and streaks of copies that failed
//	ready.go        what /readyz says
//
//	notes.go        log lines about messages, few of each kind; hints.go: what to do about them
//	credentials.go  warns of tokens and certificates that end
//	rights.go       what a login must be allowed to publish to, and subjects to probe that with
//	one_network.go  warns when both sides are one network
//	stats.go        the statistics document of the original broker
//	view.go         what telemetry reads
//	memory.go       gives memory back after a storm
//
// # Locks
//
// A reload holds Process.reloading from its beginning to its end, and takes locks of sources and
// publishers meanwhile. Nobody else takes it.
//
// notes.mu, events.mu, failures.mu, said.mu and prober.mu guard a few fields each. Nobody takes
// another lock, calls out of this package or waits while holding one of them. Sources, publishers
// and links report here while they hold locks of their own. The sizer changes lanes while it holds
// the gate of the source (natsio.Source.Hold).
package relay
