package pipeline

import "sync/atomic"

// A baton says who does the work at a place where it can be done in two ways: at once by the
// caller, who brings it, or by a stage, whose goroutine takes it from a queue. Whoever holds the
// baton owns what the work needs. The caller holds it while the stage has nothing left to do, else
// the stage. There is one for fan-out, and one for each lane.
//
//	the caller, with each piece of work      the stage
//
//	if baton.withCaller() {                  for work := range queue {
//	    do(work)                                 do(work)
//	} else {                                     baton.done()
//	    baton.pass()                         }
//	    queue <- work
//	}
//
// The caller may also queue work while it holds the baton. It may not do work without it.
//
// # Why exactly one of them works at any time
//
// Calls come one after the other, and nothing but a call makes ahead larger. So where withCaller
// finds 0, ahead stays 0 until the call returns. With 0, every piece that was ever queued is done:
// the stage is past its last done, and touches nothing of what it shares with the caller until it
// receives another piece. Where withCaller finds more than 0, the caller does not work.
//
// # Why nothing is overtaken
//
// The caller works only when everything that came before is done, by itself or by the stage. Else
// it queues what it has, behind that. The queue is a channel, or several in a row that keep the
// order.
//
// # What makes the work of one visible to the other
//
// From the stage to the caller it is ahead: what the stage wrote before it called done is seen by a
// caller that finds the result of that done, as the memory model of Go says of atomic operations.
// From the caller to the stage it is the send into the queue. From one call to the next, which may
// be on another goroutine, it is whatever makes calls come one after the other: for fan-out the
// source (see Line), for a lane the baton of fan-out, whose holder calls it.
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
