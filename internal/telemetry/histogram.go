package telemetry

import (
	"math"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// NodeBounds and LatencyBounds are the upper bounds of the buckets of the two kinds of histograms.
// They never change, so that what Prometheus has stored can be compared.
var (
	// NodeBounds are for the time until a node answers: from a node next door to an agent that
	// takes an hour.
	NodeBounds = []time.Duration{
		time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
		10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
		100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
		time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour,
	}
	// LatencyBounds are for the time that a relay adds.
	LatencyBounds = []time.Duration{
		50 * time.Microsecond, 100 * time.Microsecond, 200 * time.Microsecond,
		300 * time.Microsecond, 500 * time.Microsecond,
		time.Millisecond, 2 * time.Millisecond, 3 * time.Millisecond, 5 * time.Millisecond,
		10 * time.Millisecond, 20 * time.Millisecond, 30 * time.Millisecond, 50 * time.Millisecond,
		100 * time.Millisecond, 200 * time.Millisecond, 300 * time.Millisecond, 500 * time.Millisecond,
		time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second, 10 * time.Second,
	}
)

// A Histogram counts durations. Any goroutine may call its methods, and none blocks. Only Snapshot
// allocates.
type Histogram struct {
	bounds []time.Duration
	counts []atomic.Int64 // by bucket; the last has no bound
	sum    atomic.Uint64  // nanoseconds, as a float64 has them: an int64 would not last for weeks
}

// NewHistogram returns a histogram with the given bounds, which ascend and must not change.
func NewHistogram(bounds []time.Duration) *Histogram {
	return &Histogram{bounds: bounds, counts: make([]atomic.Int64, len(bounds)+1)}
}

// Observe counts d n times. What is less than nothing counts as nothing.
func (h *Histogram) Observe(d time.Duration, n int) {
	d = max(0, d)
	i, _ := slices.BinarySearch(h.bounds, d)
	h.counts[i].Add(int64(n))
	for more := float64(d) * float64(n); ; {
		before := h.sum.Load()
		if h.sum.CompareAndSwap(before, math.Float64bits(math.Float64frombits(before)+more)) {
			return
		}
	}
}

// Durations are what a Histogram has counted. The zero value has counted nothing.
type Durations struct {
	Bounds []time.Duration // read only
	Counts []int64         // by bucket; the last has no bound
	Sum    float64         // seconds
}

// Snapshot returns what has been counted.
func (h *Histogram) Snapshot() Durations {
	d := Durations{Bounds: h.bounds, Counts: make([]int64, len(h.counts)), Sum: math.Float64frombits(h.sum.Load()) / 1e9}
	for i := range h.counts {
		d.Counts[i] = h.counts[i].Load()
	}
	return d
}

// Count returns how many durations were counted.
func (d *Durations) Count() (n int64) {
	for _, of := range d.Counts {
		n += of
	}
	return n
}

// add adds what another histogram with the same bounds has counted.
func (d *Durations) add(o *Durations) {
	d.Sum += o.Sum
	for i, n := range o.Counts {
		d.Counts[i] += n
	}
}

// histogram writes the series of a histogram with the given bounds, which d has, too, unless it has
// counted nothing. In a bucket are all that are not larger than its bound. labels are pairs of a
// name and a value.
func (p *page) histogram(bounds []time.Duration, d *Durations, labels ...string) {
	family := p.name
	defer func() { p.name = family }()
	all := Durations{Bounds: bounds, Counts: make([]int64, len(bounds)+1)}
	all.add(d)
	var count int64
	p.name = family + "_bucket"
	for i, n := range all.Counts {
		count += n
		p.series(count, append(slices.Clip(labels), "le", bound(bounds, i))...)
	}
	p.name = family + "_sum"
	p.line(decimal(all.Sum), labels)
	p.name = family + "_count"
	p.series(count, labels...)
}

func bound(bounds []time.Duration, i int) string {
	if i == len(bounds) {
		return "+Inf"
	}
	return seconds(bounds[i])
}

func seconds(d time.Duration) string { return decimal(d.Seconds()) }

func decimal(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
