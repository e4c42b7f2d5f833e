package relay

import (
	"context"
	"slices"
	"strings"
	"time"
)

const (
	// holdTries is how often exchange looks for a moment in which nothing comes in, and nothing is
	// being published.
	holdTries = 20
	// holdEvery is the time between two of these, and settleEvery that between two looks whether
	// the path is idle.
	holdEvery, settleEvery = 5 * time.Millisecond, time.Millisecond
	// longestWait is the most time between two attempts to change the lanes of a busy path.
	longestWait = 30 * time.Second
)

// change takes next into use in place of the present lanes, and reports whether it could. It could
// not if the path is busy, and then the next attempt has to wait. It holds the path up for as long
// as longestHold says.
func (z *sizer) change(ctx context.Context, next []*lane) bool {
	if !z.exchange(ctx, next) {
		z.wait = min(max(2*z.wait, z.Look), longestWait)
		z.restUntil = time.Now().Add(z.wait)
		return false
	}
	z.setIdlers(slices.DeleteFunc(slices.Clone(z.idlers()), func(l *lane) bool { return slices.Contains(next, l) }))
	z.wait, z.few = 0, spell{}
	z.restUntil = time.Now().Add(z.Rest)
	z.wake()
	return true
}

// exchange looks for a moment in which nothing comes in and nothing is under way, and puts next in
// the place of the present lanes then. It reports whether there was one. It does not hold up a path
// that is publishing.
func (z *sizer) exchange(ctx context.Context, next []*lane) (done bool) {
	for range holdTries {
		published, _ := z.pipeline.Idle()
		held := published && z.source.Hold(func() {
			if done = z.settled(ctx); done {
				z.pipeline.SetLanes(publishersOf(next))
				z.lanes.Store(&next)
			}
		})
		if held || !pause(ctx, holdEvery) {
			break
		}
	}
	return done
}

// longestHold is how long this attempt may hold the path up. published says that only answers of
// the server are missing: it answers for the latest copies after one or two round trips. So if it
// is far away, later attempts take longer. A path with much to publish is not held up any longer
// for that.
func (z *sizer) longestHold(published bool) time.Duration {
	if !published {
		return z.Hold
	}
	return min(z.Hold+z.wait/4, 4*z.Hold)
}

// settled blocks until nothing is under way and no copy is in doubt. It returns false if that takes
// longer than longestHold, or ctx ends. Nothing may come in meanwhile.
func (z *sizer) settled(ctx context.Context) bool {
	for began := time.Now(); ; {
		published, _ := z.pipeline.Idle()
		if published && z.inDoubt() == 0 {
			return true
		}
		if time.Since(began) >= z.longestHold(published) || !pause(ctx, settleEvery) {
			return false
		}
	}
}

// pause blocks for d. It returns false if ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// dismissFresh makes the lanes leave that were connected and are not in use.
func (z *sizer) dismissFresh() {
	for _, l := range z.fresh {
		l.end()
	}
	z.fresh = nil
}

// dismiss makes lanes leave that were in use.
func (z *sizer) dismiss(lanes []*lane) {
	z.setIdlers(append(slices.Clone(z.idlers()), lanes...))
	for _, l := range lanes {
		l.end()
	}
}

func (z *sizer) setIdlers(lanes []*lane) { z.beside.Store(&lanes) }

// lost reports whether the lane has no connection.
func (l *lane) lost() bool { return !l.publisher.Up() }

// hasEnded reports whether the link of the lane has ended.
func (l *lane) hasEnded() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// refusal says why the lane has no connection.
func (l *lane) refusal() string {
	if why := l.link.Status().LastError; why != "" {
		return why
	}
	return "no connection in time"
}

// turnedAway reports whether the lane has no connection because the servers, or the account, have
// as many as they take. Nodes cannot connect then, either.
func (l *lane) turnedAway() bool {
	return strings.Contains(l.link.Status().LastError, "connections exceeded")
}
