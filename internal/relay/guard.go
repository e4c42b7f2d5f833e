package relay

import (
	"context"
	"errors"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
)

const (
	// rejoinInterval is how often a path that could not join its queue group tries again.
	rejoinInterval = 2 * time.Second
	// stayAfterStall is for how long a path stays in its queue group after the server of that group
	// was suspected. That server could not be told that the path leaves. And where both sides stood
	// still, the other one may need a moment more to go on.
	stayAfterStall = 2 * time.Second
)

// A guard keeps a path in its queue group while what the path receives can be carried, and out of
// it while it cannot. All its fields belong to the goroutine in watch.
type guard struct {
	*path

	withdrawal *withdrawal // nil while copies get through, as far as is known
	nextTry    backoff     // how a withdrawal ends: by trying again
	nextLogin  backoff     // when to ask for another login while nothing gets through
	askedAt    time.Time   // when another login was last asked for, to see what it may do
	stayUntil  time.Time   // the path does not leave its queue group before

	loggedDoubt  string // the warning of a doubtful login that was logged last
	loggedMember bool   // of the queue group, as the log has it
}

// watch looks after the path until ctx ends.
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

// update joins the queue group or leaves it, as the connections and the fate of copies ask for. It
// waits for the server.
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
	for _, pub := range p.publishers {
		switch {
		case !pub.Up():
			return "not connected to the " + p.to
		case pub.Suspected():
			return "the server of the " + p.to + " does not answer"
		}
	}
	if p.needs != nil && (!p.needs.source.Subscribed() || p.needs.source.Suspected()) {
		return "replies cannot be carried"
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

// noteDenial keeps for Ready why the server denies the queue group; nothing if it does not.
func (p *path) noteDenial(err error) {
	var denied *link.DeniedError
	if !errors.As(err, &denied) {
		p.denial.Store(nil)
		return
	}
	text := err.Error()
	p.denial.Store(&text)
}

// logMembership logs that the path has joined its queue group or left it, whoever did that: a link
// joins, too, when it connects. That a connection was lost is for the link to log.
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
