package report

import (
	"math"

	"github.com/fedrelay/fedrelay/internal/record"
)

const (
	rateBins    = 150
	fewRequests = 25
)

// A flow is how many targets were asked, got their copy and replied, in each part of a run.
type flow struct {
	Width   float64 `json:"width"` // seconds of one part
	start   float64 // of the first, in seconds
	Sent    []int64 `json:"sent"`
	Copies  []int64 `json:"copies"` // null if copies were not seen
	Replies []int64 `json:"replies"`
}

func flowOf(run *record.Run) flow {
	start, end := span(run)
	width, bins := parts(run, end-start)
	f := flow{Width: width, start: start, Sent: make([]int64, bins), Replies: make([]int64, bins)}
	if run.Meta.InProcess {
		f.Copies = make([]int64, bins)
	}
	for i := range run.Requests {
		r := &run.Requests[i]
		planned := r.Planned.Seconds()
		f.Sent[f.bin(r.Sent.Seconds())] += int64(targets(run, r))
		f.spread(f.Copies, planned, r.Copies)
		f.spread(f.Replies, planned, r.Replies)
	}
	return f
}

// span is from the first request until the last arrival, in seconds. The wait for what did not
// arrive would flatten the plot.
func span(run *record.Run) (start, end float64) {
	for i := range run.Requests {
		r := &run.Requests[i]
		if i == 0 {
			start = r.Planned.Seconds()
		}
		end = max(end, r.Sent.Seconds(), r.Planned.Seconds()+max(latest(r.Copies), latest(r.Replies)))
	}
	return start, end
}

// parts says how many parts a run has, and how wide they are. With few requests parts are narrow
// and show the shape of each. With many requests they are whole multiples of the time between two,
// so that each has the same number of requests.
func parts(run *record.Run, seconds float64) (width float64, bins int) {
	width = max(seconds, 1e-3) / rateBins
	n := len(run.Requests)
	if n < fewRequests {
		return width, rateBins
	}
	if every := (run.Requests[n-1].Planned.Seconds() - run.Requests[0].Planned.Seconds()) / float64(n-1); every > 0 {
		width = every * math.Ceil(width/every)
	}
	return width, int(min(math.Ceil(max(seconds, 1e-3)/width), rateBins))
}

func (f *flow) bin(at float64) int {
	return int(min(max((at-f.start)/f.Width, 0), float64(len(f.Sent)-1)))
}

func (f *flow) spread(bins []int64, planned float64, column []uint32) {
	if bins == nil {
		return
	}
	for _, v := range column {
		if v != 0 {
			bins[f.bin(planned+float64(v-1)/1e6)]++
		}
	}
}
