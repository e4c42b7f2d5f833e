package state

import "slices"

// A Histogram counts durations in buckets. The zero value has counted nothing.
type Histogram struct {
	Bounds []float64 `json:"bounds,omitempty"` // seconds; upper bounds, ascending
	Counts []int64   `json:"counts,omitempty"` // one for each bound, and one for all above
	Sum    float64   `json:"sum"`              // seconds
}

// Count returns how many durations were counted.
func (h Histogram) Count() (n int64) {
	for _, c := range h.Counts {
		n += c
	}
	return n
}

const (
	mostBuckets = 100
	mostSeconds = 1e12 // a bound, or the sum, of a histogram of ours is never as large
)

// Sound reports whether a histogram can be one of ours. One that anybody has written may be
// anything, and only a sound one may be computed with.
func (h Histogram) Sound() bool {
	if len(h.Counts) == 0 && len(h.Bounds) == 0 {
		return h.Sum == 0
	}
	last := -1.0
	for _, b := range h.Bounds {
		if b <= last || b > mostSeconds {
			return false
		}
		last = b
	}
	const most = 1 << 55 // so that no sum of counts overflows
	wrong := func(n int64) bool { return n < 0 || n > most }
	return len(h.Bounds) < mostBuckets && len(h.Counts) == len(h.Bounds)+1 && h.Sum >= 0 && h.Sum < mostSeconds &&
		!slices.ContainsFunc(h.Counts, wrong)
}

// Sub returns what h has counted since earlier, an older state of the same histogram. Of different
// histograms it returns h.
func (h Histogram) Sub(earlier Histogram) Histogram {
	if len(earlier.Counts) != len(h.Counts) || earlier.Count() > h.Count() {
		return h
	}
	d := Histogram{Bounds: h.Bounds, Counts: make([]int64, len(h.Counts)), Sum: h.Sum - earlier.Sum}
	for i := range d.Counts {
		d.Counts[i] = h.Counts[i] - earlier.Counts[i]
	}
	return d
}

// Add returns what both have counted. If the bounds differ it returns h.
func (h Histogram) Add(o Histogram) Histogram {
	switch {
	case len(h.Counts) == 0:
		return o
	case len(o.Counts) != len(h.Counts):
		return h
	}
	sum := Histogram{Bounds: h.Bounds, Counts: make([]int64, len(h.Counts)), Sum: h.Sum + o.Sum}
	for i := range sum.Counts {
		sum.Counts[i] = h.Counts[i] + o.Counts[i]
	}
	return sum
}

// Quantile returns a duration in seconds that the share q of all is not longer than, with a
// straight line between the bounds of a bucket. It returns the last bound for what is above it, and
// 0 if nothing was counted.
func (h Histogram) Quantile(q float64) float64 {
	rank, below := q*float64(h.Count()), 0.0
	for i, c := range h.Counts {
		if c == 0 || below+float64(c) < rank {
			below += float64(c)
			continue
		}
		if i >= len(h.Bounds) {
			break
		}
		from := 0.0
		if i > 0 {
			from = h.Bounds[i-1]
		}
		return from + (h.Bounds[i]-from)*(rank-below)/float64(c)
	}
	if h.Count() == 0 || len(h.Bounds) == 0 {
		return 0
	}
	return h.Bounds[len(h.Bounds)-1]
}
