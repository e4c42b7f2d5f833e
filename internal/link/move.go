package link

import (
	"context"
	"errors"
	"sync"
	"time"
)

// moveSpread is over how long relays spread that were told at once to leave a server.
const moveSpread = 500 * time.Millisecond

// mover is a planned change of server under way. The zero value is none.
type mover struct {
	due     <-chan time.Time // when to try; nil for no move
	backoff backoff
	listed  bool // only because the server is not listed any more
}

func (m *mover) start(listed bool) {
	m.due, m.listed = time.After(jitter(moveSpread/2)), listed
}

// leave is for a server in lame duck mode: it will not be there for long.
func (l *Link) leave(s *Session, m *mover) {
	if s.leaving {
		return // the server repeats itself
	}
	s.leaving = true
	l.event(EventLameDuck)
	l.logger().Info(l.cfg.Endpoint.Label()+": "+s.server.address()+" is about to stop (lame duck mode); moving", "epoch", s.Epoch)
	m.start(false)
}

// compare starts a move when s is not listed any more, and calls it off when it is listed again.
func (l *Link) compare(s *Session, m *mover, list serverList) {
	switch listed := list.contains(s.server); {
	case listed && m.due != nil && m.listed:
		*m = mover{}
	case !listed && m.due == nil:
		l.logger().Info(l.cfg.Endpoint.Label()+": "+s.server.address()+" is not listed any more; moving", "epoch", s.Epoch)
		m.start(true)
	}
}

// move connects elsewhere, attaches that, and only then has s retired, beside everything else: much
// may be on its way there. When nothing else can be had it keeps s and tries again later. It
// returns the session to hold.
func (l *Link) move(ctx context.Context, s *Session, m *mover) *Session {
	next, err := l.open(ctx, s)
	if errors.Is(err, errListed) {
		*m = mover{}
		return s
	}
	if err != nil {
		if ctx.Err() == nil {
			l.failed(err, "staying with "+s.server.address())
		}
		m.due = time.After(m.backoff.next())
		return s
	}
	*m = mover{}
	l.recovered(next, "moved to")
	l.event(EventMoved)
	l.depart(ctx, s)
	return next
}

// depart has s retired, beside everything else. The one before it gets no more time.
func (l *Link) depart(ctx context.Context, s *Session) {
	l.hasten()
	leaving, cancel := context.WithCancel(ctx)
	l.hasten = cancel
	l.leaving.Go(func() {
		defer cancel()
		defer l.forget(s)
		l.retire(leaving, s)
	})
}

// watch asks DNS now and then until ctx ends, if DNS decides. Failures and half answers move
// nobody.
func (l *Link) watch(ctx context.Context, wg *sync.WaitGroup) <-chan serverList {
	e := l.cfg.Endpoint
	if !e.dynamic() {
		return nil
	}
	lists := make(chan serverList)
	wg.Go(func() {
		for sleep(ctx, e.watchInterval()) {
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
