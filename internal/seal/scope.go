package seal

import (
	"crypto/sha256"
	"hash"
)

// A Scope says whose seals they are. Seals of one scope do not open in another.
type Scope struct {
	Cluster string
	Role    Role
}

// A Role says what seals: relays and edges of a cluster may have one key file.
type Role string

// The roles.
const (
	Relay Role = "relay"
	Edge  Role = "edge"
)

// text returns an unambiguous text for s: no role holds a NUL.
func (s Scope) text() string { return string(s.Role) + "\x00" + s.Cluster }

// tag returns what stands for s in a seal.
func (s Scope) tag() (tag [scopeLen]byte) {
	sum := sha256.Sum256([]byte("fedrelay seal scope\x00" + s.text()))
	copy(tag[:], sum[:])
	return tag
}

// otherRole returns the scope of the same cluster on the other side of the line.
func (s Scope) otherRole() Scope {
	if s.Role == Relay {
		return Scope{Cluster: s.Cluster, Role: Edge}
	}
	return Scope{Cluster: s.Cluster, Role: Relay}
}

// A stamp is a key as one scope uses it.
type stamp struct {
	id  [idLen]byte
	mac hash.Hash
}

// stamps are the keys of a ring as one scope uses them. They are for one goroutine.
type stamps struct {
	ring  *Ring
	scope Scope
	tag   [scopeLen]byte
	keys  *Keys // that all was made from
	all   []stamp
	sum   [sha256.Size]byte

	otherRole [scopeLen]byte // what this scope finds where it should have sealed, and did not
}

func newStamps(ring *Ring, scope Scope) stamps {
	return stamps{ring: ring, scope: scope, tag: scope.tag(), otherRole: scope.otherRole().tag()}
}

// refresh takes over the keys of the ring if somebody has replaced them.
func (s *stamps) refresh() {
	keys := s.ring.Keys()
	if keys == s.keys {
		return
	}
	s.keys, s.all = keys, nil
	for i := range keys.all {
		k := &keys.all[i]
		s.all = append(s.all, stamp{id: k.id(), mac: k.mac(s.scope)})
	}
}

// find returns the key with an id, or nil.
func (s *stamps) find(id []byte) *stamp {
	for i := range s.all {
		if string(s.all[i].id[:]) == string(id) {
			return &s.all[i]
		}
	}
	return nil
}

// macOf returns the mac of bytes. The result is valid until the next call.
func (s *stamps) macOf(k *stamp, bytes []byte) []byte {
	k.mac.Reset()
	k.mac.Write(bytes)
	return k.mac.Sum(s.sum[:0])[:macLen]
}
