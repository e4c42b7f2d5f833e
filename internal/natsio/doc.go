// Package natsio carries messages between NATS and a pipeline: a [Source] brings them in, a
// [Publisher] takes copies out.
//
// Both are handlers of a link.Link, which gives them one session after the other and says when each
// ends. For each session a source keeps an intake, a publisher an outbox. They keep the books of
// it.
//
// # The way of a message in
//
// In the framed plane the goroutine that reads the connection makes batches of messages, without
// copying them (package socket). It calls framedInlet.Deliver with each batch, which passes through
// Source.deliver and the gate into the pipeline. Deliver blocks while the pipeline has no room:
// nothing is read meanwhile, and the server waits. In the library plane nats.go calls
// libraryInlet.message for each message, which must not block. So messages wait in the inbox, and
// Source.Run makes batches of them.
//
// # The way of a copy out
//
// Publisher.Publish finds the outbox in use, and waits for one if there is none. outbox.write
// passes the copies to a sender. A framedSender lays out frames with a gather and writes them at
// once, a librarySender calls nats.go. Copies that were written are in doubt. A barrier goes out
// with them or behind them, and its answer settles them as confirmed or denied (barrier.go). Copies
// still in doubt when the session ends are unconfirmed, and never written again. Copies that
// provably were not written wait for the next session, until their time to live is over.
//
// A bundle is one frame with many copies. A part of its bytes is a part of all of them, and if the
// server denies it, all are denied (bundles.go).
//
// With several lanes the goroutine that brings a message asks each publisher first whether it is
// prompt. In the framed plane it is, if what the server has not answered for fits into the socket:
// then a write waits for nobody. nats.go does not say how much waits in it, so in the library plane
// it never is. A gather is borrowed for each write, because a publisher at rest should cost little.
//
// # Planes
//
// A plane has two halves. Package link picks the plane of a session when the connection is made,
// and has the half of round trips, probes, limits and silence. The other half is how messages come
// and go. It needs batches and egresses, which link must not know, and so it is here: two small
// interfaces, sender and inlet. plane.go picks an implementation of each by what the session has to
// offer. Nothing else in this package asks which plane a session has.
//
// # Weight
//
// A member of a queue group gets one share of the messages for each of its subscriptions, so a
// Source with a weight has several. It makes and ends them together. Another weight is taken into
// use with another session, as on a move.
//
// # Order
//
// Copies of one lane must not overtake each other on a move, nor may messages of one sender. So a
// publisher waits until the server has answered for all copies written to the old session before it
// writes to the new one. A source joins its queue group over the new session before it leaves over
// the old one.
//
// # Time to live
//
// The time to live of a copy runs only while its side was away, or this process stood still
// (absence.go). A message that arrived while the process stood still has waited, but nobody knows
// for how long. So it counts as received when the standstill began. That holds for all messages
// until the server has answered a PING sent after the standstill (intake.arrival, heartbeat.go).
//
// # Locks
//
// Each is taken after those above it:
//
//	gate.mu           held while the pipeline takes a batch, and perhaps carries it; or by Hold
//	Source.mu         held while a subscription is sent, not while its answer is waited for
//	outbox.mu         held while copies are written
//	Publisher.mu      held for a few instructions
//	inbox.mu, Heartbeat.mu, bundles.mu    held for a few instructions
//
// Callbacks of SourceConfig and PublisherConfig are called with Source.mu or outbox.mu held. So
// they must not call the Source or Publisher.
//
// # Once broke
//
//   - A PONG that nobody asked for confirmed copies (TestAnUnsolicitedPongConfirmsNothing).
//   - A server that denied more copies than were written upset the books
//     (TestMoreDenialsThanCopiesDoNotUpsetTheBooks).
//   - The rest of a frame that was cut off went to the next server
//     (TestAFailedWriteLeavesNoMoreInDoubtThanItBegan).
//   - Copies overtook each other on a move (TestAMoveKeepsTheOrder).
//   - nats.go threw away what it had queued when the connection ended
//     (TestMessagesBeforeTheEndOfAConnectionAreNotLost).
//   - Headers that were stripped stayed in memory (TestHeadersDoNotStayInTheInbox).
//   - A path that was full when it had to move left its queue group before it had joined it
//     elsewhere (TestAFullPathStaysInItsGroupUntilItHasJoinedElsewhere).
//
// # Where is what
//
//	source.go join.go      Source: messages in; its place in the queue group
//	publisher.go           Publisher: copies out
//	standing.go            what is known about the login that a publisher has
//	intake.go outbox.go    the use of one session, by either
//	barrier.go             when an outbox asks the server, and what the answer settles
//	subscription.go        a membership in the queue group
//	plane.go               what they do in one of two ways; the picks
//	framed.go gather.go    frames; what one write consists of
//	library.go inbox.go    nats.go; where its messages wait
//	cursor.go gate.go      a place in an egress; the way into the pipeline
//	absence.go             how late a copy is
//	heartbeat.go           whether this process stood still
package natsio
