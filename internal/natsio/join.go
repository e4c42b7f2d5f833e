package natsio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
)

// Attach implements link.Handler.
func (s *Source) Attach(ctx context.Context, session *link.Session) error {
	session.OnSuspect(s.cfg.Changed)
	session.OnDenied(s.cfg.Denied)
	i, old := s.use(session)
	err := s.join(ctx)
	if err == nil || i.inlet.outlasts(err) {
		return nil
	}
	s.mu.Lock()
	if s.intake == i {
		s.intake = old
	}
	s.mu.Unlock()
	go s.finish(i) // ends with the session, which the Link closes
	return err
}

// use has session be the one to join over, in the place of old.
func (s *Source) use(session *link.Session) (i, old *intake) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, old = newIntake(s, session), s.intake
	s.intake, s.intakes[session] = i, i
	return i, old
}

// errFull says that a path has as much under way as it may.
var errFull = errors.New("the path is full")

// overlap is how long a source stays in the queue group over the connection that it moves away
// from. The servers of a cluster send there until they know of the new one, and what comes for
// somebody who has left is lost.
const overlap = 250 * time.Millisecond

// Retire implements link.Handler.
func (s *Source) Retire(ctx context.Context, session *link.Session) error {
	i := s.unuse(session)
	if i == nil {
		return nil
	}
	for s.stays(ctx, i) {
		pause(ctx, retryInterval)
	}
	late, cancel := link.Grace(ctx)
	defer cancel()
	if s.seeOut(late, i) == nil {
		s.finish(i)
		return nil
	}
	go s.finish(i) // ends with the session, which the Link closes
	return errors.New("messages on their way from there may be lost")
}

// unuse stops joining over session, and returns what is left of it; nil if that is nothing.
func (s *Source) unuse(session *link.Session) *intake {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.intakes[session]
	if i != nil && s.intake == i {
		s.leave()
		s.intake = nil
	}
	return i
}

// seeOut waits until nothing more comes from i. Its error is ctx's.
func (s *Source) seeOut(ctx context.Context, i *intake) error {
	s.mu.Lock()
	subs, left := slices.Clone(i.subs), i.left
	s.mu.Unlock()
	if left != nil {
		pause(ctx, overlap)
		left.depart()
	}
	return ended(ctx, subs)
}

// retryInterval is how often a session that is moved to tries to join the queue group.
const retryInterval = 250 * time.Millisecond

// stays has the session in use join the queue group in the place of i, and reports whether i has to
// stay because it cannot.
func (s *Source) stays(ctx context.Context, i *intake) bool {
	over := ctx.Err() != nil || !i.session.Alive() || i.session.Unsubscribed()
	if !over {
		_ = s.join(ctx) // whoever has the path serve is told why not
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sub == nil || s.sub.intake != i {
		return false
	}
	if over {
		s.leave()
	}
	return !over
}

// Lost implements link.Handler.
func (s *Source) Lost(session *link.Session, _ error) {
	s.mu.Lock()
	i := s.intakes[session]
	if i != nil && s.intake == i {
		s.intake = nil
	}
	if s.sub != nil && s.sub.intake == i {
		s.sub = nil
		s.setSubscribed(false)
	}
	s.mu.Unlock()
	if i != nil {
		s.finish(i)
	}
}

// finish ends the books of a session that has ended or brings nothing more. It waits for callbacks
// under way.
func (s *Source) finish(i *intake) {
	s.mu.Lock()
	delete(s.intakes, i.session)
	subs := slices.Clone(i.subs)
	s.mu.Unlock()
	s.drop(i.inlet.finish(subs))
}

// join subscribes on the current session, if there is one and if that is what is asked for. It
// waits for others who do so.
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

// subscribe asks the server for messages, unless there is no need to or no room for them. Only one
// subscription at a time waits for the server's answer.
func (s *Source) subscribe(ctx context.Context) (*subscription, error) {
	for {
		s.mu.Lock()
		sub, before, err := s.trySubscribe()
		s.mu.Unlock()
		if before == nil {
			return sub, err
		}
		select {
		case <-before:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// trySubscribe returns what to wait for before it can be tried again, or nil. mu is held.
func (s *Source) trySubscribe() (sub *subscription, before <-chan struct{}, err error) {
	i := s.intake
	switch {
	case !s.serving || i == nil || s.sub != nil && s.sub.intake == i:
		return nil, nil, nil
	case s.joining != nil:
		return nil, s.joining.answered, nil
	}
	i.subs = slices.DeleteFunc(i.subs, (*subscription).ended)
	if before, err = i.inlet.admit(i.subs); before != nil || err != nil {
		return nil, before, err
	}
	if sub, err = i.inlet.subscribe(); err != nil {
		return nil, nil, fmt.Errorf("subscribe to %q: %w", s.cfg.Subject, err)
	}
	i.subs = append(i.subs, sub)
	s.joining = sub
	return sub, nil, nil
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
			// A server may decide that at the login: make another.
			sub.intake.session.ReportMissing(err)
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
