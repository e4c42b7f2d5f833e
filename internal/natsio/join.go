package natsio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/socket"
)

// Attach implements Handler.
func (s *Source) Attach(ctx context.Context, session *link.Session) error {
	session.OnSuspect(s.cfg.Changed)
	session.OnDenied(s.cfg.Denied)
	in, old := s.use(session)
	err := s.join(ctx)
	if err == nil || waits(session, err) {
		return nil
	}
	s.mu.Lock()
	if s.intake == in {
		s.intake = old
	}
	s.mu.Unlock()
	go s.close(session, in) // ends with the session, which the Link closes
	return err
}

// use has session be the one to join over, in the place of old.
func (s *Source) use(session *link.Session) (in, old *intake) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, old = newIntake(s, session), s.intake
	s.intake, s.intakes[session] = in, in
	return in, old
}

// errFull says that a path has as much under way as it may.
var errFull = errors.New("the path is full")

// waits tells whether session is fine and will join later: reading is paused, so that an answer cannot come. What the server
// has sent meanwhile is still read.
func waits(session *link.Session, err error) bool {
	return session.Framed() && session.Alive() && (errors.Is(err, errFull) || errors.Is(err, context.DeadlineExceeded))
}

// overlap is how long a source stays in the queue group over the connection that it moves away from: the servers of a
// cluster send there until they know of the new one, and what comes for somebody who has left is lost.
const overlap = 250 * time.Millisecond

// Retire implements Handler.
func (s *Source) Retire(ctx context.Context, session *link.Session) error {
	in := s.unuse(session)
	if in == nil {
		return nil
	}
	for s.stays(ctx, in) {
		pause(ctx, retryInterval)
	}
	late, cancel := link.Grace(ctx)
	defer cancel()
	if s.seeOut(late, in) == nil {
		s.close(session, in)
		return nil
	}
	if session.Framed() {
		s.close(session, in)
	} else {
		go s.close(session, in) // ends with the session, which the Link closes
	}
	return errors.New("messages on their way from there may be lost")
}

// unuse stops joining over session, and returns what is left of it; nil if that is nothing.
func (s *Source) unuse(session *link.Session) *intake {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.intakes[session]
	if in != nil && s.intake == in {
		s.leave()
		s.intake = nil
	}
	return in
}

// seeOut waits until nothing more comes from in.
func (s *Source) seeOut(ctx context.Context, in *intake) error {
	s.mu.Lock()
	subs, left := slices.Clone(in.subs), in.left
	s.mu.Unlock()
	if left != nil {
		pause(ctx, overlap)
		left.depart()
	}
	return ended(ctx, subs)
}

// retryInterval is how often a session that is moved to tries to join the queue group.
const retryInterval = 250 * time.Millisecond

// stays has the session in use join the queue group in the place of in, and tells whether in has to stay because it cannot.
func (s *Source) stays(ctx context.Context, in *intake) bool {
	over := ctx.Err() != nil || !in.session.Alive() || in.session.Unsubscribed()
	if !over {
		_ = s.join(ctx) // whoever has the path serve is told why not
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sub == nil || s.sub.intake != in {
		return false
	}
	if over {
		s.leave()
	}
	return !over
}

// Lost implements Handler.
func (s *Source) Lost(session *link.Session, _ error) {
	s.mu.Lock()
	in := s.intakes[session]
	if in != nil && s.intake == in {
		s.intake = nil
	}
	if s.sub != nil && s.sub.intake == in {
		s.sub = nil
		s.setSubscribed(false)
	}
	s.mu.Unlock()
	if in != nil {
		s.close(session, in)
	}
}

// close ends the books of a session that has ended or brings nothing more. It waits for callbacks under way.
func (s *Source) close(session *link.Session, in *intake) {
	s.mu.Lock()
	delete(s.intakes, session)
	subs := slices.Clone(in.subs)
	s.mu.Unlock()
	if session.Framed() {
		for _, sub := range subs {
			sub.end()
		}
		return
	}
	_ = ended(context.Background(), subs) // cannot fail
	s.drop(int(in.missing()))
}

// join subscribes on the current session, if there is one and if that is what is asked for. It waits for others who do so.
func (s *Source) join(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	sub, err := s.subscribe(ctx)
	if sub == nil {
		return err
	}
	return s.joined(sub, sub.confirm(ctx))
}

const joinTimeout = 5 * time.Second

// subscribe asks the server for messages, unless there is no need to or no room for them. Only one subscription at a time
// waits for the server's answer.
func (s *Source) subscribe(ctx context.Context) (*subscription, error) {
	for {
		s.mu.Lock()
		sub, wait, err := s.trySubscribe()
		s.mu.Unlock()
		if wait == nil {
			return sub, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// trySubscribe returns what to wait for before it can be tried again, or nil. mu is held.
func (s *Source) trySubscribe() (sub *subscription, wait <-chan struct{}, err error) {
	switch in := s.intake; {
	case !s.serving || in == nil || s.sub != nil && s.sub.intake == in:
		return nil, nil, nil
	case s.joining != nil:
		return nil, s.joining.answered, nil
	case in.session.Framed() && s.cfg.Pool.Lent() > s.cfg.MaxBytes-socket.StormRead && s.cfg.Pool.Lent() > socket.StormRead:
		return nil, nil, errFull // what came could not be read
	default:
		in.subs = slices.DeleteFunc(in.subs, (*subscription).ended)
		// nats.go hands the messages of two subscriptions over side by side: the later could overtake the earlier.
		if len(in.subs) > 0 && !in.session.Framed() {
			return nil, in.subs[0].closed, nil
		}
		if sub, err = in.subscribe(); err != nil {
			return nil, nil, fmt.Errorf("subscribe to %q: %w", s.cfg.Subject, err)
		}
		in.subs = append(in.subs, sub)
		s.joining = sub
		return sub, nil, nil
	}
}

// confirm waits until the server has taken the subscription, or says that it has not.
func (sub *subscription) confirm(ctx context.Context) error {
	session, cfg := sub.intake.session, sub.intake.source.cfg
	if err := session.RoundTrip(ctx); err != nil {
		return fmt.Errorf("subscribe to %q: %w", cfg.Subject, err)
	}
	if err := session.Settle(ctx); err != nil {
		return err
	}
	return session.SubscribeDenied(cfg.Subject, cfg.Queue)
}

// joined takes the server's answer.
func (s *Source) joined(sub *subscription, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.joining = nil
	close(sub.answered)
	if err != nil || !s.serving || s.intake != sub.intake { // or nobody wants it any more
		sub.depart()
		var denied *link.DeniedError
		if errors.As(err, &denied) {
			sub.intake.session.ReportMissing(err) // a server may decide that at the login: make another
		}
		return err
	}
	if s.sub != nil {
		s.sub.intake.left = s.sub
	}
	s.sub = sub
	s.setSubscribed(true)
	return nil
}

// leave gives up the current subscription, if there is one. mu is held.
func (s *Source) leave() {
	if s.sub == nil {
		return
	}
	s.sub.depart()
	s.sub = nil
	s.setSubscribed(false)
}

func (s *Source) setSubscribed(on bool) {
	if s.subscribed.Swap(on) != on {
		s.cfg.Changed()
	}
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}
