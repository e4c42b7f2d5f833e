package natsio

import (
	"hash/maphash"
	"slices"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/pipeline"
)

// bundles remembers the bundles in doubt of an outbox. The server denies a frame, whatever leaves
// with it. It names the subject, and denies frames in the order in which they were written. So the
// first denial of a subject is about the first bundle that went there.
type bundles struct {
	mu      lock.Mutex[bundles]
	inDoubt []bundle          // in the order in which they were written; guarded by mu
	early   []uint64          // subjects denied before a bundle to them was entered; guarded by mu
	beside  int               // copies that were denied with others; guarded by mu
	denied  []pipeline.Marked // copies that were denied, as far as they have a mark; guarded by mu
}

// maxEarly bounds early. Subjects of other frames get there, too.
const maxEarly = 1024

// A bundle is one frame that stands for several copies.
type bundle struct {
	subject uint64 // its hash
	mark    uint32
	copies  int
	end     int // how many copies were written up to its end
}

var subjectSeed = maphash.MakeSeed()

// note enters the bundles among n copies of e that have been written, from the given place on.
// written is how many copies were written before.
func (b *bundles) note(e *pipeline.Egress, from cursor, n, written int) {
	for n > 0 {
		m := e.Messages[from.message]
		copies := min(n, m.Copies()-from.copy)
		n, written = n-copies, written+copies
		if m.Bundle() {
			b.add(bundle{maphash.Bytes(subjectSeed, e.Subject(m, 0)), m.Mark(), copies, written})
		}
		from.advance(e, copies)
	}
}

// add enters one bundle. It may have been denied already, while the write was not over.
func (b *bundles) add(x bundle) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.early, x.subject); i >= 0 {
		b.early = slices.Delete(b.early, i, i+1)
		b.denies(x)
		return
	}
	b.inDoubt = append(b.inDoubt, x)
}

// deny enters that the server has denied a frame to a subject.
func (b *bundles) deny(subject string) {
	hash := maphash.String(subjectSeed, subject)
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.inDoubt, func(x bundle) bool { return x.subject == hash })
	switch {
	case i >= 0:
		b.denies(b.inDoubt[i])
		b.inDoubt = slices.Delete(b.inDoubt, i, i+1)
	case len(b.early) < maxEarly:
		b.early = append(b.early, hash)
	}
}

// denies enters that a bundle was denied. mu is held.
func (b *bundles) denies(x bundle) {
	b.beside += x.copies - 1
	if x.mark != 0 {
		b.denied = append(b.denied, pipeline.Marked{Mark: x.mark, Copies: uint32(x.copies)})
	}
}

// takeDenied takes the copies that were denied out of all, and appends them to dst.
func (b *bundles) takeDenied(dst, all []pipeline.Marked) []pipeline.Marked {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := 0; i < len(b.denied); i++ {
		d := b.denied[i]
		at := slices.IndexFunc(all, func(m pipeline.Marked) bool { return m.Mark == d.Mark && m.Copies >= d.Copies })
		if at < 0 {
			continue // not among the copies that are settled now
		}
		all[at].Copies -= d.Copies
		dst = append(dst, d)
		b.denied = slices.Delete(b.denied, i, i+1)
		i--
	}
	return dst
}

// forget drops bundles that are settled: those that end within the first copies. No write may be
// under way.
func (b *bundles) forget(copies int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.early = b.early[:0]
	n := 0
	for n < len(b.inDoubt) && b.inDoubt[n].end <= copies {
		n++
	}
	b.inDoubt = slices.Delete(b.inDoubt, 0, n)
}

// deniedBeside returns how many copies were denied with others, which the session has not counted.
func (b *bundles) deniedBeside() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.beside
}

// noticeDenied is called with the subject of each publish that the server denies, before the
// session counts it.
func (o *outbox) noticeDenied(subject string) {
	o.bundles.deny(subject)
	o.publisher.cfg.Denied(subject)
}
