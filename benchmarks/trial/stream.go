package trial

import (
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/internal/record"
)

// Stream sends replies at a steady rate, some in each millisecond, far below what a relay can
// carry.
func Stream(perMillisecond, payload int) Scenario {
	return Scenario{
		Name: "reply-stream", Title: fmt.Sprintf("%d replies a second, %d B", perMillisecond*1000, payload),
		options: options{nodes: 1, body: message.NewBody(payload)},
		play:    func(b *testbed, w *stopwatch) error { return stream(b, w, perMillisecond) },
	}
}

func stream(b *testbed, w *stopwatch, each int) error {
	var frames frames
	for i := range each {
		frames.add(message.Returned, message.Reply(0, i, b.body))
	}
	p := pace{every: time.Millisecond}
	ticks := int(w.work / p.every)
	b.replies.timed = true
	b.replies.arm(0, ticks*each, ticks*each)
	w.start()
	err := p.run(b.ctx, ticks, func(tick int) error {
		for i, at := range frames.serials {
			message.PutSerial(frames.bytes[at:], tick*each+i)
		}
		return b.nodes[0].Write(frames.bytes)
	})
	if err != nil {
		return err
	}
	if _, err := b.replies.awaitAll(b.ctx); err != nil {
		return err
	}
	w.stop(record.CPUPerReply, b.replies.total)
	w.latency(b.replies.latencies(func(key int) (time.Time, bool) { return p.planned(key / each), true }))
	p.report(w)
	return nil
}
