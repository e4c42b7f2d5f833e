package socket

import (
	"bytes"
	"context"
	"errors"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
)

// A Receiver takes the messages of subscriptions whose sids begin with SIDPrefix. All methods are
// called by Read, one at a time.
type Receiver interface {
	// Room returns a buffer for n bytes to be read into. The caller must Release or Deliver it.
	Room(n int) *pool.Buffer
	// Wait blocks until a buffer of n bytes may be lent in the place of one of have bytes. Its
	// errors are ctx's, which ends with the connection.
	Wait(ctx context.Context, have, n int) error
	// Deliver takes ownership of b and blocks while the path has no room. ctx ends with the
	// connection.
	Deliver(ctx context.Context, b *pipeline.Batch)
	// Stripped is told that a message came with headers.
	Stripped()
}

const (
	// idleRead, usualRead and StormRead are the sizes of the buffer that is read into, in bytes:
	// where nothing much is expected, where messages are, and where they come faster than they
	// are carried.
	idleRead, usualRead, StormRead = 4 << 10, 64 << 10, 256 << 10
	// leastRead is the least room worth asking the kernel for more.
	leastRead = 2 << 10
)

// idleBuffers are for connections, or times, without a receiver.
var idleBuffers pool.Pool

// An input takes what a server sends apart, frame by frame (split.go). Messages of our own
// subscriptions become batches, where they lie. All else is for nats.go, once it has been checked.
type input struct {
	conn       *Conn
	receives   atomic.Pointer[Receiver]
	pings      pings         // under way
	pauses     pauses        // of reading
	progress   atomic.Uint64 // reads that can have brought more than a PING or a PONG
	violations atomic.Uint64 // permission violations that nats.go has got
	info       atomic.Pointer[serverInfo]

	// Owned by read.
	buf     *pool.Buffer
	taken   int             // bytes of buf that have been taken apart
	full    bool            // the last read could have brought more
	batch   *pipeline.Batch // of messages in buf; nil without any
	usual   []byte          // a message line of ours up to its size: most are the same
	line    []byte          // for nats.go, in the place of one that has been taken
	foreign int             // bytes behind those that are for nats.go, read or not
	checked bool            // of these the last two must be CRLF
	alone   bool            // nats.go gets these before anything behind them is looked at
	broken  error           // the server's mistake, after which nothing is read
}

func newInput(c *Conn) *input { return &input{conn: c} }

// rest is what is not taken apart yet.
func (i *input) rest() []byte {
	if i.buf == nil {
		return nil
	}
	return i.buf.B[i.taken:]
}

func (i *input) receiver() Receiver {
	if r := i.receives.Load(); r != nil {
		return *r
	}
	return nil
}

func (i *input) denials() (n uint64, visible bool) { return i.violations.Load(), true }

// read implements reader.
func (i *input) read(p []byte) (n int, err error) {
	for n == 0 && err == nil && len(p) > 0 {
		var want int
		n, want, err = i.split(p)
		switch {
		case n > 0 || err != nil:
		case i.foreign > 0 && i.receiver() == nil:
			n, err = i.passUnread(p)
		default:
			err = i.fill(want)
		}
	}
	if n == 0 && err != nil {
		err = i.conn.readFailed(err)
	}
	return n, err
}

// more reads from the network. An error that comes with bytes is not returned: it will be there
// again, when these have been taken apart.
func (i *input) more(p []byte) (n int, err error) {
	n, err = i.conn.more(p)
	if n > len(ping) { // what the server asks says nothing about whether it hears us
		i.progress.Add(1)
	}
	if n > 0 {
		err = nil
	}
	return n, err
}

// fill reads more, after everything complete has been handed over. The frame at hand has want
// bytes; 0 if that is not known.
func (i *input) fill(want int) error {
	i.handOver()
	if err := i.makeRoom(want); err != nil {
		return err
	}
	end := len(i.buf.B)
	room := i.buf.B[end:cap(i.buf.B)]
	n, err := i.more(room)
	i.buf.B = i.buf.B[:end+n]
	i.full = n == len(room)
	return err
}

