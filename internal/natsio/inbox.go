package natsio

import (
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
)

// An inbox is the bounded queue between the callback of a subscription and Source.Run.
type inbox struct {
	maxMessages, maxBytes int

	arrived chan struct{} // holds a token when messages may be waiting
	closed  chan struct{} // closed by Source.Close

	// Guarded by mu.
	mu    lock.Mutex[inbox]
	queue []delivery
	head  int // index in queue of the next message to take
	bytes int // payload bytes from head on
}

// A delivery is one message. Its bytes are ordinary memory, not lent by a pool.
type delivery struct {
	subject string
	payload []byte
	origin  string
	arrived time.Time
}

func newInbox(maxMessages, maxBytes int) inbox {
	return inbox{
		maxMessages: maxMessages,
		maxBytes:    maxBytes,
		arrived:     make(chan struct{}, 1),
		closed:      make(chan struct{}),
	}
}

// add appends a message, and reports whether there was room. It takes ownership of the payload, and
// does not block.
func (q *inbox) add(d delivery) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting := len(q.queue) - q.head
	if waiting == q.maxMessages || waiting > 0 && q.bytes+len(d.payload) > q.maxBytes {
		return false
	}
	q.queue = append(q.queue, d)
	q.bytes += len(d.payload)
	q.signal()
	return true
}

func (q *inbox) signal() {
	select {
	case q.arrived <- struct{}{}:
	default:
	}
}

// sameTime is how far apart messages of one batch may have arrived, because a batch has one time to
// live.
const sameTime = 100 * time.Millisecond

// take fills b with waiting messages of one origin, and reports whether there were any. The memory
// of b is from lender. take does not block.
func (q *inbox) take(b *pipeline.Batch, lender *pool.Pool, maxMessages, maxBytes int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.head == len(q.queue) {
		return false
	}
	b.Buffer = lender.Get(min(q.bytes, maxBytes))
	b.Origin, b.Received = q.queue[q.head].origin, q.queue[q.head].arrived
	for n := 0; q.head < len(q.queue) && n < maxMessages; n++ {
		d := &q.queue[q.head]
		full := len(b.Buffer.B)+len(d.subject)+len(d.payload) > maxBytes
		if n > 0 && (full || d.origin != b.Origin || d.arrived.Sub(b.Received) > sameTime) {
			break
		}
		b.Add(d.subject, d.payload)
		q.bytes -= len(d.payload)
		*d = delivery{}
		q.head++
	}
	q.rewind()
	b.MoreWaiting = q.head < len(q.queue)
	return true
}

// keepQueue is the capacity, in messages, up to which an empty queue keeps its memory.
const keepQueue = 4096

// rewind frees the memory of messages that have been taken, and signals if others wait.
func (q *inbox) rewind() {
	switch {
	case q.head < len(q.queue):
		if q.head > keepQueue && q.head > len(q.queue)/2 {
			q.queue = append(q.queue[:0], q.queue[q.head:]...)
			clear(q.queue[len(q.queue):cap(q.queue)])
			q.head = 0
		}
		q.signal()
	case cap(q.queue) > keepQueue:
		q.queue, q.head = nil, 0
	default:
		q.queue, q.head = q.queue[:0], 0
	}
}

func (q *inbox) size() (messages, bytes int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.queue) - q.head, q.bytes
}

// discard empties the inbox, and returns how many messages it has thrown away.
func (q *inbox) discard() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := len(q.queue) - q.head
	q.queue, q.head, q.bytes = nil, 0, 0
	return n
}
