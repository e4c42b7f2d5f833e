package natsio

import (
	"testing"
	"time"
)

// A link of the library that has carried much every second does not need minutes for the next second's.
func TestABusyLinkOfTheLibraryIsNotGivenMinutes(t *testing.T) {
	const second = 50 << 20 // bytes
	l := &libraryListener{}
	now := time.Now()
	for i := range int64(4) {
		l.settle(i*second, now.Add(time.Duration(i)*time.Second))
	}
	l.asked = 4 * second
	if got := l.patience(); got > 2*time.Second {
		t.Errorf("%v longer than usual, after a second in which it was written %d bytes", got, second)
	}
}

func TestALinkOfTheLibraryWhosePaceIsUnknownGetsTime(t *testing.T) {
	l := &libraryListener{asked: 4 << 20}
	if got := l.patience(); got != 4*time.Second {
		t.Errorf("%v", got)
	}
}
