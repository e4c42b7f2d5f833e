package link

import "context"

// Single connects to a server of e, and returns a session that belongs to no Link. nats.go reads
// and writes it, so Conn can be used as its documentation says. The session ends with its
// connection; the caller closes it with Close. name is the name of the connection. It blocks until
// a server is connected, until each has failed once, or until ctx ends.
func Single(ctx context.Context, e *Endpoint, name string) (*Session, error) {
	return single(ctx, e, name, true)
}

// SingleFramed is Single for a session whose rights are to be found out (JudgeSubscribe): we read
// and write beside nats.go, except over WebSocket.
func SingleFramed(ctx context.Context, e *Endpoint, name string) (*Session, error) {
	return single(ctx, e, name, false)
}

func single(ctx context.Context, e *Endpoint, name string, library bool) (*Session, error) {
	l := New(Config{Endpoint: e, Name: name, Handler: noHandler{}})
	l.single = library
	return l.round(ctx, nil)
}

// Close ends the connection of a session that Single has returned. It blocks until nothing of it is
// running.
func (s *Session) Close() { s.close() }

// noHandler is for a Link that does not run.
type noHandler struct{}

func (noHandler) Attach(context.Context, *Session) error { return nil }
func (noHandler) Retire(context.Context, *Session) error { return nil }
func (noHandler) Lost(*Session, error)                   {}
