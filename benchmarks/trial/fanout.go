package trial

import (
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/internal/record"
)

// FanOut asks many targets, one request after the other.
func FanOut(targets, payload int) Scenario {
	return Scenario{
		Name: fmt.Sprintf("fanout-%d-%d", targets, payload), Title: fmt.Sprintf("%d targets, %d B", targets, payload),
		Direct: true, options: options{nodes: targets, body: message.NewBody(payload)},
		play: func(b *testbed, w *stopwatch) error { return fanOut(b, w, targets) },
	}
}

// SharedBy is the same fan-out with so many connections that share the nodes. What a copy costs the
// servers is one of its figures.
func (s Scenario) SharedBy(conns int) Scenario {
	s.Name, s.Title = fmt.Sprintf("%s-%dc", s.Name, conns), fmt.Sprintf("%s, nodes on %d connections", s.Title, conns)
	s.Few, s.options.nodeConns = true, conns
	return s
}

func fanOut(b *testbed, w *stopwatch, targets int) error {
	send, err := b.asker(targets)
	if err != nil {
		return err
	}
	ask := func(serial int) (time.Duration, error) {
		b.copies.arm(serial*targets, targets, targets)
		began := time.Now()
		if err := send(serial); err != nil {
			return 0, err
		}
		last, err := b.copies.awaitAll(b.ctx)
		return last.Sub(began), err
	}
	if _, err := ask(0); err != nil {
		return err
	}
	if targets >= manyTargets {
		w.awaitConnections()
	}
	var took []time.Duration
	before := b.copies.total
	w.start()
	for serial := 1; w.goOn(serial - 1); serial++ {
		d, err := ask(serial)
		if err != nil {
			return err
		}
		took = append(took, d)
	}
	w.stop(record.CPUPerCopy, b.copies.total-before)
	if servers, ok := w.outcome.Figures[record.ServersCPU]; ok && b.options.nodeConns > 1 {
		w.set(record.ServersByCopy, servers)
	}
	w.set(record.LastCopy, milliseconds(quantile(took, 0.5)))
	return nil
}

// manyTargets is how many targets may make a relay open more connections.
const manyTargets = 1000

// asker returns a function that asks the first so many nodes: through the relay, or directly.
func (b *testbed) asker(targets int) (func(serial int) error, error) {
	if b.direct {
		return b.directAsker(targets)
	}
	frames := b.requests(message.Nodes(0, targets))
	return func(serial int) error { return b.clients[0].Write(frames.numbered(serial)) }, nil
}

// directAsker publishes to each node, as a client without a federation does.
func (b *testbed) directAsker(targets int) (func(serial int) error, error) {
	var o []nats.Option
	if b.security != nil {
		o = append(o, nats.Secure(b.security))
	}
	nc, err := nats.Connect(b.addresses.Col, o...)
	if err != nil {
		return nil, err
	}
	subjects := message.Nodes(0, targets)
	payload := message.Copy(0, b.body)
	serialAt := message.SerialAt(payload)
	b.closers = append(b.closers, nc.Close)
	return func(serial int) error {
		message.PutSerial(payload[serialAt:], serial)
		for _, subject := range subjects {
			if err := nc.Publish(subject, payload); err != nil {
				return err
			}
		}
		return nil
	}, nil
}
