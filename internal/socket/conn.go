package socket

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// epochConn is the connection of one epoch as nats.go sees it: plain text, above TLS. Read is for one goroutine, as nats.go
// has it; everything else for any.
type Conn struct {
	net.Conn             // plain TCP, or TLS on top of it
	raw      net.Conn    // the TCP connection, for a cut that does not wait
	records  *recordConn // between TLS and raw; nil without TLS
	opaque   bool        // WebSocket: the frames are not visible here
	framed               // unless it is off, frames are read and written here
	peers    []string    // set by greet: the servers of the cluster, host:port as they call themselves

	// welcome is set when the login is over.
	welcome atomic.Bool
	// violations counts the refusals handed to nats.go so far.
	violations atomic.Uint64

	// Owned by Read.
	greeting []byte // INFO, read ahead of nats.go
	frames   frames
	out      []byte // scanned, to be handed out before anything else is read
	pending  []byte // read but not scanned; begins with an -ERR or INFO line
	later    error  // came with the last bytes read

	// Guarded by mu.
	mu     sync.Mutex
	fatal  error // ours or the server's reason for the end
	closed bool  // Close was called before there was a reason
	linger func()

	lingering sync.Mutex // held while linger runs
}

// loggedIn is called when the login is over.
func (c *Conn) LoggedIn() { c.welcome.Store(true) }

// sentBytes is how many bytes have been written, or are being written.
func (c *Conn) Sent() int64 { return c.sent.Load() }

// refusals is how many refusals of the server nats.go has got so far; false where they are not visible.
func (c *Conn) Refusals() (n uint64, visible bool) { return c.violations.Load(), !c.opaque }

// failed lets the queue in nats.go be consumed before it is told that reading has failed.
func (c *Conn) failed(err error) error {
	c.mu.Lock()
	ours := c.closed
	c.mu.Unlock()
	if !ours {
		c.lingerOnce()
	}
	return err
}

// Write is nats.go's, which writes whole frames. It poisons the connection when it fails: nats.go drops the bytes of a
// failed flush and would go on with the next.
func (c *Conn) Write(p []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.on {
		c.notePings(p)
	} else {
		c.upTo(len(p))
	}
	return c.write(p)
}

// written ends the connection if a write has failed.
func (c *Conn) written(err error) error {
	if err != nil && !errors.Is(err, net.ErrClosed) {
		err = c.lastWords(err)
		c.fail(&StepError{"write", err})
		c.Cut()
	}
	return err
}

// lastWords returns what the server said before it hung up, if that explains a failed write during the login, when nobody
// else reads yet: an -ERR, or the alert with which it refuses a client certificate after the handshake. Writing may notice
// the end of the connection first.
func (c *Conn) lastWords(err error) error {
	if c.opaque || c.welcome.Load() || !c.reading.TryLock() {
		return err
	}
	defer c.reading.Unlock()
	if text, ok := lastError(c.readAhead()); ok {
		return &ServerError{Text: Clip(text)}
	}
	if c.Conn.SetReadDeadline(time.Now().Add(100*time.Millisecond)) != nil {
		return err
	}
	said := make([]byte, 0, 1024)
	for {
		n, why := c.Conn.Read(said[len(said):cap(said)])
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

// readAhead is what came with the greeting and nats.go has not read yet. It is the reader's, which waits for the login.
func (c *Conn) readAhead() []byte {
	return slices.Concat(c.out, c.pending, c.framer.rest(), c.greeting)
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

// Close is nats.go's, on its own account or for us.
func (c *Conn) Close() error {
	c.mu.Lock()
	c.closed = c.closed || c.fatal == nil
	c.mu.Unlock()
	if c.on {
		c.cancel()
	}
	if c.records != nil && c.records.busy() {
		c.raw.Close() // TLS would wait for it with its goodbye
	}
	return c.Conn.Close()
}

// cut ends the connection without a goodbye. It does not wait for writes that are blocked.
func (c *Conn) Cut() {
	if c.on {
		c.cancel()
	}
	c.raw.Close()
}

// fail keeps the first reason.
func (c *Conn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fatal == nil && !c.closed {
		c.fatal = err
	}
}

// cause is why the connection ended, if we know better than nats.go.
func (c *Conn) Cause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fatal
}

func (c *Conn) SetLinger(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.linger = f
}

func (c *Conn) lingerOnce() {
	c.mu.Lock()
	f := c.linger
	c.linger = nil
	c.mu.Unlock()
	if f == nil {
		return
	}
	c.lingering.Lock()
	defer c.lingering.Unlock()
	f()
}

// waitLinger returns when no linger function is running.
func (c *Conn) WaitLinger() {
	c.lingering.Lock()
	defer c.lingering.Unlock()
}

func (c *Conn) TLSState() (tls.ConnectionState, bool) {
	t, ok := c.Conn.(*tls.Conn)
	if !ok {
		return tls.ConnectionState{}, false
	}
	return t.ConnectionState(), true
}
