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

// use makes session the one to join over. old is the intake that was in use before, or nil.
func (s *Source) use(session *link.Session) (i, old *intake) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, old = newIntake(s, session), s.intake
	s.intake, s.intakes[session] = i, i
	return i, old
}

// errFull says that the path has as many bytes under way as it may.
var errFull = errors.New("the path is full")

// overlap is how long a source stays in the queue group over the old connection after it has joined
// over the new one. The other servers of the cluster send to the old one until they know of the new
// one, and a message for a member that has left is lost.
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

// unuse stops joining over session. It returns the intake of session, or nil if that is finished.
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

// seeOut leaves the queue group over i, if it has not yet, and blocks until no more messages come
// from i. Its error is ctx's.
func (s *Source) seeOut(ctx context.Context, i *intake) error {
	s.mu.Lock()
	subs, replaced := slices.Clone(i.subs), i.replaced
	s.mu.Unlock()
	if replaced != nil {
		pause(ctx, overlap)
		replaced.depart()
	}
	return ended(ctx, subs)
}

// retryInterval is the time between two attempts of a new session to join the queue group.
const retryInterval = 250 * time.Millisecond

// stays tries to join the queue group over the session in use, and reports whether i must stay in
// the group because that has failed. It is false also when i can stay no longer.
func (s *Source) stays(ctx context.Context, i *intake) bool {
	over := ctx.Err() != nil || !i.session.Alive() || i.session.Unsubscribed()
	if !over {
		_ = s.join(ctx) // the caller of Serve gets this error, too
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

// finish forgets i, whose session has ended or brings nothing more, and counts its lost messages.
// It blocks until its callbacks under way have returned.
func (s *Source) finish(i *intake) {
	s.mu.Lock()
	delete(s.intakes, i.session)
	subs := slices.Clone(i.subs)
	s.mu.Unlock()
	s.drop(i.inlet.finish(subs))
}

// join subscribes over the current session, if there is one and the source shall serve. It blocks
// until the server has answered, for joinTimeout at most. If another goroutine is joining it waits
// for that one first.
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

// subscribe sends a subscription, whose answer is still to come. It returns nil without an error if
// there is no need for one, and fails if there is no room for its messages. It blocks while another
// subscription waits for its answer.
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

// trySubscribe is one attempt of subscribe. If before is not nil, the next attempt makes sense when
// before is closed. mu is held.
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

// joined takes err, the server's answer to sub. If sub is granted and still wanted it becomes the
// current subscription, otherwise it departs.
func (s *Source) joined(sub *subscription, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.joining = nil
	close(sub.answered)
	if err != nil || !s.serving || s.intake != sub.intake { // or it is not wanted any more
		sub.depart()
		var denied *link.DeniedError
		if errors.As(err, &denied) {
			// The server may have decided at the login: have the Link make a new session.
			sub.intake.session.ReportMissing(err)
		}
		return err
	}
	if s.sub != nil {
		s.sub.intake.replaced = s.sub
	}
	s.sub = sub
	s.setSubscribed(true)
	return nil
}

// leave gives up the current subscription, if there is one. It does not wait for the server. mu is
// held.
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

// pause blocks for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}
