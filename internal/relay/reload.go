package relay

import (
	"bytes"
	"errors"
	"strings"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
)

// A RefusedError says why a reload has changed nothing. It lists everything that speaks against it.
type RefusedError struct{ Reasons []link.Finding }

func (e *RefusedError) Error() string {
	var all []string
	for _, r := range e.Reasons {
		all = append(all, strings.TrimPrefix(r.Error(), ": "))
	}
	return strings.Join(all, "\n")
}

// ErrEnding says that a reload comes too late.
var ErrEnding = errors.New("the relay is about to end, and takes no other settings")

// Reload takes other settings into use, all of them or none, while messages are carried. It returns
// what has changed, one line each and without secrets, or nothing if c says what is in force. The
// error is a *RefusedError or ErrEnding, and then nothing has changed.
//
// Messages that have been read are judged by the settings of before. Where a connection has to be
// made in another way the next one is in use before the old one ends, so nothing is lost. That goes
// on after Reload has returned; Ready and Warnings tell about it. Reload blocks for files, and for
// another call of it.
func (p *Process) Reload(c config.Config) (changes []string, err error) {
	p.reloading.Lock()
	defer p.reloading.Unlock()
	if p.relays[0].draining.Load() {
		return nil, ErrEnding
	}
	next, reasons := p.prepare(c)
	if len(reasons) > 0 {
		return nil, &RefusedError{reasons}
	}
	for _, change := range next.changes {
		changes = append(changes, change.String())
	}
	changes = append(changes, p.otherFiles(&next)...)
	for i, r := range p.relays {
		r.apply(next, i, len(changes) > 0)
	}
	p.settings.Store(&c)
	p.reloadService(next)
	return changes, nil
}

// otherFiles says which files hold something else than at the last reload, although their names are
// those of before. The first reload compares with what the connections were made with.
func (p *Process) otherFiles(next *prepared) (changes []string) {
	for i, s := range p.relays[0].sides {
		now, before := next.sides[0][i].Read(), p.read[i]
		p.read[i] = &now
		same := next.otherSide[i] || before != nil && before.Alike(now) || before == nil && p.madeLike(i, now)
		if !same {
			next.otherFiles[i] = true
			changes = append(changes, s.name+": credentials or certificates have changed in their files")
		}
	}
	if !next.concerns("return_address") && !sameKeys(p.relays[0].seals.sealing, next.sealing[0]) {
		changes = append(changes, "return_address.keys: the keys have changed in their file")
	}
	return changes
}

// madeLike reports whether all connections to the i-th side were made by what r has read.
func (p *Process) madeLike(i int, r link.Reading) bool {
	for _, relay := range p.relays {
		s := relay.sides[i]
		if !s.receive.MadeLike(r) {
			return false
		}
		for _, l := range s.publishes.allLanes() {
			if !l.link.MadeLike(r) {
				return false
			}
		}
	}
	return true
}

func sameKeys(a, b sealing) bool {
	if a.ring == nil || b.ring == nil {
		return a.ring == b.ring
	}
	return bytes.Equal(a.ring.Keys().AppendFile(nil), b.ring.Keys().AppendFile(nil))
}
