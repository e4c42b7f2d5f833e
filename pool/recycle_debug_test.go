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

func TestReaderOfWhatGrowLeftBehindSeesNoMessage(t *testing.T) {
	var p Pool
	b := p.Get(0)
	b.B = append(b.B, "a message"...)
	late := b.B
	b.Grow(4 * kib)
	if want := bytes.Repeat([]byte{0xDB}, len(late)); !bytes.Equal(late, want) {
		t.Errorf("a late reader sees %q", late)
	}
	if string(b.B) != "a message" {
		t.Errorf("the owner sees %q", b.B)
	}
	b.Release()
}

func TestAllBytesAreOverwritten(t *testing.T) {
	for size := range 70 {
		b := make([]byte, size)
		overwrite(b)
		if !bytes.Equal(b, bytes.Repeat([]byte{0xDB}, size)) {
			t.Errorf("%d bytes become %x", size, b)
		}
	}
}
