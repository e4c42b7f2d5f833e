// Package logqueue passes log lines on to somebody who may not read them. Nobody who logs ever
// waits: lines queue in memory, and what finds no room there is dropped and counted.
package logqueue

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Room is how many bytes may wait; as many again may be on their way to the reader.
const Room = 512 << 10

// Missing is the text of the notice that stands where lines were dropped.
const Missing = "log lines are missing here: nobody read them in time"

// keptRoom is how many bytes of memory an empty buffer keeps.
const keptRoom = 64 << 10

// A Writer is what a slog.Handler writes to, a whole line at a time. All methods may be called from
// any goroutine.
type Writer struct {
	to      io.Writer
	notice  func(lines int64) []byte
	ended   chan struct{} // closed when nothing is written any more
	dropped atomic.Int64

	// Guarded by mu.
	mu         sync.Mutex
	changed    sync.Cond // waiting or closed
	waiting    []byte    // whole lines
	unreported int64     // lines dropped since the last notice
	closed     bool
}

// New returns a Writer that passes lines on to to, which may block. notice makes the line that
// says, as soon as somebody reads again, how many are missing. It ends with Close.
func New(to io.Writer, notice func(lines int64) []byte) *Writer {
	w := &Writer{to: to, notice: notice, ended: make(chan struct{})}
	w.changed.L = &w.mu
	go w.run()
	return w
}

// Write takes a copy of line and does not wait. It always succeeds: who logs could do nothing about
// a failure.
func (w *Writer) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.waiting)+len(line) > Room {
		w.drop(1)
		return len(line), nil
	}
	w.waiting = append(w.waiting, line...)
	w.changed.Signal()
	return len(line), nil
}

// Dropped is the number of lines that nobody will read.
func (w *Writer) Dropped() int64 { return w.dropped.Load() }

// Close stops taking lines and returns when those that wait have been passed on, or after a time:
// what is left then is lost.
func (w *Writer) Close(within time.Duration) {
	w.mu.Lock()
	w.closed = true
	w.changed.Signal()
	w.mu.Unlock()
	timeout := time.NewTimer(within)
	defer timeout.Stop()
	select {
	case <-w.ended:
	case <-timeout.C:
	}
}

// run writes what waits, until Close was called and nothing is left.
func (w *Writer) run() {
	defer close(w.ended)
	for lines, missing := w.take(nil); lines != nil; lines, missing = w.take(lines) {
		if n, err := w.to.Write(lines); err != nil {
			w.lose(lines[n:], missing)
		}
	}
}

// take blocks until lines wait, and returns them; nil after Close, when none are left. Where lines
// were dropped, a notice comes last, and missing is the number in it. The lines to come are kept in
// the memory of spare.
func (w *Writer) take(spare []byte) (lines []byte, missing int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.waiting) == 0 && !w.closed {
		w.changed.Wait()
	}
	if len(w.waiting) == 0 {
		return nil, 0
	}
	if cap(spare) > keptRoom {
		spare = nil
	}
	lines, w.waiting = w.waiting, spare[:0]
	if w.unreported > 0 {
		lines = append(lines, w.notice(w.unreported)...)
		missing, w.unreported = w.unreported, 0
	}
	return lines, missing
}

// lose counts lines that could not be written. With missing they end with a notice, which is no
// line that anybody logged: its number goes into the next notice.
func (w *Writer) lose(lines []byte, missing int64) {
	lost := int64(bytes.Count(lines, []byte("\n")))
	if missing > 0 {
		lost--
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop(lost)
	w.unreported += missing
}

// drop counts lines as dropped. The caller holds mu.
func (w *Writer) drop(lines int64) {
	w.dropped.Add(lines)
	w.unreported += lines
}
