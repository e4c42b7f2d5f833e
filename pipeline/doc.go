// Package pipeline carries messages from one side of a relay to the other.
//
// # The line
//
//	source ==batch==> receive ==batch==> decode ==batch==> fan-out ==egress==> publish ==> publisher
//
// A [Batch] is what one look at the source brought, an [Egress] what one batch sends through one lane. The request path
// and the reply path of a relay are two values of the same type; they differ in their source, publishers and [Router].
//
//   - receive is [Line].Take, which the source calls on whatever goroutine has a batch. Where nothing is queued, that
//     goroutine carries the batch through all that follows, and the stages stay parked. Else the batch goes down the line.
//   - decode (Config.DecodeWorkers goroutines) scans the envelopes. Workers run side by side, batches leave in order.
//   - fan-out (one goroutine) asks the [Router] where a message goes and what is sent there, once per message however
//     many targets it has, and deals the result to the lanes. What goes to one subject is laid out as a whole frame.
//   - publish (one goroutine a lane) hands each egress to its lane's [Publisher].
//
// # Order
//
// Messages with the same key share a lane and stay in order; the key is the reply subject, so it is one client's request
// and its answers. Targets of one message are published in the order in which the message names them. Lanes overtake
// each other. On one lane the keys of which there is much wait and take turns, of 256 KiB each; what comes meanwhile with
// other keys goes first. An egress is split for that: a message waits for those with its own key, not for those beside it.
//
// # Pressure
//
// All channels are bounded, and a full one blocks: pressure walks back to the source, which stops taking from the
// network. No stage drops for lack of room. What waits for its turn is bounded by the memory that it holds: the source
// reads nothing more while the pool has lent what it may ([pool.Pool.WaitForRoom]).
//
// # Ownership
//
// Whoever receives a batch or an egress from a channel owns it; sending gives it away. Fan-out is the one place that
// retains a buffer (an egress keeps the bytes of its batch, where its subjects are), publish and fan-out are the two that
// release.
//
// # Stopping
//
// Only the source watches the context. Every later stage ends when its input closes, so what was
// received is carried to a fate. A stage never stops reading its input.
//
// # The books
//
// A [Ledger] counts every message and every copy into exactly one fate. See its documentation for the balance. A target that
// the router skips is a copy, too, settled at once; who is told about it is told once for each message and reason, however
// many targets there are.
package pipeline
