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
	"github.com/fedrelay/fedrelay/wire"
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
	// ReadSizes says how large the buffer is that is read into: usually, and in a storm.
	ReadSizes() ReadSizes
}

// ReadSizes are sizes of buffers in bytes: for a connection that brings messages, and for one that
// brings them faster than they are carried.
type ReadSizes struct{ Usual, Storm int }

var (
	// ShortReads are the sizes for whoever carries messages one by one.
	ShortReads = ReadSizes{usualRead, stormRead}
	// LongReads are the sizes for whoever gathers what one read brings.
	LongReads = ReadSizes{stormRead, 1 << 20}
)

const (
	// The buffer that is read into has one of these sizes, in bytes, or those of ReadSizes.
	// idleRead is for a connection that brings little.
	idleRead, usualRead, stormRead = 4 << 10, 64 << 10, 256 << 10
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
	violations atomic.Uint64 // permission violations that nats.go has got
	info       atomic.Pointer[serverInfo]

	// Owned by read.
	buf          *pool.Buffer
	taken        int             // bytes of buf that have been taken apart
	full         bool            // the last read filled the buffer, so more may be waiting
	batch        *pipeline.Batch // of messages in buf; nil without any
	usual        []byte          // the start of a message line, up to the size; most lines share it
	usualSubject wire.Span       // the place of the subject in it
	line         []byte          // for nats.go: replaces a line that has been taken from buf
	foreign      int             // bytes behind taken that are for nats.go, read already or not
	checked      bool            // the last two foreign bytes must be CRLF
	alone        bool            // nats.go gets the foreign bytes before split looks behind them
	broken       error           // the server's mistake, after which nothing is read
}

func newInput(c *Conn) *input { return &input{conn: c} }

// rest returns the bytes of the buffer that are not taken apart yet.
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

// more reads from the network. It does not return an error that comes with bytes: the next read
// returns that error again, when these bytes have been taken apart.
func (i *input) more(p []byte) (n int, err error) {
	n, err = i.conn.more(p)
	if n > 0 {
		err = nil
	}
	return n, err
}

// fill hands over all complete messages and reads from the network. The frame at hand has want
// bytes, or 0 if its size is not known.
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

// makeRoom provides a buffer that begins with the rest, and in which a frame of want bytes fits. It
// blocks while the path has as many bytes under way as it may.
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
			have = 0 // exchange it for a small one: little comes now
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

// await blocks until the path may lend n bytes more. The connection has a buffer of have bytes.
func (i *input) await(have, n int) error {
	r := i.receiver()
	if r == nil {
		return nil
	}
	switch storm := r.ReadSizes().Storm; {
	case have > storm && n == 0:
		return nil // read the large frame to its end: two such frames would wait for each other
	case have <= storm:
		have = 0 // every connection may have that much
	}
	i.pauses.begin()
	defer i.pauses.end()
	return r.Wait(i.conn.ctx, have, n)
}

// mark adds n bytes of the buffer, from off on, to the batch at hand as a message. subject is the
// place of its subject.
func (i *input) mark(subject wire.Span, off, n int) {
	if i.batch == nil {
		i.batch = pipeline.NewBatch()
	}
	i.batch.AddInPlace(subject, wire.Span{Off: uint32(off), Len: uint32(n)})
}

// handOver delivers the batch together with its buffer, and moves the rest into a new buffer. It
// blocks while the path has no room. Without a batch it does nothing.
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

// readSize returns how many bytes to make room for. A quiet connection keeps a small buffer; only
// one that has just brought much gets a large one.
func (i *input) readSize() int {
	little, much := idleRead, usualRead
	if r := i.receiver(); r != nil {
		sizes := r.ReadSizes()
		little, much = sizes.Usual, sizes.Storm
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

// lastWords implements reader. The server may have sent an -ERR, or the TLS alert that turns a
// client certificate down after the handshake. During the login nobody reads, so a write may be
// first to notice the end of the connection.
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
