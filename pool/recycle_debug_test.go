//go:build pooldebug

package pool

import (
	"bytes"
	"testing"
)

func TestLateReaderSeesNoMessage(t *testing.T) {
	var p Pool
	b := p.Get(0)
	b.B = append(b.B, "a message"...)
	late := b.B
	b.B = b.B[:2] // shrinking hides nothing
	b.Release()
	for range 10 {
		next := p.Get(0)
		next.B = append(next.B, "another 1"...)
		defer next.Release()
	}
	if want := bytes.Repeat([]byte{0xDB}, len(late)); !bytes.Equal(late, want) {
		t.Errorf("a late reader sees %q", late)
	}
}

func TestReleaseTooManyPanicsHoweverLate(t *testing.T) {
	var p Pool
	b := p.Get(0)
	b.Release()
	next := p.Get(0)
	mustPanic(t, b.Release)
	if p.InUse() != 1 {
		t.Errorf("the next owner lost its buffer: InUse is %d", p.InUse())
	}
	next.Release()
}
