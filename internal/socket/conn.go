package socket

import (
	"context"
	"crypto/tls"
	"net"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/internal/rawio"
)

// A Conn is a connection as nats.go sees it: plain text, above TLS. nats.go calls Read, Write,
// Close and SetWriteDeadline. Only one goroutine may call Read; any may call the other methods.
//
// A Conn ends at the first failure, and Cause returns the reason.
type Conn struct {
	net.Conn             // plain TCP, or TLS on top of it
	raw      *rawio.Conn // the TCP connection: Cut closes it without waiting
	records  *recordConn // between TLS and raw; nil without TLS
	reader   reader
	writer   writer
	ctx      context.Context // ends with Close or Cut
	cancel   context.CancelFunc

	// Set by Greet.
	peers []string
	ahead []byte // the greeting, until nats.go reads it; owned by Read after Greet

	welcome atomic.Bool  // the login is over
	sent    atomic.Int64 // bytes for the socket that are written or being written
	// progress counts reads from the socket of more bytes than a PING or a PONG has. A PING of the
	// server does not show that it hears us. Over TLS bytes count before TLS has checked them, so
	// somebody in between can feign progress, but only for the 16 KiB of one record.
	progress atomic.Uint64

	reading  lock.Mutex[readLock] // held by Read
	released bool                 // nothing more is read; guarded by reading
	late     error                // of TLS, which came with bytes; guarded by reading
	freed    chan struct{}        // closed when released is set

	writing lock.Mutex[writeLock] // held while whole frames are written

	linger linger

	// Guarded by mu.
	mu     lock.Mutex[Conn]
	reason error // why the connection ended, as we or the server see it
	closed bool  // Close was called before there was a reason
}

// Conn and linger have more than one mutex each. These types tell the mutexes apart.
type (
	readLock   struct{} // Conn.reading
	writeLock  struct{} // Conn.writing
	lingerLock struct{} // linger.running
)

// A reader brings what the server sends to nats.go. An input is the reader of a connection whose
// frames are visible, an opaque that of any other. The caller holds Conn.reading, except for
// denials.
type reader interface {
	// read fills p for nats.go. It blocks until there are bytes or an error.
	read(p []byte) (int, error)
	// lastWords explains err, the failure of a write. It returns what the server said before it
	// hung up, or err itself if the server said nothing. It blocks for a tenth of a second at most.
	lastWords(err error) error
	// release gives back all memory.
	release()
	// denials returns how many permission violations nats.go has got. visible is false if the
	// frames cannot be read, and nobody knows.
	denials() (n uint64, visible bool)
}

// A writer writes to the socket. A libraryWriter leaves deadlines to nats.go; a Framed is patient
// with a slow server.
type writer interface {
	// note enters what nats.go is about to write in the books of the connection. The caller holds
	// Conn.writing.
	note(p []byte)
	// push writes all of p. If it fails it returns how many bytes were written, and why no more.
	push(p []byte) (int, error)
	// setDeadline is nats.go's SetWriteDeadline.
	setDeadline(t time.Time) error
}

// New returns a connection that nats.go reads and writes alone. Every frame of the server is
// looked at before nats.go gets it.
func New(raw net.Conn) *Conn {
	c := newConn(raw)
	c.reader, c.writer = newInput(c), libraryWriter{c}
	return c
}

// NewWebSocket is New for a connection whose frames are not visible, because nats.go wraps them in
// WebSocket frames. Such a connection calls the linger function at a failure of reading only, not
// at an -ERR.
func NewWebSocket(raw net.Conn) *Conn {
	c := newConn(raw)
	c.reader, c.writer = opaque{c}, libraryWriter{c}
	return c
}

