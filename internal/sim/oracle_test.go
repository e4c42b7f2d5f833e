package sim

import (
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
)

// How long things may take, in virtual time, by what the relay's own constants say.
const (
	// A dead connection is found by PINGs, one every 5 s: the third finds two unanswered. A barrier
	// alone would give it 20 s. A connection that takes nothing, but brings something, may last
	// longer. That keeps nobody waiting.
	detection = 20 * time.Second
	// Its close waits for a blocked write (2 s) and for messages still under way (2 s).
	closing = 4 * time.Second
	// The longest back-off is 5 s, give or take half.
	backingOff = 7500 * time.Millisecond
	// A connect under way may need all the time of its three steps, at each of two servers. Attach
	// has 10 s.
	connecting = 2*3*2*time.Second + 10*time.Second
	// A path that could not join its queue group tries again after 2 s, and each attempt has 5 s.
	// The request path waits for the reply path.
	joining = 2 * 7 * time.Second

	// Recovery where no connection is dead: a back-off, a retry of the queue group, and some time
	// for the requests that find out.
	recovering = backingOff + 2*time.Second + 5*time.Second
	// Recovery where one is dead: it has to be found and left first. It may also have died while it
	// was made, or while the path joined.
	recoveringDead = detection + closing + backingOff + connecting + joining

	// What is in doubt is answered for at once where all is well, else after a detection.
	settling = detection + closing
	// Run has the drain timeout, then each link 10 s to retire and 4 s to close.
	stopping = 14 * time.Second
)

// recover waits until requests are answered again. It is called when the faults are over.
func (w *world) recover() map[string]time.Duration {
	bound, kind := recovering, "recovery"
	if w.network.dead() {
		bound, kind = recoveringDead, "recovery with dead connections"
	}
	var probes []string
	last := time.Now().Add(-time.Hour)
	took, ok := within(bound, func() bool {
		if ready, _ := w.relay.Ready(); !ready {
			return false
		}
		for _, id := range probes {
			if w.crowd.answered(id) {
				return true
			}
		}
		if time.Since(last) >= time.Second {
			last = time.Now()
			for i := range w.federation {
				probes = append(probes, w.probe(i))
			}
		}
		return false
	})
	if !ok {
		_, reasons := w.relay.Ready()
		w.network.violation("%s after the faults no request has been answered: ready %v, %d probes", bound, reasons, len(probes))
		return nil
	}
	w.rest()
	return map[string]time.Duration{kind: took}
}

// dead reports whether the relay has a connection open that loses what it carries, unnoticed so
// far.
func (n *network) dead() bool {
	for _, c := range n.all() {
		if !isClosed(c.left) && (c.isLost(upward) || c.isLost(downward)) {
			return true
		}
	}
	return false
}

// rest waits until nothing is on its way. Then it looks at the books while the relay still runs.
func (w *world) rest() {
	_, ok := within(settling, func() bool {
		request, reply := w.relay.Ledgers()
		return request.Balanced() && reply.Balanced()
	})
	request, reply := w.relay.Ledgers()
	if !ok {
		w.network.violation("no rest: request %s; reply %s", request.String(), reply.String())
	}
	if n := w.relay.Unaccounted(); n != 0 {
		w.network.violation("%d unaccounted at rest", n)
	}
}

// finish waits until the relay has ended, and judges the scenario as a whole.
func (w *world) finish(peaceful bool) {
	began := time.Now()
	bound := w.config.Drain.Timeout + stopping
	select {
	case <-w.ended:
	case <-time.After(bound):
		w.network.violation("Run has not returned %s after it should", bound)
		<-w.ended // for ever, perhaps: then the bubble says who waits
	}
	if peaceful && w.err != nil {
		w.network.violation("Run returned after %s: %v", time.Since(began), w.err)
	}
	if w.err != nil {
		w.network.saw("drain cut short")
	}
	w.hangUp()
	w.crowd.sync()
	w.judge()
	w.end()
	pass(closing) // so that no timer of what has ended is left in the bubble
}

// hangUp ends the network. The relay must have closed all of its connections before.
func (w *world) hangUp() {
	for _, c := range w.network.all() {
		if !isClosed(c.left) {
			w.network.violation("a connection to %s (%s) is still open", c.station.address, c.role)
			c.Close()
		}
	}
	if !w.network.isCalm() {
		close(w.network.calm)
	}
	w.network.wires.Wait()
}

// judge compares the books of the relay with what everybody else has seen.
func (w *world) judge() {
	request, reply := w.relay.Ledgers()
	federation, collective := w.network.proof("federation"), w.network.proof("collective")
	w.judgePath("request", request, federation, collective, int(w.crowd.published.Load()), int(w.crowd.copies.Load()))
	w.judgePath("reply", reply, collective, federation, int(w.crowd.replied.Load()), int(w.crowd.answers.Load()))
	if n := w.relay.Unaccounted(); n != 0 {
		w.network.violation("%d unaccounted", n)
	}
	if n := w.relay.BuffersInUse(); n != 0 {
		w.network.violation("%d buffers are still lent", n)
	}
	if federation.conns > 2+w.network.lanes {
		w.network.saw("reconnect")
	}
}

func (w *world) judgePath(name string, s pipeline.Snapshot, from, to proof, sent, delivered int) {
	always := func(ok bool, what string) {
		if !ok {
			w.network.violation("%s path: %s: %s; %d sent, %d delivered; wire: %+v in, %+v out",
				name, what, s.String(), sent, delivered, from, to)
		}
	}
	confirmed, unconfirmed := int(s.Fate(pipeline.Confirmed)), int(s.Fate(pipeline.Unconfirmed))
	always(s.Balanced(), "the books do not balance")
	always(int(s.Received) <= sent, "received more than was sent")
	taken := int(s.Received + s.Dropped)
	always(from.msgs <= taken && taken <= from.bodies, "not everything read is in the books, or more")
	always(s.RejectedTotal() == 0 && s.Fate(pipeline.Refused)+s.Fate(pipeline.Denied) == 0, "good messages rejected, or copies refused")
	always(confirmed <= to.honest, "confirmed without a PONG")
	always(to.pubs <= confirmed+unconfirmed, "copies on the wire that have another fate")
	always(delivered <= confirmed+unconfirmed, "delivered and not in the books")
	always(w.lossy || confirmed <= delivered, "confirmed and not delivered")
	for _, f := range []pipeline.Fate{pipeline.Unconfirmed, pipeline.Expired, pipeline.Abandoned} {
		if s.Fate(f) > 0 {
			w.network.saw(name + " " + f.String())
		}
	}
	if s.Dropped > 0 {
		w.network.saw(name + " ingest dropped")
	}
	if s.Fate(pipeline.Confirmed) > 0 {
		w.network.saw(name + " confirmed")
	}
}
