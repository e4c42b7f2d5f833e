// Package natsio carries messages between NATS and a pipeline: a [Source] brings them in, a
// [Publisher] takes copies out.
//
// Both are handlers of a link.Link, which gives them one session after the other and says when each
// ends. They keep the books of what happened on each: see intake and outbox.
//
// # The way of a message in
//
// In the framed plane the goroutine that reads the connection takes messages out of the stream,
// where they lie (package socket), and calls framedInlet.Deliver with a batch, which goes through
// Source.deliver and the gate into the pipeline. It blocks while the pipeline has no room: nothing
// is read meanwhile, and the server waits. In the library plane nats.go calls libraryInlet.message
// for each message, which must not block: messages wait in the inbox, from which Source.Run makes
// batches.
//
// # The way of a copy out
//
// Publisher.Publish finds the outbox in use, and waits for one if there is none. outbox.write has a
// sender write: a framedSender lays out frames with a gather and writes them at once, a
// librarySender calls nats.go. What was written is in doubt. outbox.confirm waits for a barrier
// behind it, and settles it as confirmed or denied. What is in doubt when the session ends is
// unconfirmed, and never written again. What provably was not written waits for the next session,
// until its time to live is over.
//
// # Planes
//
// Package link picks the plane of a session when the connection is made: it is about round trips,
// probes, limits and silence. The other half, how messages come and go, speaks of batches and
// egresses, which link must not know. So there are two small interfaces here, sender and inlet, and
// plane.go picks an implementation of each by what the session has to offer. Nobody else asks for
// the plane.
//
// # Weight
//
// A member of a queue group gets a share for each of its subscriptions, so a Source can have
// several. They come and go together.
//
// # Order
//
// Copies of one lane must not overtake each other on a move, nor messages of one sender. So a
// publisher lets the server answer for what was written to the old session before it writes to the
// new one, and a source joins its queue group over the new one before it leaves over the old one.
//
// # Time to live
//
// A copy is late by the time in which its side was away, or this process stood still (absence.go).
// What arrived while the process stood still has waited, nobody here saw for how long: it counts as
// received before that, until the server has answered a PING of after it (intake.arrival,
// heartbeat.go).
//
// # Locks
//
// Each is taken after those above it:
//
//	gate.mu           held while the pipeline takes a batch, and carries it if it can
//	Source.mu         held while a subscription is sent, not while its answer is waited for
//	outbox.mu         held while copies are written
//	Publisher.mu      held for a few instructions
//	inbox.mu, Heartbeat.mu    held for a few instructions
//
// Callbacks of the configurations are called with Source.mu or outbox.mu held, and must not call
// back.
//
// # Once broke
//
//   - A PONG that nobody asked for confirmed copies (TestAnUnsolicitedPongConfirmsNothing).
//   - A server that denies more than was written upset the books
//     (TestMoreDenialsThanCopiesDoNotUpsetTheBooks).
//   - The rest of a frame that was cut off went to the next server
//     (TestAFailedWriteLeavesNoMoreInDoubtThanItBegan).
//   - Copies overtook each other on a move (TestAMoveKeepsTheOrder).
//   - nats.go threw away what it had queued when the connection ended
//     (TestMessagesBeforeTheEndOfAConnectionAreNotLost).
//   - Headers that were stripped stayed in memory (TestHeadersDoNotStayInTheInbox).
//   - A path that was full when it had to move left its queue group before it had joined elsewhere
//     (TestAFullPathStaysInItsGroupUntilItHasJoinedElsewhere).
//
// # Where is what
//
//	source.go join.go      Source: messages in; its place in the queue group
//	publisher.go           Publisher: copies out
//	standing.go            what is known about the login that a publisher has
//	intake.go outbox.go    the use of one session, by either
//	subscription.go        a membership in the queue group
//	plane.go               what they do in one of two ways; the picks
//	framed.go gather.go    frames; what one write consists of
//	library.go inbox.go    nats.go; where its messages wait
//	cursor.go gate.go      a place in an egress; the way into the pipeline
//	absence.go             how late a copy is
//	heartbeat.go           whether this process stood still
package natsio
