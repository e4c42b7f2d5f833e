// Package pipeline carries messages from one side of a relay to the other.
//
// Give [New] a [Source] of messages, a [Router] that says where each one goes, and one [Publisher]
// for each lane. Then call [Pipeline.Run]. A pipeline promises:
//
//   - Every message received is rejected for one reason or becomes copies, and every copy meets one
//     [Fate]. The [Ledger] counts them all.
//   - Messages with the same key reach a subject in the order in which they came.
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
// lane; the egresses of a batch share their payloads. The four stages are in the files that bear
// their names:
//
//   - receive, sequential: the source calls [Line].Take for each batch, from any goroutine.
//   - decode, parallel: as many goroutines as Config.DecodeWorkers scan the envelopes. Batches
//     leave in the order in which they came.
//   - fan-out, sequential: the dealer asks the router once about each message, however many targets
//     it has. It lays out the frames that are sent, and deals them to the lanes.
//   - publish, parallel, one goroutine a lane: it hands each egress to the lane's publisher, and
//     heavy ones in turns (turns.go).
//
// That is the long way, over channels. There is a short way, on which the other goroutines stay
// parked. If nothing is ahead of a batch, the goroutine that brings it scans and deals it. If
// nothing is ahead of an egress in its lane, the goroutine that deals it publishes it, too. Of
// several lanes that holds only for one whose publisher is prompt: the others would have to wait
// for a slow one. A baton decides who does the work (baton.go). The functions are the same on both
// ways.
//
// # Rules
//
// What a pipeline decides by, its router above all, may be replaced at any time ([Rules]). A batch
// gets the rules of the moment in which it is taken, and keeps them on its way. So no message is
// decoded by old limits and routed by new ones, and there is no lock.
//
// # Compact messages and bundles
//
// A message may be compact (package wire/compact): then it stands for one request to many nodes, or
// for many replies. When a batch is taken, each compact message in it becomes a batch of its own
// with the messages that it stands for (unpack.go), if Rules.Compact takes it. From there on they
// are messages like others, and the ledger knows only them.
//
// The other way round, a router that is a [Bundler] may let messages leave together as one payload
// (bundle.go). They are put aside while their batch is routed, and packed behind its last message.
// So nothing waits for a timer: a message that comes alone leaves alone. A bundle has one frame,
// which stands for all copies in it, and they meet one fate.
//
// # Lanes
//
// A lane has a connection of its own. The lane of a copy depends on its subject alone (split.go),
// and on how many lanes there are. So each connection has its fixed share of the subjects. A server
// finds them faster that way, and a node that does not read slows its share only. Subjects
// estimates how many there are, so that somebody can choose the number of lanes, and SetLanes
// changes it.
//
// # Order
//
// The key of a message is a reply subject. For a request that is the subject at which the client
// waits for replies, for a reply the subject that it goes to. So all requests of a client have one
// key, and so have all replies to it. What a subject gets of messages with the same key stays in
// order. On one lane the copies of one message are published in the order in which the message
// names its targets.
//
// Nothing else is ordered. Lanes overtake each other, so one target may have its copy of the second
// message before another has that of the first. On a lane, keys with many bytes to write wait and
// take turns of 256 KiB each. Messages that come meanwhile with other keys go first. An egress is
// split for that: a message waits for messages with its own key, but not for others that were read
// with it.
//
// # Pressure
//
// All channels are bounded, and a full one blocks. The queues of the lanes block, too, when all are
// full. So pressure walks back to the source, which stops reading from the network. What waits for
// one lane that is slower than another has no bound of its own, and neither have messages that wait
// for a turn. Their memory bounds them: a source reads nothing more while the pool has lent all
// that it may ([pool.Pool.WaitForRoom]). That cannot last for ever, because no lane needs memory of
// the pool to go on: it publishes, or its publisher gives up the copies, and so gives memory back.
//
// # Ownership
//
// Whoever receives a batch or an egress from a channel or a queue owns it, and sending gives it
// away. A batch owns one reference to its buffer. Only fan-out takes another reference. The
// egresses of a batch share a cargo: a buffer with payloads, each once, and the buffer of the
// batch, where the subjects are. Bytes that are appended may move, so nothing is added to a cargo
// once an egress of it is sent: the rest of the batch gets another one. Fan-out frees batches, and
// cargos without an egress; publish frees egresses, and a cargo with the last of them.
//
// # Stopping
//
// Only the source watches the context. Every later stage ends when its input is closed, and reads
// all of it before. So every message that was received is carried to its end.
//
// # The books
//
// Messages are accepted in the ledger before any of their copies can be settled, so that the ledger
// never shows more fates than copies. A target that the router skips counts as a copy, too, and is
// settled at once. Skipped targets are reported once for each message and reason, however many they
// are.
//
// # What once broke
//
// Each of these was wrong at some time, or is easily made wrong. The named test checks it.
//
//   - A batch may be carried at once or down the line, and the result is the same:
//     TestTheWayThatABatchTakesMakesNoDifference, TestOnlyTheHolderOfTheBatonWorks.
//   - With several lanes the goroutine that deals waits for none of them. One lane without a
//     connection held up all others until their copies had expired:
//     TestALaneThatIsStuckHoldsUpNoOther, TestMemoryBoundsWhatWaitsForALaneThatIsStuck.
//   - One read of compact messages may expand to a thousand times as much. They wait for memory one
//     by one: TestMemoryBoundsWhatCompactMessagesExpandTo.
//   - A message waits for its own key only. A request to one node came behind another client's
//     50,000 because both had been read at once: TestAMessageDoesNotWaitWithOneOfItsBatchThatHasTo.
//   - The bytes that are published between two turns of a heavy message are bounded, or light
//     messages could keep it waiting for ever: TestAFloodOfLightMessagesDoesNotStarveAHeavyOne.
//   - The order of a key holds across light, heavy and split egresses:
//     TestEqualKeysStayInOrderUnderEveryMix.
//   - A subject keeps its lane, whoever sends to it and with however many others, until SetLanes:
//     TestASubjectKeepsItsLane, TestLanesComeAndGo.
//   - A payload is laid out once, however many lanes it takes:
//     TestAPayloadIsLaidOutOnceForAllLanes.
//   - The ledger counts copies before they can be settled:
//     TestTheBooksNeverShowMoreFatesThanCopies.
//   - Copies that a publisher is busy with are in flight, and the pipeline is not idle meanwhile:
//     TestWhatIsBeingPublishedIsInFlight.
//   - A router that rejects a message late leaves no subjects and no bytes behind for the next one:
//     TestRejectedMessagesLeaveNoBytesBehind.
//   - The room for the line in front of a payload is guessed from the size of the message, and the
//     guess may be wrong: TestAFrameTellsTheSizeOfItsPayload, TestFramesFitAtTheEndOfMemory.
//   - A normalized message is appended to the buffer of its batch, which may move all bytes there:
//     TestNormalizeLeavesTheBytesOfOthersAlone.
//   - Once warm, a path allocates nothing for its messages:
//     TestTheRequestPathAllocatesNothingOnceWarm, TestTheReplyPathAllocatesNothingOnceWarm,
//     TestBundlesAllocateNothingOnceWarm.
//   - A bundle that waits for a turn is published once, and whole:
//     TestBundlesInAHeavyEgressAreWhole.
//   - Rules change between batches, and not between decode and fan-out:
//     TestABatchIsCarriedByTheRulesOfItsTime.
//   - Messages in bundles keep the order of their key:
//     TestBundlesHoldEveryCopyOnceAndInOrderUnderEveryMix.
package pipeline
