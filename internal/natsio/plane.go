package natsio

import (
	"errors"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A sender writes copies to the connection of one session. There is one implementation for each
// plane. write is for one goroutine at a time, the other methods are for any.
type sender interface {
	// write writes copies of e from a place on, as many as one write takes. It returns how many of
	// them may have reached the server and are in doubt now. It borrows e until it returns, and may
	// block for as long as a write. errTooLarge and errBadSubject are about the next copy only,
	// which cannot be written at all. Any other error is the end of the connection.
	//
	// If answered is not nil, write may ask the server for an answer with the same write, and
	// returns whether it has. answered is called as by ask, perhaps before write returns.
	write(e *pipeline.Egress, from cursor, answered func()) (copies int, asked bool, err error)
	// prompt reports whether write of so many bytes will not have to wait. It does not block.
	prompt(bytes int) bool
	// ask asks the server for an answer for all copies written before. answered is called when the
	// answer has come, perhaps before ask returns, and must not block. It is not called if the
	// connection ends first. ask may block for as long as a write.
	ask(answered func())
	// delay returns how long copies wait before ask is called, so that one answer serves many.
	delay() time.Duration
}

var (
	errTooLarge   = errors.New("a payload is larger than the server takes")
	errBadSubject = errors.New("a subject is not one word")
)

// newSender picks the sender for a session.
func newSender(s *link.Session) sender {
	if frames := s.Framed(); frames != nil {
		return &framedSender{session: s, conn: frames}
	}
	return &librarySender{session: s}
}

// An inlet brings the messages of one session to an intake. There is one implementation for each
// plane.
type inlet interface {
	// start makes the session bring its messages from now on. It is called once. The caller of
	// start, admit and subscribe holds Source.mu.
	start()
	// admit says whether another subscription can be made beside those in open. If wait is not nil
	// the caller must wait until it is closed, and ask again. errFull says that messages of the
	// subscription could not be read now.
	admit(open []*subscription) (wait <-chan struct{}, err error)
	// subscribe sends a subscription to the server, and does not wait for the answer. It may block
	// for as long as a write.
	subscribe() (*subscription, error)
	// outlasts reports whether the session is still of use although joining over it has failed with
	// err.
	outlasts(err error) bool
	// finish makes sure that subs are ended, and returns how many messages are lost. In the library
	// plane it waits for nats.go to end them, which may last until the session ends.
	finish(subs []*subscription) (lost int)
	// asked returns when the latest PING was sent whose PONG came before the message at hand, as a
	// duration since socket.Beginning. Only the goroutine that brings messages may call it.
	asked() time.Duration
	// answered is called when the server has answered a PING that was sent at asked, a duration
	// since socket.Beginning.
	answered(asked time.Duration)
}

// newInlet picks the inlet for an intake.
func newInlet(i *intake) inlet {
	if frames := i.session.Framed(); frames != nil {
		return &framedInlet{intake: i, conn: frames}
	}
	return &libraryInlet{intake: i}
}
