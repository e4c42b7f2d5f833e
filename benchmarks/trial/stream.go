package trial

import (
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/internal/record"
)

// Stream is replies at a steady rate, some each millisecond, far below what the relay could carry.
func Stream(perMillisecond, payload int) Scenario {
	return Scenario{
		Name: "reply-stream", Title: fmt.Sprintf("%d replies a second, %d B", perMillisecond*1000, payload),
		options: options{nodes: 1, body: message.NewBody(payload)},
		play:    func(b *bed, w *stopwatch) error { return stream(b, w, perMillisecond) },
	}
}

func stream(b *bed, w *stopwatch, each int) error {
	var frames batch
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
		return b.nodes.Write(frames.bytes)
	})
	if err != nil {
		return err
	}
	if _, err := b.replies.wait(b.ctx); err != nil {
		return err
	}
	w.stop(record.CPUPerReply, b.replies.total)
	w.latency(b.replies.since(func(key int) (time.Time, bool) { return p.planned(key / each), true }))
	p.report(w)
	return nil
}

// since returns the latencies of what has arrived, from a time for each key that counts.
func (t *tally) since(planned func(key int) (time.Time, bool)) (all []time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, at := range t.when {
		if from, ok := planned(t.first + i); ok && t.seen[i] {
			all = append(all, at.Sub(from))
		}
	}
	return all
}
