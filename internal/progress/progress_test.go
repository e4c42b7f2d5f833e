package progress

import (
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestATerminalHasOneLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b safeBuilder
		l := New(&b)
		l.width = func() int { return 20 }
		n := 0
		stop := l.Follow(func() string { n++; return strings.Repeat("x", 30) })
		<-time.After(redraw*3 + redraw/2)
		stop()
		want := strings.Repeat("\r"+strings.Repeat("x", 19)+"\x1b[K", 4) + "\r\x1b[K"
		if n != 4 || b.String() != want {
			t.Errorf("%d, %q", n, b.String())
		}
	})
}

func TestElsewhereALineNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b safeBuilder
		l := New(&b)
		stop := l.Follow(func() string { return "working" })
		<-time.After(2*nowAgain + time.Second)
		stop()
		if b.String() != "working\nworking\n" {
			t.Errorf("%q", b.String())
		}
	})
	var none *Line
	none.Follow(func() string { return "" })()
}

func TestHowLongIsLeft(t *testing.T) {
	for _, c := range []struct {
		elapsed time.Duration
		done    float64
		want    string
	}{{time.Minute, 0, "1m0s"}, {time.Minute, 0.25, "1m0s, about 3m0s left"}, {time.Minute, 1.1, "1m0s, about 0s left"}, {0, 0.5, "0s"}} {
		if got := Left(c.elapsed, c.done); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// safeBuilder may be read while it is written.
type safeBuilder struct {
	mu sync.Mutex
	b  strings.Builder
}

var _ io.Writer = &safeBuilder{}

func (s *safeBuilder) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuilder) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
