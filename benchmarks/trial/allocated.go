package trial

import (
	"bufio"
	"io"
	"strconv"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
)

// allocated is what a relay says of its memory, if it does. The names are those that Go programs
// commonly use.
type allocated struct {
	known       bool
	allocations float64 // since it began
	pause       float64 // of garbage collections, in seconds, likewise
	byReading   float64 // allocations that reading this costs
}

const (
	allocations = "go_memstats_mallocs_total"
	pauses      = "go_gc_duration_seconds_sum"
)

// allocated reads it, after another reading: from one to the next there are the allocations of
// reading only.
func (b *testbed) allocated(before allocated) (a allocated) {
	if b.direct {
		return a
	}
	response, err := get(b.ctx, b.http+"/metrics")
	if err != nil {
		return a // it serves nothing
	}
	defer response.Body.Close()
	a = parseAllocated(response.Body)
	a.byReading = a.allocations - before.allocations
	return a
}

func parseAllocated(text io.Reader) (a allocated) {
	for lines := bufio.NewScanner(text); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			continue
		}
		switch name {
		case allocations:
			a.allocations, a.known = v, true
		case pauses:
			a.pause = v
		}
	}
	return a
}

// setAllocated sets what each of n messages cost.
func (w *stopwatch) setAllocated(n int) {
	before, now := w.runtime, w.bed.allocated(w.runtime)
	if before.known && now.known {
		w.set(record.Allocations, max(0, now.byReading-before.byReading)/float64(n))
		w.set(record.GCPause, (now.pause-before.pause)*1e9/float64(n))
	}
}
