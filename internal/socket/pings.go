package socket

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
)

// pings are all PINGs under way, those of nats.go and ours, in the order of the wire. A PONG does
// not say which PING it answers, so it belongs to the oldest.
type pings struct {
	mu      lock.Mutex[pings]
	queue   []question
	pace    pace
	answers atomic.Uint64 // PONGs

	// heard is when the PING that was answered last had been sent, as a duration since Beginning.
	// Owned by Read.
	heard time.Duration
}

// A question is a PING that is not answered yet.
type question struct {
	pong  func()        // is called at the PONG; nil for a PING of nats.go
	sent  int64         // bytes of the connection up to the PING, or a few more
	asked time.Duration // after Beginning
}

// Nobody is for PINGs whose answer nobody waits for.
func Nobody() {}

// push enters a PING that is about to be written. sent is how many bytes of the connection there
// are up to it. The caller holds Conn.writing, so that the queue has the order of the wire.
func (p *pings) push(pong func(), sent int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, question{pong, sent, time.Since(Beginning)})
}

// pop enters a PONG. It returns the function to call if the PONG answers a PING of ours, else nil.
func (p *pings) pop() (pong func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		return nil
	}
	q := p.queue[0]
	p.queue = slices.Delete(p.queue, 0, 1)
	p.pace.answered(q, time.Since(Beginning))
	p.heard = q.asked
	p.answers.Add(1)
	return q.pong
}

// oldest returns how many bytes of the connection there are up to the oldest unanswered PING.
// waiting is false if there is none.
func (p *pings) oldest() (sent int64, waiting bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		return 0, false
	}
	return p.queue[0].sent, true
}

// answeredUpTo returns how many bytes of the connection the server has answered for.
func (p *pings) answeredUpTo() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pace.upTo
}

// slowed measures the pace by the bytes that have left in one interval of the keep-alive, while at
// least waiting bytes were queued.
func (p *pings) slowed(bytes, waiting int64) {
	if waiting < telling {
		return // perhaps the connection could have carried more
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pace.measured(bytes, PingInterval)
}

// patience returns how long the oldest PING may stay unanswered, given what was written before it.
func (p *pings) patience() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		return 0
	}
	return p.pace.patience(p.queue[0].sent)
}
