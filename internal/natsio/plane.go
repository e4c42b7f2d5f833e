package natsio

import (
	"context"
	"errors"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A sender writes copies to the connection of one session, in the plane of that. write is for one
// goroutine at a time, the other methods are for any.
type sender interface {
	// write writes copies of e from a place on, as many as go at once, and returns how many are in
	// doubt now. It borrows e until it returns, and may block for as long as a write. After
	// errTooLarge or errBadSubject the next copy cannot be written at all, but others can. Any
	// other error is the end of the connection.
	write(e *pipeline.Egress, from cursor) (copies int, err error)
	// confirm blocks until the server has answered for everything written before, and the session
	// counts all that was denied. After an error nothing is known.
	confirm() error
	// window is how long copies wait for a barrier, so that one serves many.
	window() time.Duration
}

var (
	errTooLarge   = errors.New("a payload is larger than the server takes")
	errBadSubject = errors.New("a subject is not one word")
)

// confirmWithin is confirm, bounded by ctx.
func confirmWithin(ctx context.Context, s *link.Session) error {
	if err := s.RoundTrip(ctx); err != nil {
		return err
	}
	return s.Settle(ctx)
}

// newSender picks the sender for a session.
func newSender(s *link.Session) sender {
	if frames := s.Framed(); frames != nil {
		return &framedSender{session: s, conn: frames}
	}
	return &librarySender{session: s}
}

// An inlet brings the messages of one session to an intake, in the plane of the session.
type inlet interface {
	// start has the session bring its messages from now on. It is called once, with the source's mu
	// held, as admit and subscribe are.
	start()
	// admit returns what to wait for before another subscription can be made beside those that are
	// open; nil if it can be made now. errFull says that its messages could not be read.
	admit(open []*subscription) (wait <-chan struct{}, err error)
	// subscribe asks the server for messages. The answer is still to come. It may block for as long
	// as a write.
	subscribe() (*subscription, error)
	// outlasts reports whether a session is still of use though joining over it has failed.
	outlasts(err error) bool
	// finish ends subs, where that is not the library's to do, and returns how many messages are
	// lost. It may block until the session ends.
	finish(subs []*subscription) (lost int)
	// asked is when the PING was sent, after socket.Beginning, whose PONG came before the message
	// at hand. It is for the goroutine that brings messages.
	asked() time.Duration
	// answered is told that the server has answered a PING that was sent then.
	answered(asked time.Duration)
}

// newInlet picks the inlet for an intake.
func newInlet(i *intake) inlet {
	if frames := i.session.Framed(); frames != nil {
		return &framedInlet{intake: i, conn: frames}
	}
	return &libraryInlet{intake: i}
}
