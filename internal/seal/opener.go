package seal

import (
	"bytes"
	"crypto/hmac"
	"time"

	"github.com/fedrelay/fedrelay/wire"
)

// An Opener opens the seals of a scope. It is for one goroutine at a time.
type Opener struct {
	stamps stamps
	raw    []byte // kept for its memory
}

// NewOpener returns an Opener that uses the keys of ring.
func NewOpener(ring *Ring, scope Scope) *Opener { return &Opener{stamps: newStamps(ring, scope)} }

// Open returns what a seal says if it was made in this scope, with a key of the ring, for replies
// to the subject reply, and if its deadline has not passed at now. Otherwise it returns the reason.
// Neither text may have escapes. The request id of the result is valid until the next call.
func (o *Opener) Open(text, reply []byte, now time.Time) (c Claims, reason wire.Reason) {
	if !isSeal(text) {
		return c, wire.SealMissing
	}
	if !o.decode(text) {
		return c, wire.SealMalformed
	}
	if reason := o.verify(reply); reason != wire.OK {
		return c, reason
	}
	c.readTimes(o.raw)
	if now.After(c.Deadline.Add(Leeway)) {
		return Claims{}, wire.SealExpired
	}
	c.Request = o.raw[headLen : len(o.raw)-macLen]
	return c, wire.OK
}

// isSeal reports whether text is meant as a seal, of any version.
func isSeal(text []byte) bool {
	const version = len(family)
	return len(text) >= len(prefix) && string(text[:version]) == family &&
		'0' <= text[version] && text[version] <= '9' && text[version+1] == '.'
}

// decode decodes a seal into o.raw, and reports whether it has the form of one.
func (o *Opener) decode(text []byte) bool {
	encoded, ok := bytes.CutPrefix(text, []byte(prefix))
	if !ok || len(text) > MaxLen {
		return false
	}
	raw, err := encoding.AppendDecode(o.raw[:0], encoded)
	if err != nil || len(raw) < headLen+macLen {
		return false
	}
	o.raw = raw
	return encoding.EncodedLen(len(raw)) == len(encoded) // the package skips line breaks
}

// verify checks who made the seal in o.raw, and for which reply subject.
func (o *Opener) verify(reply []byte) wire.Reason {
	switch [scopeLen]byte(o.raw[:scopeLen]) {
	case o.stamps.tag:
	case o.stamps.otherRole:
		return wire.SealMissing // an edge has sealed, and then a relay that seals nothing came
	default:
		return wire.SealOtherCluster
	}
	o.stamps.refresh()
	k := o.stamps.find(o.raw[idAt : idAt+idLen])
	if k == nil {
		return wire.SealUnknownKey
	}
	end := len(o.raw) - macLen
	var mac [macLen]byte
	copy(mac[:], o.raw[end:])
	bound := appendBound(o.raw[:end], reply) // over the mac, and beyond
	good := hmac.Equal(mac[:], o.stamps.macOf(k, bound))
	o.raw = bound[:end+macLen]
	if !good {
		return wire.SealForged
	}
	return wire.OK
}
