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
	// thawTime is how long a path stays in its queue group after its server was suspected: that server could not be told, and
	// the other side may need a moment more than this one.
	thawTime = 2 * time.Second
)

// A guard keeps a path in its queue group while what it receives can be served, and out of it while that cannot.
type guard struct {
	*path
	absence *absence  // nil while the path is of use
	retries retries   // during an absence
	checks  retries   // of a login that nothing gets through with
	renewed time.Time // when another login was last asked for to see what it may do
	thaw    time.Time // until when the path does not leave
	doubt   string    // that was logged last
	member  bool      // of the queue group, as logged last
}

// guard runs until ctx ends.
func (p *path) guard(ctx context.Context) {
	retry := time.NewTicker(rejoinInterval)
	defer retry.Stop()
	g := guard{path: p}
	for {
		g.serve(ctx)
		select {
		case <-p.changed:
		case <-retry.C:
		case <-ctx.Done():
			return
		}
	}
}

// serve joins or leaves the queue group.
func (g *guard) serve(ctx context.Context) {
	now := time.Now()
	g.judge(now)
	g.logDoubts()
	was, up := g.source.Subscribed(), g.absence == nil && g.up()
	if g.source.Suspected() {
		g.thaw = now.Add(thawTime)
	}
	if was && !up && now.Before(g.thaw) {
		return
	}
	err := g.source.Serve(ctx, up)
	if ctx.Err() != nil {
		return
	}
	g.noteRefusal(err)
	if err != nil {
		g.notes.notJoined(err)
	}
	g.logMembership(up)
}

// logMembership logs what has become of the path's place in its queue group, whoever joined: a link does, too, when it connects.
// That a connection was lost is logged by the link.
func (g *guard) logMembership(up bool) {
	switch is := g.source.Subscribed(); {
	case is == g.member:
		return
	case is:
		g.log.Info("joined the queue group")
	case !up:
		g.log.Warn("left the queue group: it could not be served", "reason", g.why())
	}
	g.member = !g.member
}

// up reports whether everything that is received can be served.
func (p *path) up() bool {
	if p.needs != nil && (!p.needs.source.Subscribed() || p.needs.source.Suspected()) {
		return false
	}
	for _, pub := range p.publishers {
		if !pub.Up() || pub.Suspected() {
			return false
		}
	}
	return true
}

// why says in a few words why the path cannot be served.
func (p *path) why() string {
	if t := p.trouble.Load(); t != nil {
		return *t
	}
	for _, pub := range p.publishers {
		switch {
		case !pub.Up():
			return "not connected to the " + p.to
		case pub.Suspected():
			return "the server of the " + p.to + " does not answer"
		}
	}
	return "replies cannot be carried"
}

// noteRefusal keeps why the queue group could not be joined, for Ready.
func (p *path) noteRefusal(err error) {
	var denied *link.DeniedError
	if !errors.As(err, &denied) {
		p.refusal.Store(nil)
		return
	}
	text := err.Error()
	p.refusal.Store(&text)
}
