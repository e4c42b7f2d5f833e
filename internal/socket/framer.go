package socket

import (
	"context"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
)

// A receiver takes the messages of our own subscriptions.
type receiver interface {
	// Room returns a buffer for n bytes to be read into; the caller must Release it or deliver it.
	Room(n int) *pool.Buffer
	// Wait blocks until a buffer of n bytes may be lent in the place of one of own bytes. Its errors are ctx's.
	Wait(ctx context.Context, own, n int) error
	// Deliver takes ownership of b and blocks while the path has no room. ctx ends with the connection.
	Deliver(ctx context.Context, b *pipeline.Batch)
	// Stripped is told that a message came with headers.
	Stripped()
}

const (
	// idleRead, usualRead and stormRead are the sizes of the buffer that is read into, in bytes: where no messages are
	// expected, where they are, and where they come faster than they are carried.
	idleRead, usualRead, StormRead = 4 << 10, 64 << 10, 256 << 10
	// leastRead is the least room worth asking the kernel for more.
	leastRead = 2 << 10
)

// idleBuffers are for connections, or times, without a receiver.
var idleBuffers pool.Pool

// A framer takes the input of a connection apart: messages of our own subscriptions become batches, where they lie;
// everything else is for nats.go. All of it is owned by Read.
type framer struct {
	buf     *pool.Buffer
	at      int             // in buf: what is not taken apart yet
	want    int             // bytes that the frame there has, as far as is known
	foreign int             // bytes of a payload for nats.go that are still to come
	batch   *pipeline.Batch // of messages in buf; nil without any
	full    bool            // the last read could have brought more
	usual   []byte          // a message line of ours up to its size: most are the same
	out     []byte          // memory of epochConn.out
}

// rest is what is not taken apart yet.
func (f *framer) rest() []byte {
	if f.buf == nil {
		return nil
	}
	return f.buf.B[f.at:]
}

// readFramed is Read where the frames are ours to take.
func (c *Conn) readFramed(p []byte) (int, error) {
	for {
		switch {
		case len(c.out) > 0:
			n := copy(p, c.out)
			c.out = c.out[n:]
			return n, nil
		case c.later != nil:
			return 0, c.failed(c.later)
		}
		err := c.split()
		if err != nil {
			c.handOver()
			c.refuse(err)
		}
		if len(c.out) == 0 && c.later == nil {
			err = c.fill()
		}
		if err != nil && c.later == nil {
			return 0, c.failed(err)
		}
	}
}

// fill reads more, after everything complete has been handed over.
func (c *Conn) fill() error {
	c.handOver()
	if err := c.makeRoom(); err != nil {
		return err
	}
	f := &c.framer
	at := len(f.buf.B)
	room := f.buf.B[at:cap(f.buf.B)]
	n, err := c.more(room)
	if n > len(ping) { // what the server asks says nothing about whether it hears us
		c.progress.Add(1)
	}
	f.buf.B = f.buf.B[:at+n]
	f.full = n == len(room)
	return err
}

// makeRoom provides a buffer that begins with the rest and has room for the frame there. It blocks while the path has as
// many bytes under way as it may.
func (c *Conn) makeRoom() error {
	f := &c.framer
	own, size := 0, f.want
	if size == 0 {
		size = len(f.rest()) + leastRead
	}
	if f.buf != nil {
		own = cap(f.buf.B)
	}
	if own >= size {
		if err := c.await(own, 0); err != nil {
			return err
		}
		f.buf.B = f.buf.B[:copy(f.buf.B, f.rest())]
		f.at = 0
		return nil
	}
	size = max(size, c.readSize())
	if err := c.await(own, size); err != nil {
		return err
	}
	c.replace(size)
	return nil
}

// await blocks while the path has too much under way to lend n bytes to a connection that holds own.
func (c *Conn) await(own, n int) error {
	r := c.receiver()
	switch {
	case r == nil, own > StormRead && n == 0: // a frame that has its buffer goes on: two of them would wait for each other
		return nil
	case own <= StormRead:
		own = 0 // what everybody has
	}
	c.pauses.begin()
	defer c.pauses.end()
	return r.Wait(c.ctx, own, n)
}

// handOver gives the batch away with the buffer that it lies in, and goes on with the rest in another one.
func (c *Conn) handOver() {
	f := &c.framer
	if f.batch == nil {
		return
	}
	b, size := f.batch, max(len(f.rest()), c.readSize())
	b.Buffer, b.MoreWaiting = f.buf.Retain(), f.full
	f.batch = nil
	c.replace(size)
	c.pauses.begin()
	c.receiver().Deliver(c.ctx, b)
	c.pauses.end()
}

// replace moves the rest into a new buffer of at least n bytes.
func (c *Conn) replace(n int) {
	f := &c.framer
	lend := idleBuffers.Get
	if r := c.receiver(); r != nil {
		lend = r.Room
	}
	next := lend(n)
	next.B = append(next.B, f.rest()...)
	if f.buf != nil {
		f.buf.Release()
	}
	f.buf, f.at = next, 0
}

// readSize is how much is read at once: much only when much came, so that a quiet connection keeps little.
func (c *Conn) readSize() int {
	f := &c.framer
	switch {
	case c.receiver() == nil:
		return idleRead
	case f.full || f.buf != nil && len(f.buf.B) > usualRead:
		return StormRead
	}
	return usualRead
}

// letGo releases what reading holds. Nothing is read any more.
func (c *Conn) letGo() {
	c.handOver()
	if f := &c.framer; f.buf != nil {
		f.buf.Release()
	}
	c.framer, c.gone = framer{}, true
	c.freedOnce.Do(func() { close(c.freed) })
}
