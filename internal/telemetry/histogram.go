package telemetry

import (
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// bounds are the upper bounds of the buckets of a Histogram: from a node next door to an agent that
// takes an hour. They never change, so that what Prometheus has stored can be compared.
var bounds = [...]time.Duration{
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour,
}

// A Histogram counts durations. Any goroutine may call its methods, and none blocks or allocates.
type Histogram struct {
	counts [len(bounds) + 1]atomic.Int64
	sum    atomic.Int64 // nanoseconds
}

// Observe counts d. What is less than nothing counts as nothing.
func (h *Histogram) Observe(d time.Duration) {
	d = max(0, d)
	i, _ := slices.BinarySearch(bounds[:], d)
	h.counts[i].Add(1)
	h.sum.Add(int64(d))
}

// Durations are what a Histogram has counted.
type Durations struct {
	Counts [len(bounds) + 1]int64 // by bucket; the last has no bound
	Sum    time.Duration
}

// Snapshot returns what has been counted.
func (h *Histogram) Snapshot() (d Durations) {
	d.Sum = time.Duration(h.sum.Load())
	for i := range h.counts {
		d.Counts[i] = h.counts[i].Load()
	}
	return d
}

func (d *Durations) add(o *Durations) {
	d.Sum += o.Sum
	for i := range d.Counts {
		d.Counts[i] += o.Counts[i]
	}
}

// histogram writes the series of a histogram. In a bucket are all that are not larger than its
// bound.
func (p *page) histogram(d *Durations) {
	family := p.name
	defer func() { p.name = family }()
	var count int64
	p.name = family + "_bucket"
	for i, n := range d.Counts {
		count += n
		p.series(count, "le", bound(i))
	}
	p.name = family + "_sum"
	p.line(seconds(d.Sum), nil)
	p.name = family + "_count"
	p.series(count)
}

func bound(i int) string {
	if i == len(bounds) {
		return "+Inf"
	}
	return seconds(bounds[i])
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'g', -1, 64) }
