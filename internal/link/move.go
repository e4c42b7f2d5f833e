package link

import (
	"context"
	"errors"
	"sync"
	"time"
)

// moveSpread is the time over which relays spread that were all told at once to leave a server.
const moveSpread = 500 * time.Millisecond

// A mover is a planned change of server that is under way. The zero value means that none is
// planned.
type mover struct {
	due      <-chan time.Time // when to try; nil without a move
	backoff  backoff          // between attempts
	unlisted bool             // the only reason is that the server is not listed any more
}

// start plans the first attempt.
func (m *mover) start(unlisted bool) {
	m.due, m.unlisted = time.After(jitter(moveSpread/2)), unlisted
}

// planned returns the move that s needs when hold begins: because a session by e is wanted instead,
// or because it was under way when the endpoint was replaced.
func (l *Link) planned(ctx context.Context, s *Session, e *Endpoint) (m mover) {
	if why := l.outdated(ctx, s, e); why != "" {
		l.info(s.server.address()+" "+why+"; moving", "epoch", s.Epoch)
		l.makeRoom(s, &m, 0)
		return m
	}
	s.outdated = false
	l.noteOutdated(false)
	s.fits.Store(e)
	if s.leaving {
		m.start(false)
	}
	return m
}

// makeRoom plans a move of s after d, because a session made anew is wanted.
func (l *Link) makeRoom(s *Session, m *mover, d time.Duration) {
	s.outdated = true
	l.noteOutdated(true)
	m.due = time.After(d)
}

// onLameDuck starts a move away from a server that will not be there for long.
func (l *Link) onLameDuck(s *Session, m *mover) {
	if s.leaving {
		return // the server repeats itself
	}
	s.leaving = true
	l.event(EventLameDuck)
	l.info(s.server.address()+" is about to stop (lame duck mode); moving", "epoch", s.Epoch)
	m.start(false)
}

// onServerList starts a move when the server of s is not listed any more, and calls it off when it
// is listed again.
func (l *Link) onServerList(s *Session, m *mover, list serverList) {
	switch listed := list.contains(s.server); {
	case s.outdated:
	case listed && m.due != nil && m.unlisted:
		*m = mover{}
	case !listed && m.due == nil:
		l.info(s.server.address()+" is not listed any more; moving", "epoch", s.Epoch)
		m.start(true)
	}
}

// move connects to another server and attaches that session. Only then s is retired, because
// messages may still be on their way there. It returns the session to hold. That is s if no other
// server can be had, and then another attempt is planned.
func (l *Link) move(ctx context.Context, s *Session, m *mover) *Session {
	next, err := l.open(ctx, s)
	if errors.Is(err, errListed) {
		*m = mover{}
		return s
	}
	if err != nil {
		if ctx.Err() == nil {
			l.reportFailure(err, "staying with "+s.server.address())
		}
		m.due = time.After(m.backoff.next())
		return s
	}
	*m = mover{}
	how := "moved to"
	if next.server.same(s.server) {
		how = "connected again to"
	}
	l.reportConnected(next, how, "")
	l.event(EventMoved)
	l.retireBeside(ctx, s)
	return next
}

// retireBeside retires s in a goroutine of its own, and does not block. A session that is still
// being retired from an earlier move gets HandlerTimeout from now on.
func (l *Link) retireBeside(ctx context.Context, s *Session) {
	l.endPatience()
	retiring, cancel := context.WithCancel(ctx)
	l.endPatience = cancel
	l.retires.Go(func() {
		defer cancel()
		defer l.forget(s)
		l.retire(retiring, s)
	})
}

// watchServerList asks DNS for the server list at intervals until ctx ends, and sends the answers
// on the channel. It returns nil if DNS does not decide where to connect. It leaves out failures
// and partial answers, because the Link must not move for them.
func (l *Link) watchServerList(ctx context.Context, wg *sync.WaitGroup, e *Endpoint) <-chan serverList {
	if !e.dynamic() {
		return nil
	}
	lists := make(chan serverList)
	wg.Go(func() {
		for wait := l.untilLook(e); sleep(ctx, wait); wait = e.watchInterval() {
			list, err := e.lookupServers(ctx)
			if ctx.Err() != nil {
				return
			}
			if err != nil || list.partial || list.assumed != "" {
				l.event(EventResolveFailed)
				continue
			}
			select {
			case lists <- list:
			case <-ctx.Done():
			}
		}
	})
	return lists
}

// untilLook returns how long the first look at the server list of e waits. One that has replaced
// another may mean other servers. Links that were told so at once spread.
func (l *Link) untilLook(e *Endpoint) time.Duration {
	if e == l.cfg.Endpoint {
		return e.watchInterval()
	}
	return min(jitter(moveSpread/2), e.watchInterval())
}
