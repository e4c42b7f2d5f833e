package sim

import (
	"fmt"
	"testing/synctest"
	"time"
)

// What happens to whole servers and to the network, besides what the plans of connections say.

// weather has something happen now and then, until the time is up.
func (w *world) weather(until time.Time) {
	for {
		pause := between(w.rng, 100*time.Millisecond, 8*time.Second)
		if time.Now().Add(pause).After(until) {
			break
		}
		pass(pause)
		w.strike()
	}
	if left := time.Until(until); left > 0 {
		pass(left)
	}
}

func (w *world) strike() {
	all := w.stations()
	s := all[w.rng.IntN(len(all))]
	switch w.rng.IntN(7) {
	case 0:
		w.restart(s, true)
	case 1:
		w.restart(s, false)
	case 2:
		w.flap(between(w.rng, 100*time.Millisecond, 3*time.Second))
	case 3:
		w.close(s, between(w.rng, 100*time.Millisecond, 5*time.Second))
	case 4, 5:
		w.lameDuck(w.withTwo(s))
	case 6:
		for _, c := range w.network.open(s) {
			c.cut()
		}
		w.network.saw("everything cut")
	}
}

// withTwo returns s, or a station of a side that has two.
func (w *world) withTwo(s *station) *station {
	if len(w.federation) > 1 {
		return w.federation[w.rng.IntN(2)]
	}
	if len(w.collective) > 1 {
		return w.collective[w.rng.IntN(2)]
	}
	return s
}

// restart puts a new server in the place of an old one. A gentle restart cuts the relay off first
// and lets the old server hand over what it has.
func (w *world) restart(s *station, gentle bool) {
	s.shut.Store(true)
	defer s.shut.Store(false)
	if gentle {
		for _, c := range w.network.open(s) {
			c.cut()
		}
		synctest.Wait()
		w.crowd.sync()
		w.network.saw("restart behind a cut")
	} else {
		w.lossy = true
		w.network.saw("restart of the " + s.side)
	}
	if err := s.server.Restart(); err != nil {
		w.network.violation("BUG of the simulation: %v", err)
	}
	w.crowd.sync()
}

// flap cuts every connection again and again, 5 to 35 ms after it was made.
func (w *world) flap(d time.Duration) {
	w.network.setFlapping(true)
	for _, s := range w.stations() {
		for _, c := range w.network.open(s) {
			c.cut()
		}
	}
	pass(d)
	w.network.setFlapping(false)
}

func (n *network) setFlapping(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.flapping = on
}

// close cuts the relay off from a server, which cannot be dialled for a while.
func (w *world) close(s *station, d time.Duration) {
	s.shut.Store(true)
	for range 3 { // requests that the relay cannot carry yet
		w.ask(0, 1+w.rng.IntN(3), 10<<10, 100)
	}
	pass(time.Millisecond)
	for _, c := range w.network.open(s) {
		c.cut()
	}
	pass(d)
	s.shut.Store(false)
}

// lameDuck has a server announce its end, wait, and come back as another.
func (w *world) lameDuck(s *station) {
	s.shut.Store(true)
	for _, c := range w.network.open(s) {
		c.announce()
	}
	w.trickle()
	pass(between(w.rng, 100*time.Millisecond, 8*time.Second))
	w.restart(s, w.rng.IntN(2) == 0)
}

// trickle sends replies to one client for a second, so that copies are in doubt during a move.
func (w *world) trickle() {
	w.trickles++
	for range 20 {
		w.crowd.answer(0, fmt.Sprintf("t%d", w.trickles), "n00001.ldn.example.net", w.rng.IntN(4000))
		pass(50 * time.Millisecond)
	}
}
