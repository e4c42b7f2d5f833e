package socket

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
)

// pings are the PINGs under way, in order. nats.go's and ours share one connection, and PONGs do
// not say whose they are.
type pings struct {
	mu      lock.Mutex[pings]
	queue   []question
	pace    pace
	answers atomic.Uint64 // PONGs

	// heard is when the PING was sent that was answered last, after Beginning. Owned by Read.
	heard time.Duration
}

// A question is a PING.
type question struct {
	pong  chan struct{} // nil: nats.go's; else closed at the PONG, unless it is nobody
	sent  int64         // bytes up to it, or a little further
	asked time.Duration // after Beginning
}

// nobody waits for the answer to a PING of the keep-alive, which counts answers.
var nobody = make(chan struct{})

// push enters a PING before it is written, sent bytes after the beginning of the connection. It is
// called with Conn.writing held, so that the order is that on the wire.
func (p *pings) push(pong chan struct{}, sent int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, question{pong, sent, time.Since(Beginning)})
}

// pop enters a PONG. It reports whether that was ours.
func (p *pings) pop() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		return false
	}
	q := p.queue[0]
	p.queue = slices.Delete(p.queue, 0, 1)
	p.pace.answered(q, time.Since(Beginning))
	p.heard = q.asked
	p.answers.Add(1)
	if q.pong != nil && q.pong != nobody {
		close(q.pong)
	}
	return q.pong != nil
}

// oldest is how many bytes there were up to the PING that has waited longest. It is false if none
// waits.
func (p *pings) oldest() (sent int64, waiting bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		return 0, false
	}
	return p.queue[0].sent, true
}

// slowed enters that so many bytes have left in one interval of the keep-alive, while at least
// waiting more did wait.
func (p *pings) slowed(bytes, waiting int64) {
	if waiting < telling {
		return // there may not have been more to take
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pace.measured(bytes, PingInterval)
}

// patience is how long the PING that has waited longest may go unanswered, for what was written
// before it.
func (p *pings) patience() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		return 0
	}
	return p.pace.patience(p.queue[0].sent)
}
