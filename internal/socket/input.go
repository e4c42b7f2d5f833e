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

// A Receiver takes the messages of subscriptions whose sids begin with SIDPrefix. Read calls its
// methods, one at a time.
type Receiver interface {
	// Room returns a buffer with room for at least n bytes, to read into. The caller owns it and
	// must Release or Deliver it. Room does not block.
	Room(n int) *pool.Buffer
	// Wait blocks until a buffer of n bytes may be lent in exchange for one of have bytes. ctx ends
	// with the connection, and Wait fails with ctx's error only.
	Wait(ctx context.Context, have, n int) error
	// Deliver takes ownership of b, and blocks while the path has no room. ctx ends with the
	// connection.
	Deliver(ctx context.Context, b *pipeline.Batch)
	// Stripped is called for each message that came with headers, which are left out of the batch.
	Stripped()
}

const (
	// The buffer that is read into has one of these sizes, in bytes. idleRead is for a connection
	// that brings little, usualRead for one that brings messages, StormRead for one that brings
	// them faster than they are carried.
	idleRead, usualRead, StormRead = 4 << 10, 64 << 10, 256 << 10
	// leastRead is how many bytes of room there must be at least to read from the network.
	leastRead = 2 << 10
)

// idleBuffers lends buffers to connections that have no receiver, or none yet.
var idleBuffers pool.Pool

// An input takes the stream of a server apart, frame by frame (split.go). Messages of our own
// subscriptions become batches in the read buffer, without being copied. Everything else is checked
// and then passed to nats.go.
type input struct {
	conn       *Conn
	receives   atomic.Pointer[Receiver]
	pings      pings         // under way
	pauses     pauses        // of reading
	progress   atomic.Uint64 // reads of more bytes than a PING or a PONG has
	violations atomic.Uint64 // permission violations that nats.go has got
	info       atomic.Pointer[serverInfo]

	// Owned by read.
	buf     *pool.Buffer
	taken   int             // bytes of buf that have been taken apart
	full    bool            // the last read filled the buffer, so more may be waiting
	batch   *pipeline.Batch // of messages in buf; nil without any
	usual   []byte          // the start of a message line, up to the size; most lines share it
	line    []byte          // for nats.go: replaces a line that has been taken from buf
	foreign int             // bytes behind taken that are for nats.go, read already or not
	checked bool            // the last two foreign bytes must be CRLF
	alone   bool            // nats.go gets the foreign bytes before split looks behind them
	broken  error           // the server's mistake, after which nothing is read
}

func newInput(c *Conn) *input { return &input{conn: c} }

// rest returns the bytes of the buffer that are not taken apart yet.
func (in *input) rest() []byte {
	if in.buf == nil {
		return nil
	}
	return in.buf.B[in.taken:]
}

func (in *input) receiver() Receiver {
	if r := in.receives.Load(); r != nil {
		return *r
	}
	return nil
}

func (in *input) denials() (n uint64, visible bool) { return in.violations.Load(), true }

// read implements reader.
func (in *input) read(p []byte) (n int, err error) {
	for n == 0 && err == nil && len(p) > 0 {
		var want int
		n, want, err = in.split(p)
		switch {
		case n > 0 || err != nil:
		case in.foreign > 0 && in.receiver() == nil:
			n, err = in.passUnread(p)
		default:
			err = in.fill(want)
		}
	}
	if n == 0 && err != nil {
		err = in.conn.readFailed(err)
	}
	return n, err
}

// more reads from the network. It does not return an error that comes with bytes: the next read
// returns that error again, when these bytes have been taken apart.
func (in *input) more(p []byte) (n int, err error) {
	n, err = in.conn.more(p)
	if n > len(ping) { // a PING of the server does not show that it hears us
		in.progress.Add(1)
	}
	if n > 0 {
		err = nil
	}
	return n, err
}

