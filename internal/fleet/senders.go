package fleet

import (
	"bytes"
	"errors"
	"sync/atomic"
)

var (
	errSender    = errors.New("fleet: reply is not by the node it names")
	errRequest   = errors.New("fleet: reply is to another request")
	errFederated = errors.New("fleet: reply still has its federation object or a reply subject")
	errExpanded  = errors.New("fleet: reply of a compact message has not the federation object of its request")
)

// Senders says which node sent a reply, and checks replies. Safe for concurrent use.
type Senders struct {
	// Set by NewSenders, then read-only.
	dialect dialect
	roster  *Roster
	key     []byte
	every   int64

	seen atomic.Int64
}

// NewSenders needs Version, Roster and CheckEvery of o.
func NewSenders(o ClientOptions) *Senders {
	o.setDefaults()
	d := o.Version.dialect()
	return &Senders{dialect: d, roster: o.Roster, key: []byte(d.senderKey()), every: int64(o.CheckEvery)}
}

// Find returns the node that sent a reply. In a usual reply it only searches for the key in front
// of the name, which cannot occur in base64. Any other reply is decoded.
func (s *Senders) Find(raw []byte) (int, bool) {
	if _, rest, ok := bytes.Cut(raw, s.key); ok {
		if name, _, ok := bytes.Cut(rest, []byte{'"'}); ok {
			if i, ok := s.roster.index[string(name)]; ok {
				return i, true
			}
		}
	}
	_, h, err := s.dialect.unmarshal(raw)
	if err != nil {
		return 0, false
	}
	i, ok := s.roster.index[h.Sender]
	return i, ok
}

// Due counts a reply, and reports whether it should be checked: one of every CheckEvery.
func (s *Senders) Due() bool { return (s.seen.Add(1)-1)%s.every == 0 }

// Check unwraps a reply and compares all it says with what it should.
func (s *Senders) Check(raw []byte, id string, node int) error {
	data, h, err := s.dialect.unmarshal(raw)
	if err != nil {
		return err
	}
	if h.Federation != nil || h.ReplyTo != "" {
		return errFederated
	}
	return s.checkSecure(data, h, id, node)
}

// CheckExpanded is Check for a reply of a compact message to that subject. Such a reply still has
// its federation object.
func (s *Senders) CheckExpanded(raw []byte, id, subject string, node int) error {
	data, h, err := s.dialect.unmarshal(raw)
	if err != nil {
		return err
	}
	f := h.Federation
	if f == nil || f.Request != id || f.ReplyTo != subject || h.ReplyTo != "" {
		return errExpanded
	}
	return s.checkSecure(data, h, id, node)
}

func (s *Senders) checkSecure(data []byte, h Headers, id string, node int) error {
	a, err := s.dialect.check(data)
	if err != nil {
		return err
	}
	if a.id != id {
		return errRequest
	}
	if a.sender != s.roster.Name(node) || h.Sender != a.sender {
		return errSender
	}
	return nil
}
