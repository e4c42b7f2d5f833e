package natsio

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// handlerTimeout bounds what a Handler is given for Attach and for Retire.
const handlerTimeout = 10 * time.Second

// establish returns an attached session, however long that takes; nil when ctx ended first.
func (l *Link) establish(ctx context.Context) *Session {
	for {
		s, err := l.open(ctx, nil)
		if err == nil {
			l.recovered(s, "connected to")
			return s
		}
		if ctx.Err() != nil {
			return nil
		}
		l.failed(err, "retrying")
		if !sleep(ctx, l.backoff.next()) {
			return nil
		}
	}
}

// hold keeps s, or what replaces it, until it is gone.
func (l *Link) hold(ctx context.Context, s *Session) {
	watching, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	lists := l.watch(watching, &wg)
	var m mover
	for {
		select {
		case <-ctx.Done():
			l.retire(s)
			return
		case <-s.done:
			l.lost(s, s.Err())
			return
		case err := <-s.unsubbed:
			s.close()
			l.lost(s, err)
			return
		case <-s.lameDuck:
			l.leave(s, &m)
		case list := <-lists:
			l.compare(s, &m, list)
		case <-m.due:
			s = l.move(ctx, s, &m)
		}
	}
}

// lost reports the unplanned end of s.
func (l *Link) lost(s *Session, err error) {
	lived := time.Since(s.since)
	if lived >= steady {
		l.backoff.reset()
	}
	text := fmt.Sprintf("lost %s: %s", s.server.address(), explain(err))
	l.unuse(s)
	l.noteError(text)
	l.event(EventDisconnected)
	if e := endEvent(err); e != "" {
		l.event(e)
	}
	l.logger().Warn(l.cfg.Endpoint.Label()+": "+text+"; reconnecting", "epoch", s.Epoch, "after", lived.Truncate(time.Millisecond))
	l.cfg.Handler.Lost(s, err)
}

// retire ends s as planned. If s dies meanwhile it is lost all the same.
func (l *Link) retire(s *Session) {
	ctx, cancel := context.WithTimeout(context.Background(), handlerTimeout)
	defer cancel()
	if s.alive() {
		l.cfg.Handler.Retire(ctx, s)
	}
	if !s.alive() {
		l.lost(s, s.Err())
		return
	}
	l.unuse(s)
	s.close()
	l.logger().Info(l.cfg.Endpoint.Label()+": left "+s.server.address(), "epoch", s.Epoch)
}
