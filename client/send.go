package client

import (
	"context"
	"fmt"

	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// What one compact request expands to at most at a relay: half of what relays allow by default.
const (
	expandedBytes   = 8 << 20
	expandedTargets = 100_000
)

// usualPayload is the largest payload that servers take by default. It stands for that of a server
// which has not been reached yet.
const usualPayload = 1 << 20

// sender publishes one request.
type sender struct {
	// Set by send, then read-only.
	call    *Call
	parts   wire.Parts
	group   int
	largest int              // payload, in bytes
	encoder *compact.Encoder // nil: JSON

	buf     []byte
	targets []wire.Span // all; parts.Targets are those of one message
	groups  []int
}

// send publishes all messages of a request, each to all clusters before the next, as stock clients
// do.
func (k *Call) send(p *plan) error {
	c := k.client
	s := &sender{call: k, parts: p.parts, targets: p.parts.Targets, group: c.opts.Group, largest: int(c.nc.MaxPayload())}
	if s.largest <= 0 {
		s.largest = usualPayload
	}
	atOnce := s.group
	if c.opts.Compact {
		s.encoder = c.encoders.Get().(*compact.Encoder)
		defer c.encoders.Put(s.encoder)
		atOnce = s.fitting()
	}
	if err := s.checkSize(); err != nil {
		return err
	}
	for from := 0; from < len(s.targets); from += atOnce {
		if err := s.write(from, min(from+atOnce, len(s.targets))); err != nil {
			return k.unsent(err)
		}
	}
	return nil
}

// fitting returns how many targets one compact message may have, so that relays expand it.
func (s *sender) fitting() int {
	one := len(s.parts.Data) + len(s.parts.Trace) + longest + 300 // a message without targets
	perTarget := len(s.parts.Text)/len(s.targets) + len(`"",`)
	groups := min(expandedBytes/(one+s.group*perTarget), expandedTargets/s.group)
	return max(1, groups) * s.group
}

// checkSize reports a request that does not fit into a message in JSON even with one target. If it
// is sent compact it must fit, too, because that is what nodes get.
func (s *sender) checkSize() error {
	most := 0
	for i := range s.targets {
		if s.targets[i].Len > s.targets[most].Len {
			most = i
		}
	}
	s.parts.Targets = s.targets[most : most+1]
	if n := len(wire.AppendMessage(nil, &s.parts)); n > s.largest {
		return fmt.Errorf("client: Request.Secure is too large: with one target the message has %d bytes, and the server takes %d (max_payload)",
			n, s.largest)
	}
	return nil
}

// write publishes a message with the targets from <= i < to, or several if the server takes none
// that large.
func (s *sender) write(from, to int) error {
	s.buf = s.append(s.buf[:0], from, to)
	if len(s.buf) <= s.largest || to-from == 1 {
		return s.publish()
	}
	half := (to - from + 1) / 2
	if half > s.group {
		half = (half + s.group - 1) / s.group * s.group
	}
	if err := s.write(from, from+half); err != nil {
		return err
	}
	return s.write(from+half, to)
}

func (s *sender) append(dst []byte, from, to int) []byte {
	s.parts.Targets = s.targets[from:to]
	if s.encoder == nil {
		return wire.AppendMessage(dst, &s.parts)
	}
	s.groups = s.groups[:0]
	for end := s.group; end < to-from; end += s.group {
		s.groups = append(s.groups, end)
	}
	s.groups = append(s.groups, to-from)
	return s.encoder.AppendRequest(dst, &compact.Request{
		Parts: s.parts, Groups: s.groups, Deadline: s.call.closing.UnixMilli(),
	})
}

func (s *sender) publish() error {
	k := s.call
	for _, subject := range k.client.subjects() {
		if k.ctx.Err() != nil {
			return context.Cause(k.ctx)
		}
		if err := k.client.nc.Publish(subject, s.buf); err != nil {
			return fmt.Errorf("%s: %w", subject, err)
		}
		k.sent.add(len(s.buf))
	}
	return nil
}

// unsent says how far a request came that was not sent whole.
func (k *Call) unsent(err error) error {
	if n := k.sent.Messages; n > 0 {
		return fmt.Errorf("client: not sent whole: nodes in the first %d messages may act on it: %w", n, err)
	}
	return fmt.Errorf("client: not sent: %w", err)
}
