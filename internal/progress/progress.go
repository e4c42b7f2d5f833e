// Package progress shows how far long work is: as one line that is drawn anew on a terminal,
// elsewhere as a line now and then.
package progress

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

const (
	redraw   = 200 * time.Millisecond // on a terminal: rare enough to cost nothing
	nowAgain = 10 * time.Second       // elsewhere
)

// A Line is where progress is shown. It is used by one goroutine at a time.
type Line struct {
	w     io.Writer
	width func() int // columns of the terminal; nil if w is none
	last  time.Time  // when something was printed that stays
}

// New takes a writer, such as os.Stderr.
func New(w io.Writer) *Line {
	l := &Line{w: w, last: time.Now()}
	f, ok := w.(*os.File)
	if ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		l.width = func() int {
			if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
				return columns
			}
			return 80
		}
	}
	return l
}

// Show says what happens now. A nil Line shows nothing.
func (l *Line) Show(text string) {
	switch {
	case l == nil:
	case l.width != nil:
		t := []rune(text)
		_, _ = io.WriteString(l.w, "\r"+string(t[:min(len(t), l.width()-1)])+"\x1b[K")
	case text != "" && time.Since(l.last) >= nowAgain:
		_, _ = io.WriteString(l.w, text+"\n")
		l.last = time.Now()
	}
}

// Clear leaves an empty line to whoever prints next.
func (l *Line) Clear() { l.Show("") }

// Follow shows text, which it calls a few times a second, until stop is called. Then it clears the
// line.
func (l *Line) Follow(text func() string) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(redraw)
		defer tick.Stop()
		for {
			l.Show(text())
			select {
			case <-tick.C:
			case <-quit:
				l.Clear()
				return
			}
		}
	}()
	return func() { close(quit); <-done }
}

// Left says how long work has taken and about how long it will still take, if the share of it that
// is done is known.
func Left(elapsed time.Duration, done float64) string {
	text := elapsed.Round(time.Second).String()
	if done <= 0 || elapsed < time.Second {
		return text
	}
	left := time.Duration(float64(elapsed) * (1/min(done, 1) - 1))
	return fmt.Sprintf("%s, about %s left", text, left.Round(time.Second))
}