// fill hands over all complete messages and reads from the network. The frame at hand has want
// bytes, or 0 if its size is not known.
func (in *input) fill(want int) error {
	in.handOver()
	if err := in.makeRoom(want); err != nil {
		return err
	}
	end := len(in.buf.B)
	room := in.buf.B[end:cap(in.buf.B)]
	n, err := in.more(room)
	in.buf.B = in.buf.B[:end+n]
	in.full = n == len(room)
	return err
}

// makeRoom provides a buffer that begins with the rest, and in which a frame of want bytes fits. It
// blocks while the path has as many bytes under way as it may.
func (in *input) makeRoom(want int) error {
	have, size := 0, want
	if want == 0 {
		size = len(in.rest()) + leastRead
	}
	if in.buf != nil {
		have = cap(in.buf.B)
	}
	if in.receiver() == nil {
		size = max(size, in.readSize())
		if have >= usualRead && size <= idleRead {
			have = 0 // exchange it for a small one: little comes now
		}
	}
	if have < size {
		size = max(size, in.readSize())
		if err := in.await(have, size); err != nil {
			return err
		}
		in.replace(size)
		return nil
	}
	if err := in.await(have, 0); err != nil {
		return err
	}
	in.buf.B = in.buf.B[:copy(in.buf.B, in.rest())]
	in.taken = 0
	return nil
}

// await blocks until the path may lend n bytes more. The connection has a buffer of have bytes.
func (in *input) await(have, n int) error {
	r := in.receiver()
	switch {
	case r == nil:
		return nil
	case have > StormRead && n == 0:
		return nil // read the large frame to its end: two such frames would wait for each other
	case have <= StormRead:
		have = 0 // every connection may have that much
	}
	in.pauses.begin()
	defer in.pauses.end()
	return r.Wait(in.conn.ctx, have, n)
}

// mark adds n bytes of the buffer, from off on, to the batch at hand as a message.
func (in *input) mark(off, n int) {
	if in.batch == nil {
		in.batch = pipeline.NewBatch()
	}
	in.batch.AddInPlace(off, n)
}

// handOver delivers the batch together with its buffer, and moves the rest into a new buffer. It
// blocks while the path has no room. Without a batch it does nothing.
func (in *input) handOver() {
	if in.batch == nil {
		return
	}
	b, size := in.batch, max(len(in.rest()), in.readSize())
	b.Buffer, b.MoreWaiting = in.buf.Retain(), in.full
	in.batch = nil
	in.replace(size)
	in.pauses.begin()
	in.receiver().Deliver(in.conn.ctx, b)
	in.pauses.end()
}

// replace moves the rest into a new buffer of at least n bytes.
func (in *input) replace(n int) {
	lend := idleBuffers.Get
	if r := in.receiver(); r != nil {
		lend = r.Room
	}
	next := lend(n)
	next.B = append(next.B, in.rest()...)
	if in.buf != nil {
		in.buf.Release()
	}
	in.buf, in.taken = next, 0
}

// readSize returns how many bytes to make room for. A quiet connection keeps a small buffer; only
// one that has just brought much gets a large one.
func (in *input) readSize() int {
	little, much := idleRead, usualRead
	if in.receiver() != nil {
		little, much = usualRead, StormRead
	}
	if in.full || in.buf != nil && len(in.buf.B) > little {
		return much
	}
	return little
}

// release implements reader.
func (in *input) release() {
	in.handOver()
	if in.buf != nil {
		in.buf.Release()
		in.buf = nil
	}
}

// lastWords implements reader. The server may have sent an -ERR, or the TLS alert that turns a
// client certificate down after the handshake. During the login nobody reads, so a write may be
// first to notice the end of the connection.
func (in *input) lastWords(err error) error {
	if text, ok := lastError(slices.Concat(in.line, in.rest(), in.conn.ahead)); ok {
		return &ServerError{Text: Clip(text)}
	}
	if in.conn.Conn.SetReadDeadline(time.Now().Add(100*time.Millisecond)) != nil {
		return err
	}
	said := make([]byte, 0, 1024)
	for {
		n, why := in.conn.Conn.Read(said[len(said):cap(said)])
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
