package trial

import (
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/internal/record"
)

// In each mixTick there is a request to one node, and in every eighth of them a request to 200
// nodes, too. Nodes answer at once.
const (
	mixTick  = 5 * time.Millisecond
	mixLarge = 8

	// mixLonger is how much longer it takes than other scenarios: its small requests are few.
	mixLonger = 3
)

// Mix is small and large requests together, which are answered. Latencies are those of the small
// ones, there and back.
func Mix(payload int) Scenario {
	return Scenario{
		Name: "mix", Title: "200 small and 25 large requests a second, answered",
		options: options{nodes: group, body: message.NewBody(payload), answer: answer},
		play:    mix,
	}
}

func mix(b *testbed, w *stopwatch) error {
	small, large := b.requests(message.Nodes(0, 1)), b.requests(message.Nodes(0, group))
	p := pace{every: mixTick}
	ticks := int(mixLonger*w.work/mixTick) / mixLarge * mixLarge
	expected := ticks + ticks/mixLarge*group
	b.replies.timed = true
	// Even serial numbers are small requests, odd ones large.
	b.copies.arm(0, 2*ticks*group, expected)
	b.replies.arm(0, 2*ticks*group, expected)
	w.start()
	err := p.run(b.ctx, ticks, func(tick int) error {
		if tick%mixLarge == 0 {
			if err := b.clients[0].Write(large.numbered(2*tick + 1)); err != nil {
				return err
			}
		}
		return b.clients[0].Write(small.numbered(2 * tick))
	})
	if err != nil {
		return err
	}
	if _, err := b.replies.awaitAll(b.ctx); err != nil {
		return err
	}
	w.stop(record.CPUPerMessage, b.copies.total+b.replies.total)
	w.latency(b.replies.latencies(func(key int) (time.Time, bool) {
		serial := key / group
		return p.planned(serial / 2), serial%2 == 0
	}))
	p.report(w)
	return nil
}
