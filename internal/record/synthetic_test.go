package record

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// synthetic returns a run of which all is plausible and nothing regular: latencies are lognormal
// around 40 ms.
func synthetic(nodes, requests int) *Run {
	rng := rand.New(rand.NewPCG(1, 2))
	run := &Run{
		Meta: Meta{
			Version: "test", Started: time.Unix(1_700_000_000, 0).UTC(), Elapsed: time.Minute, Command: []string{"run", "x"},
			Settings: map[string]string{"rate": "5"}, CPUs: 2, InProcess: true,
		},
		Totals: Totals{Requests: int64(requests), Why: "none"},
		Costs:  Costs{CPUPerCopy: 0.5, RSSPeak: 44 << 20},
		Relay:  []Ledger{{Path: "request", Received: 3}},
	}
	for i := range nodes {
		run.Nodes = append(run.Nodes, fmt.Sprintf("node%05d.example.net", i))
	}
	for i := range 50 {
		at := time.Duration(i) * 100 * time.Millisecond
		run.Cost = append(run.Cost, Sample{at, at / 3, 40 << 20, 9, 4, int64(i)})
		run.Self = append(run.Self, Sample{at, at / 2, 90 << 20, 12, 40, int64(i)})
	}
	for i := range requests {
		run.Requests = append(run.Requests, request(rng, i, nodes))
	}
	return run
}

func request(rng *rand.Rand, i, nodes int) Request {
	r := Request{Planned: time.Duration(i) * 200 * time.Millisecond, Duplicates: 1, Late: uint32(i)}
	r.Sent = r.Planned + time.Duration(rng.IntN(1e6))
	r.Marks = []Mark{{uint32(rng.IntN(nodes)), Duplicated}}
	if i%2 == 1 {
		r.Targets = ascending(nodes)
	}
	for range nodes {
		copied := 500 + uint32(rng.IntN(40_000))
		r.Copies = append(r.Copies, copied)
		r.Replies = append(r.Replies, copied+uint32(math.Exp(10.6+0.7*rng.NormFloat64())))
	}
	r.Replies[rng.IntN(nodes)] = 0
	return r
}

func ascending(n int) []uint32 {
	all := make([]uint32, n)
	for i := range all {
		all[i] = uint32(i)
	}
	return all
}
