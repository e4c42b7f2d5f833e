package natsio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Attach implements Handler.
func (s *Source) Attach(ctx context.Context, session *Session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, old := newIntake(s, session), s.intake
	s.intake = in
	if err := s.join(ctx); err != nil && !waits(session, err) {
		s.intake = old
		go s.close(session, in) // ends with the session, which the Link closes
		return err
	}
	s.intakes[session] = in
	return nil
}

// errFull says that a path has as much under way as it may.
var errFull = errors.New("the path is full")

// waits tells whether session is fine and will join later: reading is paused, so that an answer cannot come. What the server
// has sent meanwhile is still read.
func waits(session *Session, err error) bool {
	return session.framed() && session.alive() && (errors.Is(err, errFull) || errors.Is(err, context.DeadlineExceeded))
}

// overlap is how long a source stays in the queue group over the connection that it moves away from: the servers of a
// cluster send there until they know of the new one, and what comes for somebody who has left is lost.
const overlap = 250 * time.Millisecond

// Retire implements Handler.
func (s *Source) Retire(ctx context.Context, session *Session) error {
	in := s.unuse(session)
	if in == nil {
		return nil
	}
	for s.stays(ctx, in) {
		sleep(ctx, retryInterval)
	}
	if s.seeOut(ctx, in) == nil {
		s.close(session, in)
		return nil
	}
	if session.framed() {
		s.close(session, in)
	} else {
		go s.close(session, in) // ends with the session, which the Link closes
	}
	return errors.New("messages on their way from there may be lost")
}

// unuse stops joining over session, and returns what is left of it; nil if that is nothing.
func (s *Source) unuse(session *Session) *intake {
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
		sleep(ctx, overlap)
		left.depart()
	}
	return ended(ctx, subs)
}

// retryInterval is how often a session that is moved to tries to join the queue group.
const retryInterval = 250 * time.Millisecond

// stays has the session in use join the queue group in the place of in, and tells whether in has to stay because it cannot.
func (s *Source) stays(ctx context.Context, in *intake) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sub == nil || s.sub.intake != in {
		return false
	}
	if ctx.Err() != nil || !in.session.alive() {
		s.leave()
		return false
	}
	return s.join(ctx) != nil || s.sub.intake == in
}

// Lost implements Handler.
func (s *Source) Lost(session *Session, _ error) {
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
func (s *Source) close(session *Session, in *intake) {
	s.mu.Lock()
	delete(s.intakes, session)
	subs := slices.Clone(in.subs)
	s.mu.Unlock()
	if session.framed() {
		for _, sub := range subs {
			sub.end()
		}
		return
	}
	_ = ended(context.Background(), subs) // cannot fail
	s.drop(int(in.missing()))
}

// join subscribes on the current session, if there is one and if that is what is asked for. mu is held.
func (s *Source) join(ctx context.Context) error {
	if !s.serving || s.intake == nil || s.sub != nil && s.sub.intake == s.intake {
		return nil
	}
	if s.intake.session.framed() && s.cfg.Pool.Lent() > s.cfg.MaxBytes-stormRead && s.cfg.Pool.Lent() > stormRead {
		return errFull // what came could not be read
	}
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	sub, err := s.intake.subscribe(ctx)
	if err != nil {
		return fmt.Errorf("subscribe to %q: %w", s.cfg.Subject, err)
	}
	s.intake.subs = append(slices.DeleteFunc(s.intake.subs, (*subscription).ended), sub)
	if err := s.confirm(ctx); err != nil {
		sub.depart()
		return err
	}
	if s.sub != nil {
		s.sub.intake.left = s.sub
	}
	s.sub = sub
	s.setSubscribed(true)
	return nil
}

// confirm waits until the server has taken the subscription, or says that it has not.
func (s *Source) confirm(ctx context.Context) error {
	if err := s.intake.session.roundTrip(ctx); err != nil {
		return fmt.Errorf("subscribe to %q: %w", s.cfg.Subject, err)
	}
	if err := s.intake.session.Settle(ctx); err != nil {
		return err
	}
	return s.intake.session.SubscribeDenied(s.cfg.Subject, s.cfg.Queue)
}

const joinTimeout = 5 * time.Second

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
