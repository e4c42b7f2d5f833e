package client

import (
	"encoding/base64"

	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// expected is what replies are checked against. Read-only.
type expected struct {
	subject string // that they come to
	id      string // of the request
	version wire.Version
	limits  compact.Limits
}

// reader takes messages apart. It is for one goroutine at a time, and keeps memory between
// messages.
type reader struct {
	decoder compact.Decoder
	text    []byte
	places  []wire.Span
	base64  []byte
}

// keepable is how much memory a reader keeps at most, in bytes.
const keepable = 4 << 20

// Reasons for which a reply is rejected, beside those of relays.
const (
	badSender    = "bad_sender"    // no name of a node
	otherRequest = "other_request" // of another request than that of the subject it came on
	otherVersion = "other_version" // of another version of the protocol than the request
)

// The reader's limits for one reply. Nothing here takes more time than its length.
var scanLimits = wire.Limits{Depth: 16, Hops: 16, Parts: 4096, SkipTargets: true}

// read takes the message m apart. It calls found for each reply in it, and rejected once for each
// message or reply that is none. compacted reports whether it was a compact message. It borrows m.
func (r *reader) read(m []byte, e *expected, found func(*Reply), rejected func(reason string)) (compacted bool) {
	if !compact.Is(m) {
		r.one(m, e, found, rejected)
		return false
	}
	if reason := r.open(m, e); reason != wire.OK {
		rejected(reason.String())
		return true
	}
	r.text, r.places = r.decoder.Append(r.text[:0], r.places[:0])
	for _, place := range r.places {
		r.one(place.Of(r.text), e, found, rejected)
	}
	r.trim()
	return true
}

func (r *reader) open(m []byte, e *expected) wire.Reason {
	contents, reason := r.decoder.Open(m, e.limits)
	switch {
	case reason != wire.OK:
		return reason
	case contents.Kind != compact.KindReplies:
		return wire.CompactKind
	case string(contents.Address) != e.subject:
		return wire.Misdirected
	}
	return wire.OK
}

// trim gives up memory that one large message has taken.
func (r *reader) trim() {
	if cap(r.text) > keepable {
		r.text = nil
	}
	if cap(r.places) > keepable/8 {
		r.places = nil
	}
	if cap(r.base64) > keepable {
		r.base64 = nil
	}
}

// one reads one reply in JSON.
func (r *reader) one(m []byte, e *expected, found func(*Reply), rejected func(reason string)) {
	var env wire.Envelope
	if _, reason := wire.Scan(m, scanLimits, &env, nil); reason != wire.OK {
		rejected(reason.String())
		return
	}
	secure, ok := r.decode(env.Data.Of(m))
	switch {
	case env.Version != e.version:
		rejected(otherVersion)
	case !belongs(m, &env, e):
		rejected(otherRequest)
	case !ok:
		rejected(wire.BadData.String())
	case !isName(env.Sender.Of(m)):
		rejected(badSender)
	default:
		found(&Reply{
			Sender: string(env.Sender.Of(m)), Version: Version(env.Version), Secure: secure,
			trace: append([]byte(nil), env.Trace.Of(m)...),
		})
	}
}

// belongs reports whether a reply that still has its federation object is for this request. One
// that came alone has none.
func belongs(m []byte, env *wire.Envelope, e *expected) bool {
	id, subject := env.FedRequest.Of(m), env.FedReply.Of(m)
	return (len(id) == 0 || string(id) == e.id) && (len(subject) == 0 || string(subject) == e.subject)
}

// isName reports whether text can be the name of a node, and stand in a log line.
func isName(text []byte) bool { return len(text) > 0 && len(text) <= longest && wire.IsPlain(text) }

// decode returns what a payload with its quotes holds, in memory of its own. Line breaks in it are
// no error.
func (r *reader) decode(data []byte) ([]byte, bool) {
	if len(data) < 2 || data[0] != '"' {
		return nil, false
	}
	data = data[1 : len(data)-1]
	if wire.Escaped(data) {
		r.base64 = wire.AppendResolved(r.base64[:0], data)
		data = r.base64
	}
	out := make([]byte, base64.StdEncoding.DecodedLen(len(data)))
	n, err := base64.StdEncoding.Decode(out, data)
	return out[:n], err == nil
}
