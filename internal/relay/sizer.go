package relay

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A sizer keeps the number of lanes of a path in proportion to the number of subjects that copies
// go to. It adds connections beside those in use, and takes all into use at once while nothing is
// under way: no copy is written to a lane before all copies written to others are confirmed. The
// goroutine in watch owns all fields.
type sizer struct {
	*path
	Sizing
	side  *side       // that the path publishes to
	start func(*lane) // runs a lane
	fresh []*lane     // connected, and not in use yet

	restUntil   time.Time     // nothing changes before this
	growAfter   time.Time     // the number does not grow before this
	wait        time.Duration // until the next attempt after one that the path was too busy for
	counting    time.Time     // when this generation of subjects began
	few         spell         // half of the lanes or fewer are wanted
	divided     spell         // some lanes in use have a connection, and some have none
	saidRefused bool          // that no more lanes can connect
}

// newSizer returns the sizer of the request path, or nil if the number of lanes is set. start runs
// a lane.
func (r *Relay) newSizer(start func(*lane)) *sizer {
	if !r.request.sized(r.cfg) {
		return nil
	}
	return &sizer{path: r.request, Sizing: r.options.Sizing.withDefaults(), side: r.sides[1], start: start}
}

// watch sizes the path, and blocks, until ctx ends. The lanes that are not in use then leave.
func (z *sizer) watch(ctx context.Context) {
	if z == nil {
		return
	}
	defer z.dismissFresh()
	z.counting = time.Now()
	tick := time.NewTicker(z.Look)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			z.look(ctx, time.Now())
		case <-ctx.Done():
			return
		}
	}
}

// look counts, and changes the number of lanes if it is time for that.
func (z *sizer) look(ctx context.Context, now time.Time) {
	z.setIdlers(slices.DeleteFunc(slices.Clone(z.idlers()), (*lane).hasEnded))
	if now.Sub(z.counting) >= z.Generation {
		z.pipeline.AgeSubjects()
		z.counting = now
	}
	have, subjects := len(z.inUse()), z.pipeline.Subjects()
	wanted := z.wanted(subjects)
	surplus := z.surplus(wanted, have, now)
	up, lost := z.byConnection()
	divided := z.divided.lasts(len(up) > 0 && len(lost) > 0, now)
	switch {
	case now.Before(z.restUntil):
	case len(lost) > 0:
		z.dismissFresh()
		if divided >= z.Patience {
			z.giveUpLost(ctx, up, lost)
		}
	case wanted <= have:
		z.dismissFresh()
		if surplus {
			z.shrink(ctx, wanted, subjects)
		}
	case now.After(z.growAfter) && z.carries():
		z.grow(ctx, wanted, subjects)
	}
}

// surplus reports whether half of the lanes or fewer have been wanted for long.
func (z *sizer) surplus(wanted, have int, now time.Time) bool {
	return z.few.lasts(2*wanted <= have, now) >= z.Surplus
}

// byConnection returns the lanes in use that have a connection, and those that have none.
func (z *sizer) byConnection() (up, lost []*lane) {
	for _, l := range z.inUse() {
		if l.lost() {
			lost = append(lost, l)
		} else {
			up = append(up, l)
		}
	}
	return up, lost
}

// carries reports whether the lanes in use are as they should be. Only then more of them can help.
func (z *sizer) carries() bool { return z.obstacle() == "" && z.trouble.Load() == nil && z.trusted() }

// grow makes lanes until there are as many as wanted, and takes them into use. If the path is too
// busy for that, the lanes wait for the next call.
func (z *sizer) grow(ctx context.Context, wanted, subjects int) {
	have := len(z.inUse())
	for have+len(z.fresh) < wanted {
		switch up, refusal := z.connect(ctx); {
		case refusal != "":
			z.refused(wanted, refusal)
			return
		case !up: // a lane in use is lost, or ctx has ended
			z.disturbed()
			return
		}
	}
	if slices.ContainsFunc(z.fresh, (*lane).lost) {
		z.disturbed()
		return
	}
	if z.change(ctx, slices.Concat(z.inUse(), z.fresh)) {
		z.fresh, z.saidRefused = nil, false
		z.logNumber(subjects)
	}
}

// connect makes a lane and waits until it has a connection, for Patience at most, and not if no
// connections are left. It returns why it has none, or nothing if a lane in use is lost meanwhile
// or ctx ends.
func (z *sizer) connect(ctx context.Context) (up bool, refusal string) {
	l := z.newLane(z.freeNumber())
	z.side.addLink(l, z.log)
	z.fresh = append(z.fresh, l)
	z.setIdlers(append(slices.Clone(z.idlers()), l))
	z.start(l)
	patience := time.NewTimer(z.Patience)
	defer patience.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !l.up() {
		select {
		case <-tick.C:
		case <-patience.C:
			return false, l.refusal()
		case <-ctx.Done():
			return false, ""
		}
		switch {
		case slices.ContainsFunc(z.inUse(), (*lane).lost):
			return false, ""
		case l.turnedAway():
			return false, l.refusal()
		}
	}
	return true, ""
}

// freeNumber returns the lowest number that no lane has.
func (z *sizer) freeNumber() int {
	for n := 1; ; n++ {
		if !slices.ContainsFunc(z.allLanes(), func(l *lane) bool { return l.number == n }) {
			return n
		}
	}
}

// disturbed gives up growing for a while, because connections that were made are lost.
func (z *sizer) disturbed() {
	z.dismissFresh()
	z.growAfter = time.Now().Add(z.Patience)
}

// refused gives up growing for a long time, because a lane got no connection. Where connections are
// limited, somebody else may need those that were made.
func (z *sizer) refused(wanted int, why string) {
	z.dismissFresh()
	z.growAfter = time.Now().Add(z.Retry)
	if z.saidRefused {
		return
	}
	z.saidRefused = true
	have := len(z.inUse())
	z.log.Warn(fmt.Sprintf("publishing over %s goes on: %d could not be had; if connections are limited there, "+
		"raise max_connections of the server or the account, or set pipeline.lanes: %d",
		connections(have), wanted, have), "error", why)
}

// giveUpLost leaves out the lanes that have had no connection for Patience, although others had one
// all the time. A server that takes fewer connections than before would keep the path out of its
// queue group for ever. It waits for copies of these lanes to get their fates.
func (z *sizer) giveUpLost(ctx context.Context, up, lost []*lane) {
	recently := func(l *lane) bool { return time.Since(l.link.Status().Since) < z.Patience }
	if slices.ContainsFunc(lost, recently) || !z.change(ctx, up) {
		return
	}
	z.growAfter = time.Now().Add(z.Retry)
	z.log.Warn(fmt.Sprintf("publishing over %s now: the others could not be had again", connections(len(up))),
		"error", lost[0].refusal())
	z.dismiss(lost)
}

// shrink takes lanes out of use until there are as many as wanted.
func (z *sizer) shrink(ctx context.Context, wanted, subjects int) {
	z.dismissFresh()
	lanes := z.inUse()
	if z.change(ctx, lanes[:wanted:wanted]) {
		z.dismiss(lanes[wanted:])
		z.logNumber(subjects)
	}
}

func (z *sizer) logNumber(subjects int) {
	z.log.Info(fmt.Sprintf("publishing over %s now, for about %d nodes", connections(len(z.inUse())), subjects))
}

func connections(n int) string {
	if n == 1 {
		return "1 connection"
	}
	return fmt.Sprintf("%d connections", n)
}
