package report

import "github.com/fedrelay/fedrelay/internal/record"

const rateBins = 150

// A flow is how many targets were sent, copied and answered in each part of a run.
type flow struct {
	Width   float64 `json:"width"` // seconds of one part
	Sent    []int64 `json:"sent"`
	Copies  []int64 `json:"copies"` // null if copies were not seen
	Replies []int64 `json:"replies"`
}

func flowOf(run *record.Run) flow {
	f := flow{Width: max(duration(run), 1e-3) / rateBins, Sent: make([]int64, rateBins), Replies: make([]int64, rateBins)}
	if run.Meta.InProcess {
		f.Copies = make([]int64, rateBins)
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

// duration is until the last that arrived, in seconds: the wait for what did not would flatten the plot.
func duration(run *record.Run) (last float64) {
	for i := range run.Requests {
		r := &run.Requests[i]
		last = max(last, r.Sent.Seconds(), r.Planned.Seconds()+max(latest(r.Copies), latest(r.Replies)))
	}
	return last
}

func (f *flow) bin(at float64) int { return int(min(max(at/f.Width, 0), rateBins-1)) }

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
