package seal

import "time"

// A Sealer makes the seals of a scope. It is for one goroutine at a time.
type Sealer struct {
	stamps stamps
	raw    []byte // kept for its memory
}

// NewSealer returns a Sealer that uses the keys of ring.
func NewSealer(ring *Ring, scope Scope) *Sealer { return &Sealer{stamps: newStamps(ring, scope)} }

// Append appends a seal that says c, for replies to the subject reply, which must have no escapes.
// The seal is printable ASCII without quotes, so it can stand in JSON and in a log.
func (s *Sealer) Append(dst []byte, c *Claims, reply []byte) []byte {
	s.stamps.refresh()
	k := &s.stamps.all[s.stamps.keys.sealing(c.Issued)]
	raw := appendHead(s.raw[:0], s.stamps.tag, k.id, c)
	if len(c.Request) <= MaxRequest {
		raw = append(raw, c.Request...)
	}
	end := len(raw)
	raw = appendBound(raw, reply)
	raw = append(raw[:end], s.stamps.macOf(k, raw)...)
	s.raw = raw
	dst = append(dst, prefix...)
	return encoding.AppendEncode(dst, raw)
}

// Lives returns claims for a request id: from now until lifetime is over, or until deadline if that
// is earlier. A zero deadline is none.
func Lives(request []byte, now time.Time, lifetime time.Duration, deadline time.Time) Claims {
	c := Claims{Issued: now, Deadline: now.Add(lifetime), Request: request}
	if !deadline.IsZero() && deadline.Before(c.Deadline) {
		c.Deadline = deadline
	}
	return c
}