func newConn(raw net.Conn) *Conn {
	wire := rawio.New(raw)
	c := &Conn{Conn: wire, raw: wire, freed: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// Read fills p with what the server sent for nats.go. Before it returns a failure, or an -ERR line
// that ends the connection, it runs the linger function and waits for its end.
func (c *Conn) Read(p []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if c.released {
		return 0, net.ErrClosed
	}
	return c.reader.read(p)
}

// more reads what Greet has read ahead, and after that from the network.
func (c *Conn) more(p []byte) (int, error) {
	if len(c.ahead) > 0 {
		n := copy(p, c.ahead)
		c.ahead = c.ahead[n:]
		return n, nil
	}
	if c.records != nil {
		return c.decrypt(p)
	}
	n, err := c.Conn.Read(p)
	if n > len(ping) {
		c.progress.Add(1)
	}
	return n, err
}

// release gives back all memory of reading. c.reading is held, and nothing is read after it.
func (c *Conn) release() {
	c.reader.release()
	if c.records != nil {
		c.records.arrivals.release()
	}
}

// readFailed returns err. If we did not close the connection it runs the linger function first, so
// that the messages queued in nats.go are consumed before nats.go learns of the failure.
func (c *Conn) readFailed(err error) error {
	c.mu.Lock()
	ours := c.closed
	c.mu.Unlock()
	if !ours {
		c.linger.run()
	}
	return err
}

// Release gives back the memory that reading holds. It waits for a Read under way, so close the
// connection first, or a blocked Read blocks Release, too. Nothing is read afterwards.
func (c *Conn) Release() {
	c.reading.Lock()
	defer c.reading.Unlock()
	if !c.released {
		c.released = true
		c.release()
		close(c.freed)
	}
}

// Close ends the connection. Over TLS it says goodbye first, except when a write is blocked: the
// goodbye would wait for that write.
func (c *Conn) Close() error {
	c.mu.Lock()
	c.closed = c.closed || c.reason == nil
	c.mu.Unlock()
	c.cancel()
	if c.records != nil && c.records.busy() {
		c.raw.Close()
	}
	return c.Conn.Close()
}

// Cut ends the connection without a TLS goodbye. It does not wait for writes that are blocked.
func (c *Conn) Cut() {
	c.cancel()
	c.raw.Close()
}

// fail stores err as the reason for the end, unless there is a reason already or Close came first.
func (c *Conn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason == nil && !c.closed {
		c.reason = err
	}
}

// Cause returns why the connection ended. It is nil while the connection lives, after a plain
// Close, and for an end that only nats.go can explain.
func (c *Conn) Cause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reason
}

// EndLogin is called when the login is over. From then on a Framed ignores the write deadlines of
// nats.go, and a write may take as long as it makes progress.
func (c *Conn) EndLogin() { c.welcome.Store(true) }

// Denials returns how many permission violations nats.go has got so far. visible is false if the
// frames of the connection cannot be read.
func (c *Conn) Denials() (n uint64, visible bool) { return c.reader.denials() }

// Peers returns the host:port of each server of the cluster, as the greeting named them. It is
// empty without a cluster.
func (c *Conn) Peers() []string { return c.peers }

// TLSState returns the state of the TLS connection, or false if the connection has no TLS.
func (c *Conn) TLSState() (tls.ConnectionState, bool) {
	t, ok := c.Conn.(*tls.Conn)
	if !ok {
		return tls.ConnectionState{}, false
	}
	return t.ConnectionState(), true
}

// SetLinger sets the linger function. It is called at most once, before nats.go learns of a failure
// or of an -ERR that ends the connection. f runs within Read and must return in bounded time. It is
// not called after Close.
func (c *Conn) SetLinger(f func()) { c.linger.set(f) }

// WaitLinger blocks while the linger function is running.
func (c *Conn) WaitLinger() { c.linger.awaitEnd() }

// A linger is a function that is called at most once, and whose end can be waited for.
type linger struct {
	mu      lock.Mutex[linger]
	f       func()                 // guarded by mu
	running lock.Mutex[lingerLock] // held while f runs
}

func (l *linger) set(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.f = f
}

// run calls the function, unless it was called before. It blocks until the function returns.
func (l *linger) run() {
	l.mu.Lock()
	f := l.f
	l.f = nil
	l.mu.Unlock()
	if f == nil {
		return
	}
	l.running.Lock()
	defer l.running.Unlock()
	f()
}

// awaitEnd blocks while the function runs.
func (l *linger) awaitEnd() {
	l.running.Lock()
	defer l.running.Unlock()
}

// opaque is the reader of a connection whose frames are not visible.
type opaque struct{ conn *Conn }

func (o opaque) read(p []byte) (int, error) {
	n, err := o.conn.more(p)
	if err != nil {
		o.conn.readFailed(err)
	}
	return n, err
}

func (opaque) lastWords(err error) error { return err }

func (opaque) release() {}

func (opaque) denials() (uint64, bool) { return 0, false }
