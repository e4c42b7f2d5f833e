package pipeline

import "sync/atomic"

// A baton decides who does the work of a stage. Either the caller, who brings a piece of work, does
// it at once, or the goroutine of the stage takes it from a queue. Whoever holds the baton owns the
// data that the work needs. While the stage has work to do, the stage holds the baton, otherwise
// the caller. There is one baton for fan-out, and one for each lane.
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
// The caller may also queue work while it holds the baton. It may not work without the baton.
//
// # Why exactly one of them works at any time
//
// Calls come one after the other, and only a call makes ahead larger. So if withCaller finds 0,
// ahead stays 0 until the call passes the baton or returns. 0 means that every piece that was ever
// queued is done. The stage is past its last done, and touches nothing that it shares with the
// caller until it receives another piece. If withCaller finds more than 0, the caller does not
// work.
//
// # Why nothing is overtaken
//
// The caller works only when all earlier pieces are done, by itself or by the stage. Otherwise it
// queues its piece behind them. The queue is a channel, or several in a row that keep the order.
//
// # Why each sees what the other has written
//
// The caller sees what the stage wrote before done, because withCaller reads the value of ahead
// that done has stored, and Go's memory model orders atomic operations. The stage sees what the
// caller wrote, because the piece goes through the queue. Two calls may be on two goroutines. The
// later one sees what the earlier one wrote, because something makes them come one after the other:
// for fan-out the source (see Line), for a lane the baton of fan-out, whose holder makes the calls.
type baton struct {
	ahead atomic.Int64 // how many pieces of work are passed to the stage and not done
}

// withCaller reports whether the caller holds the baton. Only the caller may ask.
func (b *baton) withCaller() bool { return b.ahead.Load() == 0 }

// pass gives the stage the baton, if the stage does not have it yet. The caller must call it before
// it queues a piece of work, because the stage may be done with the piece before the caller goes
// on.
func (b *baton) pass() { b.ahead.Add(1) }

// done says that the stage has done one piece. After the last piece the caller has the baton.
func (b *baton) done() { b.ahead.Add(-1) }
