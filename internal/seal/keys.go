package seal

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// MaxKeys is how many keys a file has at most.
const MaxKeys = 64

// Keys are the keys of a file, the oldest first. They do not change.
type Keys struct{ all []Key }

// NewKeys returns the keys in the order of their times. There must be 1 to MaxKeys, with different
// secrets.
func NewKeys(all ...Key) (*Keys, error) {
	if len(all) == 0 {
		return nil, errors.New("holds no key")
	}
	if len(all) > MaxKeys {
		return nil, fmt.Errorf("holds %d keys, want at most %d", len(all), MaxKeys)
	}
	seen := make(map[string]bool)
	for i := range all {
		if id := all[i].ID(); seen[id] {
			return nil, fmt.Errorf("holds the key %s twice", id)
		} else {
			seen[id] = true
		}
	}
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Key) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.ID(), b.ID()))
	})
	return &Keys{all: all}, nil
}

// All returns the keys, the oldest first.
func (k *Keys) All() []Key { return slices.Clone(k.all) }

// sealing returns the index of the key that seals at a time: the newest whose time has come, or the
// first of all while none has.
func (k *Keys) sealing(now time.Time) int {
	for i := len(k.all) - 1; i > 0; i-- {
		if !k.all[i].From.After(now) {
			return i
		}
	}
	return 0
}

// Sealing returns the key that seals at a time.
func (k *Keys) Sealing(now time.Time) Key { return k.all[k.sealing(now)] }

// End returns when the i-th key is no longer used for sealing, because another one is. ok is false
// if it is the last one.
func (k *Keys) End(i int) (end time.Time, ok bool) {
	if i+1 >= len(k.all) {
		return end, false
	}
	return k.all[i+1].From, true
}

// Rotate returns the keys with a new one, which is used from a time on. It drops the keys that have
// not been used for lifetime, which must be that of the seals.
func (k *Keys) Rotate(now, from time.Time, lifetime time.Duration) (
	rotated *Keys, added Key, dropped []Key, err error,
) {
	var left []Key
	for i, key := range k.all {
		if end, ok := k.End(i); ok && now.Sub(end) > lifetime+late {
			dropped = append(dropped, key)
			continue
		}
		left = append(left, key)
	}
	added = Generate(from)
	rotated, err = NewKeys(append(left, added)...)
	return rotated, added, dropped, err
}

// late is for how long after its end a key may seal, because the clocks of hosts differ and files
// are read every few seconds.
const late = time.Minute

// A Ring holds the keys that are in use. Any goroutine may replace them.
type Ring struct{ keys atomic.Pointer[Keys] }

// NewRing returns a ring with keys.
func NewRing(keys *Keys) *Ring {
	r := &Ring{}
	r.Replace(keys)
	return r
}

// Keys returns the keys that are in use.
func (r *Ring) Keys() *Keys { return r.keys.Load() }

// Replace puts keys in the place of those that are in use.
func (r *Ring) Replace(keys *Keys) { r.keys.Store(keys) }
