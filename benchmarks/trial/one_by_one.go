package trial

import (
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/internal/record"
)

// OneTarget asks one node, each time when the request before has arrived. It shows how long the way
// there takes without load.
func OneTarget(requests, payload int) Scenario {
	return Scenario{
		Name: "one-target", Title: "one target, one way", Direct: true,
		options: options{nodes: 1, body: message.NewBody(payload)},
		play: func(b *testbed, w *stopwatch) error {
			frames := b.requests(message.Nodes(0, 1))
			return w.oneByOne(requests, func(serial int) (time.Time, error) {
				b.copies.arm(serial, 1, 1)
				if err := b.clients[0].Write(frames.numbered(serial)); err != nil {
					return time.Time{}, err
				}
				return b.copies.awaitAll(b.ctx)
			})
		},
	}
}

// Loop sends broadcasts to the one node that there is, each when the one before has been answered.
func Loop(requests, payload int) Scenario {
	return Scenario{
		Name: "broadcast-loop", Title: "broadcast and one answer, in a loop", Direct: true,
		options: options{body: message.NewBody(payload), answer: answer},
		play: func(b *testbed, w *stopwatch) error {
			frames := b.requests([]string{message.Broadcast})
			return w.oneByOne(requests, func(serial int) (time.Time, error) {
				b.copies.arm(serial, 1, 1)
				b.replies.arm(serial, 1, 1)
				if err := b.clients[0].Write(frames.numbered(serial)); err != nil {
					return time.Time{}, err
				}
				return b.replies.awaitAll(b.ctx)
			})
		},
	}
}

// oneByOne measures how long each of n requests takes. Before them it sends some to warm up.
func (w *stopwatch) oneByOne(n int, ask func(serial int) (time.Time, error)) error {
	var took []time.Duration
	warm := max(1, n/20)
	for serial := range n + warm {
		if serial == warm {
			w.start()
		}
		began := time.Now()
		at, err := ask(serial)
		if err != nil {
			return err
		}
		took = append(took, at.Sub(began))
		if w.bed.failed() {
			break
		}
	}
	took = took[min(warm, len(took)):]
	w.stop(record.CPUPerRequest, len(took))
	w.latency(took)
	w.set(record.RequestMean, microseconds(sum(took))/float64(max(1, len(took))))
	return nil
}

// latency sets the quantiles of which there are enough values. It sorts took.
func (w *stopwatch) latency(took []time.Duration) {
	if len(took) == 0 {
		return
	}
	w.set(record.LatencyP50, microseconds(quantile(took, 0.5)))
	w.set(record.LatencyP99, microseconds(quantile(took, 0.99)))
	if len(took) >= 1000 {
		w.set(record.LatencyP999, microseconds(quantile(took, 0.999)))
	}
}

func sum(all []time.Duration) (s time.Duration) {
	for _, d := range all {
		s += d
	}
	return s
}

// failed reports whether something got lost or arrived damaged. To go on would only mean to wait
// for more of that.
func (b *testbed) failed() bool { return b.copies.fault() != "" || b.replies.fault() != "" }
