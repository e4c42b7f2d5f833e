package sim

import (
	"os"
	"sync"
	"time"
)

// A line is one direction of a connection: a bounded buffer between a writer and a reader, as a
// socket has it.
type line struct {
	room int

	// Guarded by mu.
	mu      sync.Mutex
	b       []byte
	end     error         // for the reader, behind the last byte; nil while more may come
	broken  error         // for the writer; nil while there is somebody to read
	changed chan struct{} // closed and replaced at each change
}

func newLine(room int) *line { return &line{room: room, changed: make(chan struct{})} }

// wake wakes all who wait. The caller holds mu.
func (l *line) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// write appends p and waits for room where it must. It calls took with each part as soon as that is
// in the buffer, and full each time before it waits.
func (l *line) write(p []byte, d *deadline, took func([]byte), full func()) (n int, err error) {
	for {
		expired := d.expired()
		if isClosed(expired) {
			return n, os.ErrDeadlineExceeded
		}
		k, changed, err := l.tryWrite(p[n:])
		took(p[n : n+k])
		n += k
		if n == len(p) || err != nil {
			return n, err
		}
		full()
		select {
		case <-changed:
		case <-expired:
		}
	}
}

// tryWrite appends as much of p as there is room for, and returns what is closed at the next
// change.
func (l *line) tryWrite(p []byte) (n int, changed chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return 0, nil, l.broken
	}
	n = min(len(p), l.room-len(l.b))
	if n > 0 {
		l.b = append(l.b, p[:n]...)
		l.wake()
	}
	return n, l.changed, nil
}

// read waits for bytes and takes at most as many as fit into p.
func (l *line) read(p []byte, d *deadline) (n int, err error) {
	for {
		expired := d.expired()
		if isClosed(expired) {
			return 0, os.ErrDeadlineExceeded
		}
		n, changed, err := l.tryRead(p)
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
		select {
		case <-changed:
		case <-expired:
		}
	}
}

// tryRead is read without waiting; it returns what is closed at the next change.
func (l *line) tryRead(p []byte) (n int, changed chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.b) == 0 {
		return 0, l.changed, l.end
	}
	n = copy(p, l.b)
	if n > 0 {
		l.b = append(l.b[:0], l.b[n:]...)
		l.wake()
	}
	return n, l.changed, nil
}

// finish lets the reader have what is there, and then err. The writer gets broken at once. Errors
// that were set before stay.
func (l *line) finish(err, broken error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stop(err, broken)
}

// sever throws away what is there. Reader and writer get err at once.
func (l *line) sever(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b = nil
	l.stop(err, err)
}

// stop sets both errors, unless they are set. The caller holds mu.
func (l *line) stop(err, broken error) {
	if l.end == nil {
		l.end = err
	}
	if l.broken == nil {
		l.broken = broken
	}
	l.wake()
}

// A deadline may be set at any time, also while somebody waits for it.
type deadline struct {
	mu     sync.Mutex
	timer  *time.Timer
	passed chan struct{}
}

func newDeadline() *deadline { return &deadline{passed: make(chan struct{})} }

func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil && !d.timer.Stop() {
		<-d.passed // the timer is about to close it
	}
	d.timer = nil
	if isClosed(d.passed) {
		d.passed = make(chan struct{})
	}
	switch left := time.Until(t); {
	case t.IsZero():
	case left <= 0:
		close(d.passed)
	default:
		c := d.passed
		d.timer = time.AfterFunc(left, func() { close(c) })
	}
}

// expired returns what is closed when the deadline passes, unless it is set anew before.
func (d *deadline) expired() chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.passed
}

// isClosed reports whether c is closed. Nothing is ever sent on c.
func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
