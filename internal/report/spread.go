package report

import (
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fedrelay/fedrelay/internal/record"
)

// A spread is a distribution of times in microseconds.
type spread struct {
	h   *hdrhistogram.Histogram
	max int64 // exact, where the histogram rounds up
}

// maxTime is the greatest latency in a run.
const maxTime = math.MaxUint32

func newSpread() *spread { return &spread{h: hdrhistogram.New(1, maxTime, 3)} }

func (s *spread) add(us int64) {
	us = min(max(us, 0), maxTime)
	_ = s.h.RecordValue(us) // in range
	s.max = max(s.max, us)
}

func (s *spread) count() int64 { return s.h.TotalCount() }

// percentile returns a percentile in milliseconds, nil if there are no values.
func (s *spread) percentile(percent float64) *float64 {
	if s.count() == 0 {
		return nil
	}
	return known(float64(min(s.h.ValueAtPercentile(percent), s.max)) / 1e3)
}

func (s *spread) least() *float64 {
	if s.count() == 0 {
		return nil
	}
	return known(float64(s.h.Min()) / 1e3)
}

func (s *spread) mean() *float64 {
	if s.count() == 0 {
		return nil
	}
	return known(s.h.Mean() / 1e3)
}

// known rounds to three decimals. It returns nil for what is no number.
func known(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	if rounded := math.Round(v*1e3) / 1e3; !math.IsInf(rounded, 0) {
		v = rounded
	}
	return &v
}

// times are the distributions of a run. reply and copied have a value for each reply and copy, the
// others for each request.
type times struct {
	reply, firstReply, lastReply, copied, lastCopy, sent *spread
}

func measure(run *record.Run) times {
	t := times{newSpread(), newSpread(), newSpread(), newSpread(), newSpread(), newSpread()}
	for i := range run.Requests {
		r := &run.Requests[i]
		t.sent.add((r.Sent - r.Planned).Microseconds())
		if first, last, any := t.reply.addColumn(r.Replies); any {
			t.firstReply.add(first)
			t.lastReply.add(last)
		}
		if _, last, any := t.copied.addColumn(r.Copies); any {
			t.lastCopy.add(last)
		}
	}
	return t
}

// addColumn adds the latencies of one request and returns the least and the greatest.
func (s *spread) addColumn(column []uint32) (first, last int64, any bool) {
	first = math.MaxInt64
	for _, v := range column {
		if v == 0 {
			continue
		}
		us := int64(v) - 1
		s.add(us)
		first, last, any = min(first, us), max(last, us), true
	}
	return first, last, any
}
