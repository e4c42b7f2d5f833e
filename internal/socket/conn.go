package socket

import (
	"context"
	"crypto/tls"
	"net"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
)

// A Conn is a connection as nats.go sees it: plain text, above TLS. Read, Write, Close and
// SetWriteDeadline are nats.go's. Read is for one goroutine, all other methods are for any.
//
// It ends at the first failure, for one reason: see Cause.
type Conn struct {
	net.Conn             // plain TCP, or TLS on top of it
	raw      net.Conn    // the TCP connection, for a cut that does not wait
	records  *recordConn // between TLS and raw; nil without TLS
	reader   reader
	writer   writer
	ctx      context.Context // ends with Close or Cut
	cancel   context.CancelFunc

	// Set by Greet.
	peers []string
	ahead []byte // INFO, which was read before nats.go reads; from then on owned by Read

	welcome atomic.Bool  // the login is over
	sent    atomic.Int64 // bytes for the socket that are written or being written

	reading  lock.Mutex[readLock] // held by Read
	released bool                 // guarded by reading: nothing more is read
	freed    chan struct{}        // closed then

	writing lock.Mutex[writeLock] // held while whole frames are written

	linger linger

	// Guarded by mu.
	mu     lock.Mutex[Conn]
	reason error // ours or the server's for the end
	closed bool  // Close was called before there was a reason
}

// The classes of mutexes whose owners have two.
type (
	readLock   struct{} // Conn.reading
	writeLock  struct{} // Conn.writing
	lingerLock struct{} // linger.running
)

// A reader brings what the server sends to nats.go. There is one for connections whose frames are
// visible, an input, and one for others. All methods but denials need Conn.reading.
type reader interface {
	// read fills p for nats.go. It blocks until there is something, or an error.
	read(p []byte) (int, error)
	// lastWords returns what explains err, the failure of a write: what the server has said
	// before it hung up, else err. It blocks for a tenth of a second at most.
	lastWords(err error) error
	// release gives back all memory.
	release()
	// denials is how many permission violations nats.go has got. It is false where nobody knows.
	denials() (n uint64, visible bool)
}

// A writer writes to the socket: as nats.go wants it, or with the patience of a Framed.
type writer interface {
	// note enters what nats.go is about to write. It needs Conn.writing.
	note(p []byte)
	// push writes all of p, or returns how much of it went and why not more.
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

// NewWebSocket is New for a connection whose frames are not visible, because nats.go wraps them.
// The linger function then is for failures of reading only.
func NewWebSocket(raw net.Conn) *Conn {
	c := newConn(raw)
	c.reader, c.writer = opaque{c}, libraryWriter{c}
	return c
}

func newConn(raw net.Conn) *Conn {
	c := &Conn{Conn: raw, raw: raw, freed: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// Read fills p with what the server sent and nobody else takes. An -ERR line that ends the
// connection, and every failure, waits for the linger function first.
func (c *Conn) Read(p []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if c.released {
		return 0, net.ErrClosed
	}
	return c.reader.read(p)
}

// more reads from the network, or what has been read ahead.
func (c *Conn) more(p []byte) (int, error) {
	if len(c.ahead) > 0 {
		n := copy(p, c.ahead)
		c.ahead = c.ahead[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

// readFailed lets the queue in nats.go be consumed before nats.go learns that reading has failed.
// It returns err.
func (c *Conn) readFailed(err error) error {
	c.mu.Lock()
	ours := c.closed
	c.mu.Unlock()
	if !ours {
		c.linger.run()
	}
	return err
}

// Release gives back the memory that reading holds. It waits for a Read under way, and none may be
// blocked: close the connection before. Nothing is read afterwards.
func (c *Conn) Release() {
	c.reading.Lock()
	defer c.reading.Unlock()
	if !c.released {
		c.released = true
		c.reader.release()
		close(c.freed)
	}
}

// Close ends the connection with a goodbye. Without one if writing is blocked: TLS would wait for
// that.
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

// Cut ends the connection without a goodbye. It does not wait for writes that are blocked.
func (c *Conn) Cut() {
	c.cancel()
	c.raw.Close()
}

// fail keeps the first reason for the end, if it is not a Close.
func (c *Conn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason == nil && !c.closed {
		c.reason = err
	}
}

// Cause is why the connection ended, nil where nobody here knows better than nats.go.
func (c *Conn) Cause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reason
}

// EndLogin says that the login is over. From then on a write may take as long as it makes progress.
func (c *Conn) EndLogin() { c.welcome.Store(true) }

// Denials is how many permission violations nats.go has got so far. It is false where the frames
// are not visible.
func (c *Conn) Denials() (n uint64, visible bool) { return c.reader.denials() }

// Peers are the servers of the cluster when the connection was made, host:port as they call
// themselves. Empty without a cluster.
func (c *Conn) Peers() []string { return c.peers }

// TLSState is that of the TLS connection. It is false on a plain one.
func (c *Conn) TLSState() (tls.ConnectionState, bool) {
	t, ok := c.Conn.(*tls.Conn)
	if !ok {
		return tls.ConnectionState{}, false
	}
	return t.ConnectionState(), true
}

// SetLinger sets what is called, once, before nats.go learns of a failure or of an -ERR that ends
// the connection. f runs within Read and must come back in bounded time. It is not called after
// Close.
func (c *Conn) SetLinger(f func()) { c.linger.set(f) }

// WaitLinger returns when no linger function is running.
func (c *Conn) WaitLinger() { c.linger.awaitEnd() }

// A linger is a function that is called once, and can be waited for.
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

// run calls the function, unless it has been called. It blocks for as long as that runs.
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

// opaque reads what cannot be understood.
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
