package wan

import (
	"time"

	"github.com/fedrelay/fedrelay/internal/line"
	"github.com/fedrelay/fedrelay/internal/record"
)

// The figures of a trial. Bytes are those that entered the line, for all copies or replies
// together.
const (
	bytesUp   = "bytes_up"   // towards the nodes
	bytesDown = "bytes_down" // towards the client
	lastMS    = "last_ms"    // from the first byte written to the last copy or reply
	cpu       = "cpu_us_"    // a copy or reply; the name of a part follows
	latency   = "latency_us" // of one reply, median
	perBundle = "replies_per_bundle"
)

const (
	// A phase is repeated for so long, and so often at most.
	work    = 400 * time.Millisecond
	repeats = 20
)

// reading is what the line and the parts of a rig have carried and used so far.
type reading struct {
	counts line.Counts
	cpu    map[string]time.Duration
}

func (r *rig) read() reading {
	now := reading{counts: r.line.Counts(), cpu: map[string]time.Duration{}}
	for _, p := range r.parts {
		now.cpu[p.name] = p.meter.Sample().CPU
	}
	return now
}

// A measure is of one phase in one rig.
type measure struct {
	before reading
	times  []float64
}

// again reports whether to do it once more. A call of package client ends with its replies.
func (m *measure) again(r *rig, elapsed time.Duration) bool {
	return len(m.times) == 0 || !r.setup.Quick && !r.library && elapsed < work && len(m.times) < repeats
}

func (m *measure) figures(r *rig, count int) map[string]float64 {
	now, times := r.read(), float64(len(m.times))
	moved := now.counts.Since(m.before.counts)
	up, down := moved.Sent, moved.Returned
	if r.relayDials() {
		up, down = down, up
	}
	f := map[string]float64{
		bytesUp: float64(up) / times, bytesDown: float64(down) / times, lastMS: record.Median(m.times),
	}
	for name, used := range now.cpu {
		f[cpu+name] = (used - m.before.cpu[name]).Seconds() * 1e6 / times / float64(count)
	}
	return f
}
