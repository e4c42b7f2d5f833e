package logqueue

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A reader takes what it is written, or lets the writer wait, or fails.
type reader struct {
	gate chan struct{} // nil: takes at once
	mu   sync.Mutex
	got  bytes.Buffer
	err  error
}

func (r *reader) Write(p []byte) (int, error) {
	if r.gate != nil {
		<-r.gate
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return 0, r.err
	}
	return r.got.Write(p)
}

func (r *reader) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Split(strings.TrimSuffix(r.got.String(), "\n"), "\n")
}

func (r *reader) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

func missing(n int64) []byte { return fmt.Appendf(nil, "%d lines are missing\n", n) }

// logLines writes lines from, from+1 and so on.
func logLines(w *Writer, from, n int) {
	for i := range n {
		fmt.Fprintf(w, "line %d %s\n", from+i, strings.Repeat(".", 1000))
	}
}

// checkLines compares numbers of lines, and notices, with what was read.
func checkLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	for i, line := range got {
		got[i] = strings.TrimRight(line, ". ")
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("read %q, want %q", got, want)
	}
}

func TestLinesArePassedOnInOrder(t *testing.T) {
	r := &reader{}
	w := New(r, missing)
	logLines(w, 0, 3)
	w.Close(time.Minute)
	checkLines(t, r.lines(), "line 0", "line 1", "line 2")
	if w.Dropped() != 0 {
		t.Error(w.Dropped())
	}
}

func TestNobodyWaitsForAReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reader{gate: make(chan struct{})}
		w := New(r, missing)
		logLines(w, 0, 1)
		synctest.Wait() // the reader has it
		const many, each = 700, len("line 1000 \n") + 1000
		logLines(w, 1000, many)
		synctest.Wait()
		if n := w.Dropped(); n != many-Room/int64(each) {
			t.Errorf("%d lines dropped", n)
		}
		close(r.gate)
		synctest.Wait()
		logLines(w, 5000, 1)
		w.Close(time.Minute)
		got := r.lines()
		if n := len(got); n != many-int(w.Dropped())+3 {
			t.Errorf("%d lines read, %d dropped", n, w.Dropped())
		}
		end := len(got) - 3
		checkLines(t, got[end:], fmt.Sprint("line ", 1000+end-1), fmt.Sprintf("%d lines are missing", w.Dropped()), "line 5000")
	})
}

func TestTheEndDoesNotWaitForAReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reader{gate: make(chan struct{})}
		w := New(r, missing)
		logLines(w, 0, 1)
		began := time.Now()
		w.Close(time.Second)
		if took := time.Since(began); took != time.Second {
			t.Error(took)
		}
		logLines(w, 1, 1)
		if w.Dropped() != 1 {
			t.Errorf("%d lines dropped behind the end", w.Dropped())
		}
		close(r.gate)
	})
}

func TestLinesThatCannotBeWrittenAreCountedAndSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reader{err: errors.New("broken pipe")}
		w := New(r, missing)
		for i := range 3 { // the second and the third with a notice, which is not counted
			logLines(w, 2*i, 2)
			synctest.Wait()
		}
		if w.Dropped() != 6 {
			t.Errorf("%d lines dropped", w.Dropped())
		}
		r.fail(nil)
		logLines(w, 6, 1)
		w.Close(time.Minute)
		checkLines(t, r.lines(), "line 6", "6 lines are missing")
	})
}

func TestAStormLeavesNoMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(&reader{}, missing)
		defer w.Close(time.Minute)
		logLines(w, 0, 400)
		synctest.Wait()
		logLines(w, 0, 1)
		synctest.Wait()
		logLines(w, 0, 1)
		synctest.Wait()
		if n := cap(w.waiting); n > keptRoom {
			t.Errorf("%d bytes are kept", n)
		}
	})
}

func TestManyLogAtOnce(t *testing.T) {
	r := &reader{}
	w := New(r, missing)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { logLines(w, 100*i, 30) })
	}
	all.Wait()
	w.Close(time.Minute)
	if n := len(r.lines()); n != 240 {
		t.Errorf("%d lines", n)
	}
}
