package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

// synthetic returns a run like a real one, always the same: lognormal delays behind a fan-out that
// takes its time, a pause of the relay in the middle, a few lost, late, doubled and silent. All
// numbers follow from nodes, requests and speed.
func synthetic(nodes, requests int, speed float64) *record.Run {
	rng := rand.New(rand.NewPCG(7, 11))
	run := &record.Run{Meta: record.Meta{
		Version: "v0.0.0-test", Started: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
		Elapsed: time.Duration(requests)*200*time.Millisecond + time.Second,
		Command: []string{"loadgen", "run", "--nodes", fmt.Sprint(nodes), "--exec", "bin/fedrelay run --http {http}"},
		Settings: map[string]string{
			"broadcast": "false", "cluster": "london", "closed-loop": "false", "delay": "lognormal 40ms", "group": "200",
			"nodes": fmt.Sprint(nodes), "payload": "1024", "protocol": "v1", "rate": "5", "reply-size": "512",
			"requests": fmt.Sprint(requests), "targets": fmt.Sprint(nodes), "timeout": "2s",
		},
		Relay: "bin/fedrelay run --http 127.0.0.1:8280", CPUs: 2, InProcess: true,
	}}
	for i := range nodes {
		run.Nodes = append(run.Nodes, fmt.Sprintf("node%05d.london.example.net", i))
	}
	for i := range requests {
		run.Requests = append(run.Requests, syntheticRequest(rng, i, nodes, requests, speed))
	}
	total(run)
	watch(run, speed)
	return run
}

func syntheticRequest(rng *rand.Rand, i, nodes, requests int, speed float64) record.Request {
	r := record.Request{Planned: time.Duration(i) * 200 * time.Millisecond}
	r.Sent = r.Planned + time.Duration(2e6+rng.IntN(1e6))
	stall := 0.0
	if 5*i/requests == 2 {
		stall = 60_000 * rng.Float64()
	}
	for node := range nodes {
		copied := 900 + stall + float64(node)*3*speed + 300*rng.ExpFloat64()
		r.Copies = append(r.Copies, uint32(copied)+1)
		reply := uint32(copied+math.Exp(10.4+0.5*rng.NormFloat64())) + 1
		switch mark := oddity(rng, node); mark {
		case record.Duplicated:
			r.Duplicates++
			r.Marks = append(r.Marks, record.Mark{Node: uint32(node), What: mark})
		case record.Late:
			r.Late++
			reply = 0
			r.Marks = append(r.Marks, record.Mark{Node: uint32(node), What: mark})
		case record.Silent:
			reply = 0
			r.Marks = append(r.Marks, record.Mark{Node: uint32(node), What: mark})
		case lost:
			reply = 0
		}
		r.Replies = append(r.Replies, reply)
	}
	return r
}

const lost = record.What(255)

// oddity is rare; nodes at the end of a rack of 40 are worse.
func oddity(rng *rand.Rand, node int) record.What {
	at := rng.IntN(100_000)
	switch {
	case node%997 == 13:
		return record.Silent
	case node%40 == 39 && at < 400:
		return lost
	case at < 8:
		return lost
	case at < 14:
		return record.Duplicated
	case at < 20:
		return record.Late
	}
	return 0
}

func total(run *record.Run) {
	t := count(run)
	for i := range run.Requests {
		for _, m := range run.Requests[i].Marks {
			if m.What == record.Silent {
				t.Silent++
			}
		}
	}
	t.Lost = t.Targets - t.Replies - t.Silent
	t.MaxLag = 1300 * time.Microsecond
	run.Totals = t
	run.Relay = []record.Ledger{
		{Path: "request", Received: t.Requests, Accepted: t.Requests, Copies: t.Targets, Confirmed: t.Targets},
		{Path: "reply", Received: t.Replies + t.Late, Accepted: t.Replies + t.Late, Copies: t.Replies + t.Late,
			Confirmed: t.Replies + t.Late + t.Duplicates},
	}
}

func watch(run *record.Run, speed float64) {
	run.Costs = record.Costs{CPUPerCopy: 0.41 * speed, CPUPerReply: 1.93 * speed, RSSPeak: 44_300_000}
	for at := time.Duration(0); at <= run.Meta.Elapsed; at += 250 * time.Millisecond {
		run.Cost = append(run.Cost, record.Sample{At: at, CPU: at / 9, RSS: 41e6, Threads: 9, Connections: 4,
			Switches: int64(at / 1e6)})
		run.Self = append(run.Self, record.Sample{At: at, CPU: at / 3, RSS: 210e6, Threads: 12, Connections: 40})
	}
}
