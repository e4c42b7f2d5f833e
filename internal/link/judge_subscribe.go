package link

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"
)

// ErrUntold says that nobody knows whether a login may do something.
var ErrUntold = errors.New("nothing tells whether this login may do that")

// spareSID is a sid that neither nats.go nor a source uses. nats.go drops messages for sids that it
// does not know.
const spareSID = "900000001"

// JudgeSubscribe finds out whether the login may subscribe to subject in a queue group, and never
// joins that: a member would take messages from the others. The server judges every SUB, but it
// enters none whose sid is in use. So the sid is taken by an inbox before, or else by subject
// without a group, which only gets copies.
//
// It returns nil, a *DeniedError that is not counted, ErrUntold if the login may do neither or the
// session is in the library plane, or why the server has not answered. It blocks for the server,
// for probeTimeout at most. Call it for one subject at a time.
func (s *Session) JudgeSubscribe(ctx context.Context, subject, queue string) error {
	p, framed := s.plane.(*framedPlane)
	if !framed {
		return ErrUntold
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	for _, base := range []string{s.Conn.NewInbox(), subject} {
		switch err := s.trySub(ctx, p, base, ""); {
		case err == nil && base == subject && queue == "":
			return p.command(ctx, "UNSUB "+spareSID+"\r\n")
		case err == nil:
			err := s.trySub(ctx, p, subject, queue)
			if end := p.command(ctx, "UNSUB "+spareSID+"\r\n"); err == nil {
				err = end
			}
			return err
		case !errors.Is(err, nats.ErrPermissionViolation):
			return err
		case base == subject && queue == "":
			return err
		}
	}
	return ErrUntold
}

// trySub subscribes with spareSID. It returns the denial if there is one, which is not counted.
func (s *Session) trySub(ctx context.Context, p *framedPlane, subject, queue string) (err error) {
	s.denials.expect(subject)
	defer func() { s.denials.forget(subject, answered(err)) }()
	line := "SUB " + subject + " "
	if queue != "" {
		line += queue + " "
	}
	if err := p.command(ctx, line+spareSID+"\r\n"); err != nil {
		return err
	}
	return s.unlessDenied(ctx, &DeniedError{Subject: subject, Queue: queue})
}

// JudgePublish publishes an empty message to a literal subject to which nobody may be subscribed.
// It returns nil, a *DeniedError that is not counted, or why the server has not answered. It blocks
// for the server, for probeTimeout at most.
func (s *Session) JudgePublish(ctx context.Context, subject string) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return s.probe(ctx, subject)
}
