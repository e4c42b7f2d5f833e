package trial

import (
	"errors"
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/internal/record"
)

// producers is how many connections the nodes that answer at once share.
const producers = 4

// Storm makes many nodes answer at once, again and again.
func Storm(count, payload int) Scenario {
	return Scenario{
		Name: fmt.Sprintf("replies-%d", count), Title: fmt.Sprintf("%d replies at once, %d B", count, payload),
		options: options{nodes: 1, body: message.NewBody(payload)},
		play:    func(b *testbed, w *stopwatch) error { return storm(b, w, count) },
	}
}

func storm(b *testbed, w *stopwatch, count int) error {
	warm, err := b.crowd(min(count, 2000))
	if err != nil {
		return err
	}
	if _, err := warm.burst(b, 0); err != nil {
		return err
	}
	crowd, err := b.crowd(count)
	if err != nil {
		return err
	}
	var rates []float64
	w.start()
	before := b.replies.total
	for i := 1; i == 1 || w.goOn(i+1); i++ { // one burst also if some of the warm-up got lost
		had := b.replies.total
		took, err := crowd.burst(b, i)
		if err != nil {
			return err
		}
		rates = append(rates, float64(b.replies.total-had)/took.Seconds())
	}
	w.stop(record.CPUPerReply, b.replies.total-before)
	w.set(record.ReplyRate, record.Median(rates))
	return nil
}

// A crowd is some connections, each with the replies that it will send.
type crowd struct {
	conns   []*bare.Conn
	batches []frames
	count   int
}

func (b *testbed) crowd(count int) (*crowd, error) {
	conns, err := b.dial(b.addresses.Col, "nodes", producers)
	for _, conn := range conns {
		b.closers = append(b.closers, func() { conn.Close() })
		go func() { _ = conn.Read(func(bare.Msg) {}, func() error { return nil }) }()
	}
	if err != nil {
		return nil, err
	}
	c := &crowd{conns: conns, count: count, batches: make([]frames, producers)}
	for i := range count {
		c.batches[i%producers].add(message.Returned, message.Reply(i, i, b.body))
	}
	return c, nil
}

// burst sends all replies and waits for them at the client. Each round has new serial numbers.
func (c *crowd) burst(b *testbed, round int) (time.Duration, error) {
	for p, batch := range c.batches {
		for i, at := range batch.serials {
			message.PutSerial(batch.bytes[at:], round*c.count+i*producers+p)
		}
	}
	b.replies.arm(round*c.count, c.count, c.count)
	began := time.Now()
	sent := make(chan error, producers)
	for p, conn := range c.conns {
		go func() { sent <- conn.Write(c.batches[p].bytes) }()
	}
	var err error
	for range c.conns {
		err = errors.Join(err, <-sent)
	}
	if err != nil {
		return 0, err
	}
	last, err := b.replies.awaitAll(b.ctx)
	return last.Sub(began), err
}
