package relay

import (
	"context"
	"errors"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
)

const (
	// rejoinInterval is the time between two attempts of a path to join its queue group.
	rejoinInterval = 2 * time.Second
	// stayAfterStall is for how long a path stays in its queue group after the server of the group
	// was suspected. A server that does not answer cannot learn that the path leaves. If both sides
	// have stood still, the other side may need a moment more to go on.
	stayAfterStall = 2 * time.Second
)

// A guard keeps a path in its queue group while the path can carry the messages that it receives,
// and out of the group while it cannot. The goroutine in watch owns all fields.
type guard struct {
	*path

	withdrawal *withdrawal // nil while copies get through, as far as is known
	nextTry    backoff     // when to try to end a withdrawal
	nextLogin  backoff     // when to ask for another login while nothing gets through
	askedAt    time.Time   // when another login was last asked for, to see what it may do
	stayUntil  time.Time   // the path does not leave its queue group before this

	loggedDoubt  string // the warning of a doubtful login that was logged last
	loggedMember bool   // whether the path is in the queue group, by the last log line
}

// watch guards the path, and blocks, until ctx ends.
func (g *guard) watch(ctx context.Context) {
	retry := time.NewTicker(rejoinInterval)
	defer retry.Stop()
	for {
		g.update(ctx)
		select {
		case <-g.changed:
		case <-retry.C:
		case <-ctx.Done():
			return
		}
	}
}

// update joins the queue group or leaves it, by the state of the connections and the fates of
// copies. It blocks for a round trip to the server.
func (g *guard) update(ctx context.Context) {
	now := time.Now()
	g.judge(now)
	g.logDoubts()
	obstacle := g.obstacle()
	serve := g.withdrawal == nil && obstacle == ""
	if stays := g.stays(now); stays && !serve {
		return
	}
	err := g.source.Serve(ctx, serve)
	if ctx.Err() != nil {
		return
	}
	g.noteDenial(err)
	if err != nil {
		g.notes.notJoined(err)
	}
	g.logMembership(serve, obstacle)
}

// obstacle says why the connections cannot carry what the path receives, or "" if they can.
func (p *path) obstacle() string {
	for _, l := range p.inUse() {
		switch {
		case !l.publisher.Up():
			return "not connected to the " + p.to
		case l.publisher.Suspected():
			return "the server of the " + p.to + " does not answer"
		}
	}
	if p.needs != nil && (!p.needs.source.Subscribed() || p.needs.source.Suspected()) {
		return "replies cannot be carried"
	}
	if p.forbids != nil {
		return p.forbids()
	}
	return ""
}

// stays reports whether the path remains in its queue group although it cannot serve, because the
// server of the group is suspected, or was until a moment ago.
func (g *guard) stays(now time.Time) bool {
	if g.source.Suspected() {
		g.stayUntil = now.Add(stayAfterStall)
	}
	return g.source.Subscribed() && now.Before(g.stayUntil)
}

// noteDenial stores for Ready that the server denies the queue group, if err says so.
func (p *path) noteDenial(err error) {
	var denied *link.DeniedError
	if !errors.As(err, &denied) {
		p.denial.Store(nil)
		return
	}
	text := err.Error()
	p.denial.Store(&text)
}

// logMembership logs that the path has joined its queue group or left it. The guard need not have
// done that, because a source joins by itself when its link connects. If the path is out because
// its connection was lost it logs nothing: the link does.
func (g *guard) logMembership(serve bool, obstacle string) {
	switch member := g.source.Subscribed(); {
	case member == g.loggedMember:
		return
	case member:
		g.log.Info("joined the queue group")
	case !serve:
		g.log.Warn("left the queue group: it could not be served", "reason", g.leftBecause(obstacle))
	}
	g.loggedMember = !g.loggedMember
}

func (g *guard) leftBecause(obstacle string) string {
	if trouble := g.trouble.Load(); trouble != nil {
		return *trouble
	}
	return obstacle
}
