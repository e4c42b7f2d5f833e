package link

import (
	"context"
	"slices"
)

// Single connects to a server of e, and returns a session that belongs to no Link. nats.go reads
// and writes it, so Conn can be used as its documentation says. The session ends with its
// connection; the caller closes it with Close. name is the name of the connection. It blocks until
// a server is connected, until each has failed once, or until ctx ends.
func Single(ctx context.Context, e *Endpoint, name string) (*Session, error) {
	return SingleNear(ctx, e, name, "")
}

// SingleNear is Single that tries the server with that URL first, as Status names it.
func SingleNear(ctx context.Context, e *Endpoint, name, url string) (*Session, error) {
	l := New(Config{Endpoint: e, Name: name, Handler: noHandler{}})
	l.single, l.near = true, url
	return l.round(ctx, nil)
}

// SingleFramed is Single for a session whose rights are to be found out (JudgeSubscribe): we read
// and write beside nats.go, except over WebSocket.
func SingleFramed(ctx context.Context, e *Endpoint, name string) (*Session, error) {
	return New(Config{Endpoint: e, Name: name, Handler: noHandler{}}).round(ctx, nil)
}

// nearFirst moves the server with that URL in front of the others, in place.
func nearFirst(servers []server, url string) []server {
	slices.SortStableFunc(servers, func(a, b server) int {
		switch {
		case a.String() == b.String(), a.String() != url && b.String() != url:
			return 0
		case a.String() == url:
			return -1
		}
		return 1
	})
	return servers
}

// MayPublish reports whether the login may publish to a subject, as the server says. It blocks for
// a second at most. The error says why the server does not tell.
func (s *Session) MayPublish(ctx context.Context, subject string) (bool, error) {
	may, err := s.permissions(ctx)
	if err != nil {
		return false, err
	}
	return may.publishTo([]string{subject}, false), nil
}

// Close ends the connection of a session that Single has returned. It blocks until nothing of it is
// running.
func (s *Session) Close() { s.close() }

// noHandler is for a Link that does not run.
type noHandler struct{}

func (noHandler) Attach(context.Context, *Session) error { return nil }
func (noHandler) Retire(context.Context, *Session) error { return nil }
func (noHandler) Lost(*Session, error)                   {}
