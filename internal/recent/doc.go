// Package recent is the memory of one relay: recent requests, who has answered them, and what was
// rejected. It answers "9,998 of 10,000 nodes answered: which did not, and why?" (package state).
//
// # What it costs
//
// Memory is bounded by the one number that New takes, and taken only as it is needed. A request
// costs about 500 bytes. Each target costs its subject and three bytes more, each reply four to
// eight bytes. So 8 MiB remember 2,048 requests, and of these the names of 130,000 targets of 35
// bytes. What is oldest goes first. One request has no more than half of the room for names.
//
// A message costs one lock and one copy of its list of targets, as it is written: only a question
// takes it apart. A reply costs the hash of its sender's name (state.Mark), and a batch of
// replies one lock. Nothing is allocated once the memory is full.
//
// # Fates
//
// Noting a request returns a mark. The pipeline carries it along with the copies, and the publisher
// says what became of marked copies. A server that answers for copies does not say for which, and
// of those that it denies it names the subjects. So subjects are remembered for a while, and looked
// up when somebody asks.
//
// # Locks
//
// None is taken while another is held:
//
//	Requests.mu, Replies.mu, Rejections.mu, denials.mu    held for a few instructions
//
// The two paths share none of them. A question holds a mutex only while it copies one piece of at
// most 64 KiB, so no message waits for longer than that takes.
package recent
