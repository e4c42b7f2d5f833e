// Package pipeline carries messages from one side of a relay to the other.
//
// Give [New] a [Source] of messages, a [Router] that says where each one goes, and one [Publisher]
// for each lane. Then call [Pipeline.Run]. What it promises:
//
//   - Every message received is rejected for one reason or becomes copies, and every copy meets one
//     [Fate]. The [Ledger] counts all of it.
//   - Messages with the same key are published in the order in which they came.
//   - Nothing is dropped for lack of room. The source has to wait instead.
//   - When the source or the context ends, what was received is still published; then Run returns.
//
// The request path and the reply path of a relay are two values of the same type. They differ in
// their source, publishers and router, and share nothing.
//
// # The flow
//
//	source =batch=> receive =batch=> decode =batch=> fan-out =egress=> publish => publisher
//
// A [Batch] is what one read of the source brought. An [Egress] is what one batch sends through one
// lane. The four stages are in the files that bear their names:
//
//   - receive, sequential: the source calls [Line].Take for each batch, from any goroutine.
//   - decode, parallel: Config.DecodeWorkers goroutines scan the envelopes. Batches leave in the
//     order in which they came.
//   - fan-out, sequential: the dealer asks the router about each message, once, however many
//     targets it has. It lays out what is sent and deals it to the lanes.
//   - publish, parallel, one goroutine a lane: hands each egress to the lane's publisher, heavy
//     ones by turns (turns.go).
//
// That is the long way, over channels. While nothing is ahead of a batch, the goroutine that brings
// it does all of this itself and the other goroutines stay parked; while nothing is ahead of an
// egress, so does the one that deals it, if there is one lane. Who may do what is decided by a
// baton (baton.go). The functions are the same on both ways.
//
// # Order
//
// The key of a message is the reply subject: of a request the client's, of a reply the one it goes
// to. So a client's requests have one key, and their replies too. Messages with the same key take
// the same lane and stay in order. The copies of one message are published in the order in which
// the message names its targets.
//
// Nothing else is ordered. Lanes overtake each other. On one lane, keys of which there is much wait
// and take turns, of 256 KiB each; what comes meanwhile with other keys goes first. An egress is
// split for that: a message waits for those with its own key, not for those that were read with it.
//
// # Pressure
//
// All channels are bounded, and a full one blocks. So pressure walks back to the source, which
// stops taking from the network. What waits for its turn is bounded by the memory it holds: a
// source reads nothing more while the pool has lent what it may ([pool.Pool.WaitForRoom]).
//
// # Ownership
//
// Whoever receives a batch or an egress from a channel owns it, and sending gives it away. A batch
// owns one reference to its buffer. Fan-out is the only stage that retains one: an egress keeps the
// buffer of its batch, where its subjects are, and one of its own. Fan-out frees batches, and
// egresses that stayed empty; publish frees the others.
//
// # Stopping
//
// Only the source watches the context. Every later stage ends when its input is closed, and none
// stops reading its input before. So what was received is carried on.
//
// # The books
//
// Messages are accepted in the ledger before any of their copies can be settled, so that it never
// shows more fates than copies. A target that the router skips is a copy, too, and settled at once.
// It is reported once for each message and reason, however many targets that are.
//
// # What once broke
//
// Each of these was wrong at some time, or is easily made wrong. The test behind it holds it.
//
//   - A batch may be carried at once or down the line, and the result is the same:
//     TestTheWayThatABatchTakesMakesNoDifference, TestOnlyTheHolderOfTheBatonWorks.
//   - With several lanes no egress is published by the goroutine that deals. One lane without a
//     connection held up all others until their copies had expired:
//     TestALaneThatIsStuckHoldsUpNoOther.
//   - A message waits for its own key only. A request to one node came behind another client's
//     50,000 because both had been read at once: TestAMessageDoesNotWaitWithOneOfItsBatchThatHasTo.
//   - What comes between two turns of a heavy message is bounded in bytes, or light messages could
//     keep it waiting for ever: TestAFloodOfLightMessagesDoesNotStarveAHeavyOne.
//   - The order of a key holds across light, heavy and split egresses:
//     TestEqualKeysStayInOrderUnderEveryMix.
//   - The ledger counts copies before they can be settled:
//     TestTheBooksNeverShowMoreFatesThanCopies.
//   - What a publisher is busy with is in flight, and the pipeline is not idle:
//     TestWhatIsBeingPublishedIsInFlight.
//   - A router that rejects a message late leaves no subjects and no bytes behind for the next one:
//     TestRejectedMessagesLeaveNoBytesBehind.
//   - The room for the line in front of a payload is guessed from the size of the message, and the
//     guess may be wrong: TestAFrameTellsTheSizeOfItsPayload, TestFramesFitAtTheEndOfMemory.
//   - A normalized message is appended to the buffer of its batch, which may move all bytes there:
//     TestNormalizeLeavesTheBytesOfOthersAlone.
//   - Once warm, a path allocates nothing for its messages:
//     TestTheRequestPathAllocatesNothingOnceWarm, TestTheReplyPathAllocatesNothingOnceWarm.
package pipeline
