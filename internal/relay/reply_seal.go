package relay

import (
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/seal"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// A replyOpener opens the seals of a path. It is for one goroutine at a time.
type replyOpener struct {
	opener *seal.Opener
	mode   string // config.ReturnAddress.Mode
	seals  *seals
	notes  *notes
	text   []byte // a seal without escapes; kept for its memory
}

// newOpener returns what opens the seals of a path, or nil without keys. With keys it opens them in
// plain mode, too: other relays may seal already, and edges want to see the request id.
func (s *seals) newOpener(scope seal.Scope, n *notes) *replyOpener {
	if s.ring == nil {
		return nil
	}
	return &replyOpener{opener: seal.NewOpener(s.ring, scope), mode: s.settings.Mode, seals: s, notes: n}
}

// open opens the seal of a reply, and puts the request id back in its place, in the message itself.
// The reply subject must have no escapes. A reply without a good seal stays as it is. The result is
// why it is rejected. If o is nil all replies are carried.
func (o *replyOpener) open(r *pipeline.Route) wire.Reason {
	if o == nil {
		return wire.OK
	}
	env := r.Envelope
	text := env.FedRequest.Of(r.Message)
	if wire.Escaped(text) {
		o.text = wire.AppendResolved(o.text[:0], text)
		text = o.text
	}
	now := time.Now()
	claims, reason := o.opener.Open(text, env.FedReply.Of(r.Message), now)
	if reason != wire.OK {
		return o.unsealed(r, reason)
	}
	o.seals.verdicts[wire.OK].Add(1)
	o.seals.roundTrips.Observe(now.Sub(claims.Issued), 1)
	env.FedRequest.Len = uint32(copy(env.FedRequest.Of(r.Message), claims.Request))
	return wire.OK
}

// missing is open for a reply that has lost its request id on the way.
func (o *replyOpener) missing(r *pipeline.Route) wire.Reason {
	if o == nil {
		return wire.OK
	}
	return o.unsealed(r, wire.SealMissing)
}

// unsealed counts a reply without a good seal, and decides about it.
func (o *replyOpener) unsealed(r *pipeline.Route, reason wire.Reason) wire.Reason {
	o.seals.verdicts[reason].Add(1)
	switch o.mode {
	case config.ReturnRequire:
		return reason
	case config.ReturnSealed:
		o.notes.unsealed(r, reason)
	}
	return wire.OK
}