// makeRoom provides a buffer that begins with the rest and has room for a frame of want bytes
// there. It blocks while the path has as many bytes under way as it may.
func (i *input) makeRoom(want int) error {
	have, size := 0, want
	if want == 0 {
		size = len(i.rest()) + leastRead
	}
	if i.buf != nil {
		have = cap(i.buf.B)
	}
	if i.receiver() == nil {
		size = max(size, i.readSize())
		if have >= usualRead && size <= idleRead {
			have = 0 // goes back: not much comes any more
		}
	}
	if have < size {
		size = max(size, i.readSize())
		if err := i.await(have, size); err != nil {
			return err
		}
		i.replace(size)
		return nil
	}
	if err := i.await(have, 0); err != nil {
		return err
	}
	i.buf.B = i.buf.B[:copy(i.buf.B, i.rest())]
	i.taken = 0
	return nil
}

// await blocks while the path has too much under way to lend n bytes to a connection that
// has a buffer of have bytes.
func (i *input) await(have, n int) error {
	r := i.receiver()
	switch {
	case r == nil:
		return nil
	case have > StormRead && n == 0:
		return nil // a frame that has its buffer goes on: two would wait for each other
	case have <= StormRead:
		have = 0 // what everybody has
	}
	i.pauses.begin()
	defer i.pauses.end()
	return r.Wait(i.conn.ctx, have, n)
}

// mark makes n bytes of the buffer a message of the batch at hand.
func (i *input) mark(off, n int) {
	if i.batch == nil {
		i.batch = pipeline.NewBatch()
	}
	i.batch.AddInPlace(off, n)
}

// handOver gives the batch away with the buffer that it lies in, and goes on with the rest in
// another one.
func (i *input) handOver() {
	if i.batch == nil {
		return
	}
	b, size := i.batch, max(len(i.rest()), i.readSize())
	b.Buffer, b.MoreWaiting = i.buf.Retain(), i.full
	i.batch = nil
	i.replace(size)
	i.pauses.begin()
	i.receiver().Deliver(i.conn.ctx, b)
	i.pauses.end()
}

// replace moves the rest into a new buffer of at least n bytes.
func (i *input) replace(n int) {
	lend := idleBuffers.Get
	if r := i.receiver(); r != nil {
		lend = r.Room
	}
	next := lend(n)
	next.B = append(next.B, i.rest()...)
	if i.buf != nil {
		i.buf.Release()
	}
	i.buf, i.taken = next, 0
}

// readSize is how much is read at once: much only when much came, so that a quiet connection keeps
// little.
func (i *input) readSize() int {
	little, much := idleRead, usualRead
	if i.receiver() != nil {
		little, much = usualRead, StormRead
	}
	if i.full || i.buf != nil && len(i.buf.B) > little {
		return much
	}
	return little
}

// release implements reader.
func (i *input) release() {
	i.handOver()
	if i.buf != nil {
		i.buf.Release()
		i.buf = nil
	}
}

// lastWords implements reader. The server may have sent an -ERR, or the alert with which it
// refuses a client certificate after the handshake. Writing may notice the end of the connection
// first, and during the login nobody reads.
func (i *input) lastWords(err error) error {
	if text, ok := lastError(slices.Concat(i.line, i.rest(), i.conn.ahead)); ok {
		return &ServerError{Text: Clip(text)}
	}
	if i.conn.Conn.SetReadDeadline(time.Now().Add(100*time.Millisecond)) != nil {
		return err
	}
	said := make([]byte, 0, 1024)
	for {
		n, why := i.conn.Conn.Read(said[len(said):cap(said)])
		said = said[:len(said)+n]
		var op *net.OpError
		switch {
		case errors.As(why, &op) && op.Op == "remote error":
			return why
		case why == nil && len(said) < cap(said):
			continue
		}
		if text, ok := lastError(said); ok {
			return &ServerError{Text: Clip(text)}
		}
		return err
	}
}

// lastError returns the text of the first -ERR line of what a server sent.
func lastError(said []byte) (text string, ok bool) {
	for line := range bytes.Lines(said) {
		if bytes.HasPrefix(line, []byte("-ERR")) {
			return errText(bytes.TrimRight(line, "\r\n")), true
		}
	}
	return "", false
}
