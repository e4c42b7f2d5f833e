package link

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// HandlerTimeout is how much time a Handler has for Attach, and for the rest of Retire once its ctx
// has ended.
const HandlerTimeout = 10 * time.Second

// establish returns an attached session, however long that takes. It returns nil when ctx ended
// first.
func (l *Link) establish(ctx context.Context) *Session {
	for {
		s, err := l.open(ctx, nil)
		if err == nil {
			l.reportConnected(s, "connected to")
			return s
		}
		if ctx.Err() != nil {
			return nil
		}
		l.reportFailure(err, "retrying")
		if !sleep(ctx, l.backoff.next()) {
			return nil
		}
	}
}

// hold keeps s, or the session that replaces it, until it is gone. All that may happen to a session
// is dealt with here, one after the other.
func (l *Link) hold(ctx context.Context, s *Session) {
	watching, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	lists := l.watchServerList(watching, &wg)
	var m mover
	for {
		select {
		case <-ctx.Done():
			l.retire(ctx, s)
			return
		case <-s.done:
			l.lost(s, s.Err())
			return
		case err := <-s.missing:
			s.close()
			l.lost(s, err)
			return
		case <-s.lameDuck:
			l.onLameDuck(s, &m)
		case list := <-lists:
			l.onServerList(s, &m, list)
		case why := <-s.renewals:
			s = l.renew(ctx, s, why)
		case <-m.due:
			s = l.move(ctx, s, &m)
		}
	}
}

// lost deals with the unplanned end of s: how long its server rests, what is logged, who is told.
func (l *Link) lost(s *Session, err error) {
	steadily := time.Since(s.since) >= steady
	if steadily {
		l.backoff.reset()
	}
	l.rests.begin(s.server, steadily)
	if s.cutOff.Load() {
		l.reportEnd(s, "cut the connection to "+s.server.address(), err)
		return
	}
	text := fmt.Sprintf("lost %s: %s", s.server.address(), l.explain(s, err))
	l.noteError(text)
	l.reportEnd(s, text+"; reconnecting", err)
}

// reportEnd tells the status, the counters, the log and the handler that s has ended.
func (l *Link) reportEnd(s *Session, text string, err error) {
	l.stopUsing(s)
	l.event(EventDisconnected)
	if e := endEvent(err); e != "" {
		l.event(e)
	}
	lived := time.Since(s.since).Truncate(time.Millisecond)
	l.warn(text, "epoch", s.Epoch, "after", lived)
	l.cfg.Handler.Lost(s, err)
}

// retire ends s as planned. It blocks for as long as the handler takes. If s dies meanwhile, it is
// reported as lost all the same.
func (l *Link) retire(ctx context.Context, s *Session) {
	var unfinished error
	if s.Alive() {
		unfinished = l.cfg.Handler.Retire(ctx, s)
	}
	address := s.server.address()
	if !s.Alive() {
		l.reportEnd(s, fmt.Sprintf("lost %s while leaving it: %s", address, explain(s.Err())), s.Err())
		return
	}
	l.stopUsing(s)
	s.close()
	if unfinished != nil {
		l.event(EventLeftEarly)
		l.warn(fmt.Sprintf("left %s before all was done: %s", address, unfinished), "epoch", s.Epoch)
		return
	}
	l.info("left "+address, "epoch", s.Epoch)
}
