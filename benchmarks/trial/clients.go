package trial

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/internal/record"
)

const (
	clientTargets = 3  // how many nodes each client asks
	clientNodes   = 60 // how many there are
	clientWriters = 4  // how many goroutines write for all clients
)

// Clients is many clients, each with a connection of its own, that ask a few nodes at once, again
// and again. Nodes answer at once. Latencies are there and back, from the write of each client.
func Clients(clients, payload int) Scenario {
	return Scenario{
		Name: fmt.Sprintf("clients-%d", clients), Title: fmt.Sprintf("%d clients at once, %d targets each", clients, clientTargets),
		Direct: true, Few: true,
		options: options{nodes: clientNodes, clients: clients, body: message.NewBody(payload), answer: answer},
		play:    clientsAtOnce,
	}
}

func clientsAtOnce(b *testbed, w *stopwatch) error {
	a := askers{bed: b, written: make([]time.Time, len(b.clients))}
	for i := range b.clients {
		a.requests = append(a.requests, b.requestsOf(i))
	}
	b.replies.timed = true
	if _, err := a.burst(0); err != nil {
		return err
	}
	var took []time.Duration
	before := b.copies.total + b.replies.total
	w.start()
	for round := 1; w.goOn(round - 1); round++ {
		some, err := a.burst(round)
		if err != nil {
			return err
		}
		took = append(took, some...)
	}
	w.stop(record.CPUPerMessage, b.copies.total+b.replies.total-before)
	w.latency(took)
	return nil
}

// requestsOf are those of client i.
func (b *testbed) requestsOf(i int) frames {
	first := i * clientTargets % clientNodes
	f := b.requests(message.Nodes(first, first+clientTargets))
	for _, at := range f.serials {
		message.PutNumber(f.bytes[at+message.ClientAt(f.bytes[at:]):], i)
	}
	return f
}

// askers are the clients with their requests.
type askers struct {
	bed      *testbed
	requests []frames
	written  []time.Time // when each client wrote
}

// burst has every client ask once, and returns the latency of each answer. The serial numbers of a
// round follow those of the one before.
func (a *askers) burst(round int) ([]time.Duration, error) {
	b, n := a.bed, len(a.requests)
	first, span := round*n*clientNodes, n*clientNodes
	b.copies.arm(first, span, n*clientTargets)
	b.replies.arm(first, span, n*clientTargets)
	if err := a.write(round * n); err != nil {
		return nil, err
	}
	if _, err := b.replies.awaitAll(b.ctx); err != nil {
		return nil, err
	}
	return b.replies.latencies(func(key int) (time.Time, bool) {
		return a.written[b.clientOf(key/clientNodes)], true
	}), nil
}

func (a *askers) write(serial int) (err error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for first := range clientWriters {
		all.Go(func() {
			for i := first; i < len(a.requests); i += clientWriters {
				frames := a.requests[i].numbered(serial + i)
				a.written[i] = time.Now()
				if e := a.bed.clients[i].Write(frames); e != nil {
					mu.Lock()
					err = errors.Join(err, e)
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return err
}
