package report

import (
	"math"

	"github.com/fedrelay/fedrelay/internal/record"
)

const (
	heatColumns = 120 // at most
	heatRows    = 44
)

// A heat is a heat map of latencies. A column is a request or a few, in the order in which they
// were planned.
type heat struct {
	Low     float64   `json:"low"`  // microseconds at the bottom
	High    float64   `json:"high"` // and at the top
	Rows    int       `json:"rows"`
	Per     int       `json:"per"`     // requests a column
	Starts  []float64 `json:"starts"`  // when the first of each column was planned, in seconds
	Counts  [][]int64 `json:"counts"`  // replies by column and row, the fastest first
	Missing []int64   `json:"missing"` // targets that failed to reply, by column
}

func heatOf(run *record.Run, reply *spread) heat {
	n := len(run.Requests)
	h := heat{Low: 1, High: 10, Rows: heatRows, Per: max(1, (n+heatColumns-1)/heatColumns)}
	if reply.count() > 0 {
		// A little more than the range of latencies, which may be empty.
		h.Low = max(float64(reply.h.Min()), 1) / 1.1
		h.High = max(float64(reply.max), 1) * 1.1
	}
	for i := range run.Requests {
		if i%h.Per == 0 {
			h.Starts = append(h.Starts, run.Requests[i].Planned.Seconds())
			h.Counts = append(h.Counts, make([]int64, heatRows))
			h.Missing = append(h.Missing, 0)
		}
		h.add(len(h.Counts)-1, targets(run, &run.Requests[i]), &run.Requests[i])
	}
	return h
}

func (h *heat) add(column, targets int, r *record.Request) {
	scale := heatRows / math.Log(h.High/h.Low)
	h.Missing[column] += int64(targets)
	for _, m := range r.Marks {
		if m.What == record.Silent {
			h.Missing[column]--
		}
	}
	for _, v := range r.Replies {
		if v == 0 {
			continue
		}
		row := int(math.Log(max(float64(v-1), 1)/h.Low) * scale)
		h.Counts[column][min(max(row, 0), heatRows-1)]++
		h.Missing[column]--
	}
}
