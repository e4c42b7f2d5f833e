package link

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// HandlerTimeout is how long Attach of a Handler may take, and how long Retire may take after its
// ctx has ended.
const HandlerTimeout = 10 * time.Second

// establish blocks until there is an attached session, and returns it. It returns nil if ctx ends
// first.
func (l *Link) establish(ctx context.Context) *Session {
	for {
		e := l.endpoint()
		s, err := l.open(ctx, nil)
		if err == nil {
			l.reportConnected(s, "connected to", afterOutage(l.outage.lasting(time.Now())))
			return s
		}
		if ctx.Err() != nil {
			return nil
		}
		l.reportFailure(err, "retrying")
		if !sleepUnlessReplaced(ctx, e, l.backoff.next()) {
			return nil
		}
		if e.isReplaced() {
			l.backoff.reset()
		}
	}
}

// hold keeps s, or a session that replaces it, and blocks until that is gone. Then it returns nil.
// If the endpoint has been replaced it returns the session to hold on. All events of a session are
// dealt with here, one after the other.
func (l *Link) hold(ctx context.Context, s *Session) *Session {
	watching, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	e := l.endpoint()
	m := l.planned(ctx, s, e)
	lists := l.watchServerList(watching, &wg, e)
	for {
		select {
		case <-ctx.Done():
			l.retire(ctx, s)
			return nil
		case <-s.done:
			l.lost(s, s.Err())
			return nil
		case err := <-s.missing:
			s.close()
			l.lost(s, err)
			return nil
		case <-e.replaced:
			return s
		case <-s.lameDuck:
			l.onLameDuck(s, &m)
		case list := <-lists:
			l.onServerList(s, &m, list)
		case why := <-s.renewals:
			s = l.renew(ctx, s, e, why, &m)
		case <-m.due:
			s = l.move(ctx, s, &m)
		}
	}
}

// lost deals with the unplanned end of s: it begins a rest of the server, logs and reports the end.
func (l *Link) lost(s *Session, err error) {
	l.outage = outage{} // what has failed while s was there is over
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

// reportEnd reports the unplanned end of s to the status, the counters, the log and the handler.
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
