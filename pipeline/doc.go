// Package pipeline carries messages from one side of a relay to the other.
//
// # The line
//
//	source ==batch==> receive ==batch==> decode ==batch==> fan-out ==egress==> publish ==> publisher
//
// A [Batch] is what one look at the source brought, an [Egress] what one batch sends through one lane. The request path
// and the reply path of a relay are two values of the same type; they differ in their source, publishers and [Router].
//
//   - receive (one goroutine) takes batches from the [Source] and numbers nothing: their order in the channels is their
//     order of arrival.
//   - decode (Config.DecodeWorkers goroutines) scans the envelopes. Workers run side by side, batches leave in order.
//   - fan-out (one goroutine) asks the [Router] where a message goes and what is sent there, once per message however
//     many targets it has, and deals the result to the lanes.
//   - publish (one goroutine a lane) hands each egress to its lane's [Publisher].
//
// # Order
//
// Messages with the same key share a lane and stay in order; the key is the reply subject, so it is one client's request
// and its answers. Targets of one message are published in the order in which the message names them. Lanes overtake
// each other.
//
// # Pressure
//
// All channels are bounded, and a full one blocks: pressure walks back to the source, which stops taking from the
// network. No stage drops for lack of room.
//
// # Ownership
//
// Whoever receives a batch or an egress from a channel owns it; sending gives it away. Fan-out is the one place that
// retains a buffer (an egress keeps the bytes of its batch, where its subjects are), publish and fan-out are the two that
// release.
//
// # Stopping
//
// Only receive watches the context and the end of the source. Every later stage ends when its input closes, so what was
// received is carried to a fate. A stage never stops reading its input.
//
// # The books
//
// A [Ledger] counts every message and every copy into exactly one fate. See its documentation for the balance.
package pipeline
