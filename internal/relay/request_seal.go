package relay

import (
	"time"

	"github.com/fedrelay/fedrelay/internal/seal"
	"github.com/fedrelay/fedrelay/wire"
)

// A requestSealer makes the seals of a path. It is for one goroutine at a time.
type requestSealer struct {
	sealer   *seal.Sealer
	lifetime time.Duration
	reply    []byte // a reply subject without escapes; kept for its memory
	text     []byte // kept for its memory
}

// newSealer returns what seals the requests of a path, or nil if they are not sealed.
func (s *seals) newSealer(scope seal.Scope) *requestSealer {
	if !s.settings.Seals() {
		return nil
	}
	return &requestSealer{sealer: seal.NewSealer(s.ring, scope), lifetime: s.settings.Lifetime}
}

// requestID returns the request id that message goes on with: a seal, or its own if s is nil. The
// result is valid until the next call.
func (s *requestSealer) requestID(message []byte, env *wire.Envelope, deadline int64) []byte {
	if s == nil {
		return env.FedRequest.Of(message)
	}
	return s.seal(message, env, deadline)
}

// seal returns what goes on in the place of the request id of message. deadline is until when the
// client waits, in milliseconds of Unix time, or 0. The result is valid until the next call.
func (s *requestSealer) seal(message []byte, env *wire.Envelope, deadline int64) []byte {
	reply := env.Reply.Of(message)
	if wire.Escaped(reply) {
		s.reply = wire.AppendResolved(s.reply[:0], reply)
		reply = s.reply
	}
	var waits time.Time
	if deadline != 0 {
		waits = time.UnixMilli(deadline)
	}
	claims := seal.Lives(env.FedRequest.Of(message), time.Now(), s.lifetime, waits)
	s.text = s.sealer.Append(s.text[:0], &claims, reply)
	return s.text
}
