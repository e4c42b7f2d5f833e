package pipeline

import "sync/atomic"

// A baton says who does the work at a place where it can be done in two ways: by the caller, who
// brings it, at once; or by a stage, whose goroutine takes it from a queue. The one who holds the
// baton owns what the work needs. It is with the caller while the stage has nothing left to do,
// else with the stage. There are two batons: one for fan-out, and one for each lane.
//
// The caller does this with each piece of work, and the stage does the rest:
//
//	if baton.withCaller() {          for work := range queue {
//		do(work)                         do(work)
//	} else {                             baton.done()
//		baton.pass()                 }
//		queue <- work
//	}
//
// The caller may queue work although it holds the baton. It may not do work without it.
//
// # Why exactly one of them works at any time
//
// Calls come one after the other, and only a caller makes ahead larger. So where withCaller finds 0
// it stays 0 until this caller has returned. With 0, every piece that was ever queued is done: the
// stage is past its last done, and touches nothing until it receives another piece. Where
// withCaller finds more than 0 the caller does not work, and the stage may.
//
// # Why nothing is overtaken
//
// The caller works only when all that came before is done, by itself or by the stage. Else what it
// has goes to the end of the queue. The queue is a channel, or several in a row that keep the
// order.
//
// # What makes the memory of one visible to the other
//
// From the stage to the caller: atomic operations are ordered, so what the stage wrote before the
// done that made ahead 0 is seen by the caller that finds 0. From the caller to the stage: the send
// into the queue. From one caller to the next, if they are different goroutines: whatever makes
// their calls come one after the other (see Line and dealer).
type baton struct {
	ahead atomic.Int64 // pieces of work passed to the stage and not done
}

// withCaller reports whether the caller holds the baton. Only the caller may ask.
func (b *baton) withCaller() bool { return b.ahead.Load() == 0 }

// pass gives the stage the baton, if it does not have it yet. The caller calls it before it queues
// a piece of work: the stage might be done with that before the caller goes on.
func (b *baton) pass() { b.ahead.Add(1) }

// done says that the stage is through with one piece. After the last one the caller has the baton.
func (b *baton) done() { b.ahead.Add(-1) }
