package pool

import (
	"bytes"
	"runtime"
	"testing"

	"pgregory.net/rapid"
)

// A loan is a buffer, and what it should hold and be charged for.
type loan struct {
	buffer  *Buffer
	owners  int
	content []byte
	charged int
}

// A ledger is a pool beside a model of it.
type ledger struct {
	pool  Pool
	loans []*loan
}

func TestLentIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l ledger
		t.Repeat(map[string]func(*rapid.T){
			"":        l.compare,
			"get":     l.get,
			"append":  l.append,
			"grow":    l.grow,
			"shorten": l.shorten,
			"retain":  func(t *rapid.T) { l.retain(l.pick(t)) },
			"release": func(t *rapid.T) { l.release(t, l.pick(t)) },
		})
		for len(l.loans) > 0 {
			l.release(t, l.loans[0])
		}
		l.compare(t)
		if l.pool.InUse() != 0 || l.pool.Lent() != 0 {
			t.Fatalf("%d buffers of %d bytes lent at the end", l.pool.InUse(), l.pool.Lent())
		}
	})
}

// aSize draws a size, more often than not one near the end of a class.
func aSize(t *rapid.T) int {
	end := rapid.SampledFrom([]int{0, 4 * kib, 16 * kib, 64 * kib, 256 * kib, 1 * mib, 2 * mib}).Draw(t, "end")
	return max(0, end+rapid.IntRange(-20, 20).Draw(t, "from the end"))
}

func (l *ledger) pick(t *rapid.T) *loan {
	if len(l.loans) == 0 {
		t.Skip("nothing lent")
	}
	return rapid.SampledFrom(l.loans).Draw(t, "loan")
}

// pickWritable picks a loan that has one owner.
func (l *ledger) pickWritable(t *rapid.T) *loan {
	loan := l.pick(t)
	if loan.owners > 1 {
		t.Skip("shared")
	}
	return loan
}

func (l *ledger) get(t *rapid.T) {
	size := aSize(t)
	b := l.pool.Get(size)
	if len(b.B) != 0 || cap(b.B) != roundedUp(size) {
		t.Fatalf("asked for %d, got %d of %d", size, len(b.B), cap(b.B))
	}
	l.loans = append(l.loans, &loan{buffer: b, owners: 1, charged: roundedUp(size)})
}

// append appends within the capacity or past it. Neither changes what is charged.
func (l *ledger) append(t *rapid.T) {
	loan := l.pickWritable(t)
	more := bytes.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, rapid.IntRange(0, 20*kib).Draw(t, "n"))
	loan.buffer.B = append(loan.buffer.B, more...)
	loan.content = append(loan.content, more...)
}

func (l *ledger) grow(t *rapid.T) {
	loan, n := l.pickWritable(t), aSize(t)
	if b := loan.buffer.B; n > cap(b)-len(b) {
		loan.charged = roundedUp(len(b) + n)
	}
	loan.buffer.Grow(n)
	if b := loan.buffer.B; cap(b)-len(b) < n {
		t.Fatalf("%d of %d bytes after Grow(%d)", len(b), cap(b), n)
	}
}

func (l *ledger) shorten(t *rapid.T) {
	loan := l.pickWritable(t)
	n := rapid.IntRange(0, len(loan.content)).Draw(t, "n")
	loan.buffer.B, loan.content = loan.buffer.B[:n], loan.content[:n]
}

func (l *ledger) retain(loan *loan) {
	loan.buffer.Retain()
	loan.owners++
}

func (l *ledger) release(t *rapid.T, loan *loan) {
	if !bytes.Equal(loan.buffer.B, loan.content) {
		t.Fatal("a buffer holds other bytes than its owner wrote")
	}
	loan.buffer.Release()
	loan.owners--
	l.loans = without(l.loans)
}

// without returns the loans that somebody owns.
func without(loans []*loan) (rest []*loan) {
	for _, loan := range loans {
		if loan.owners > 0 {
			rest = append(rest, loan)
		}
	}
	return rest
}

func (l *ledger) compare(t *rapid.T) {
	lent := 0
	for _, loan := range l.loans {
		lent += loan.charged
	}
	if l.pool.Lent() != int64(lent) || l.pool.InUse() != int64(len(l.loans)) {
		t.Fatalf("%d bytes in %d buffers lent, want %d in %d", l.pool.Lent(), l.pool.InUse(), lent, len(l.loans))
	}
}

func TestMemoryReturnsToTheSystem(t *testing.T) {
	var p Pool
	var buffers []*Buffer
	before := heapInUse()
	for _, size := range classSizes[1:] {
		for range 16 * mib / size {
			buffers = append(buffers, p.Get(size))
		}
	}
	if lent, grown := p.Lent(), heapInUse()-before; lent != 64*mib || grown < 60*mib {
		t.Errorf("%d bytes lent, the heap grew by %d", lent, grown)
	}
	for _, b := range buffers {
		b.Release()
	}
	buffers = nil
	if left := heapInUse() - before; left > 4*mib {
		t.Errorf("%d bytes remain in the heap", left)
	}
	assertNothingLent(t, &p)
}

// heapInUse returns what the heap holds, in bytes, once the unused memory of pools is gone. That
// takes two collections.
func heapInUse() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapInuse)
}

func TestPeakIsTheMostSinceItWasAskedFor(t *testing.T) {
	var p Pool
	a, b := p.Get(1<<20), p.Get(1<<18)
	a.Release()
	if got := p.Peak(); got != 1<<20+1<<18 {
		t.Errorf("%d", got)
	}
	if got := p.Peak(); got != 1<<18 {
		t.Errorf("later: %d", got)
	}
	b.Release()
	if p.Peak(); p.Peak() != 0 {
		t.Error("nothing is lent any more")
	}
}
