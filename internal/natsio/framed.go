package natsio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// framed is what a connection has whose frames we read and write beside nats.go.
type framed struct {
	on     bool            // set before the first Read
	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	receives   atomic.Pointer[receiver]
	maxPayload atomic.Int64  // as the server said last; 0 before it did
	pauses     pauses        // of reading
	progress   atomic.Uint64 // reads, without those that can only have brought a PING or a PONG
	pings      pings
	sent       atomic.Int64 // bytes that are written or being written

	writing sync.Mutex // held while whole frames are written

	reading   sync.Mutex // held by Read
	framer    framer
	freed     chan struct{} // closed when reading holds nothing any more
	freedOnce sync.Once
}

// setFramed makes c a framed connection, before anything is read.
func (c *epochConn) setFramed() {
	c.on = true
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.freed = make(chan struct{})
}

func (c *epochConn) receiver() receiver {
	if r := c.receives.Load(); r != nil {
		return *r
	}
	return nil
}

// learn reads what INFO says about the server.
func (c *epochConn) learn(line []byte) {
	var info struct {
		MaxPayload int64 `json:"max_payload"`
	}
	if body := bytes.TrimLeft(line, "INFOinfo"); json.Unmarshal(body, &info) == nil {
		c.maxPayload.Store(min(max(info.MaxPayload, 0), maxMaxPayload))
	}
}

// release gives back what reading holds, once Read has come back: nats.go need not call it again to learn of an end.
func (c *epochConn) release() {
	if !c.on {
		return
	}
	c.reading.Lock()
	defer c.reading.Unlock()
	c.letGo()
}

// pings are the PINGs under way, in order: nats.go's and ours share one connection, and PONGs do not say whose they are.
type pings struct {
	mu      sync.Mutex
	queue   []question
	answers atomic.Uint64 // PONGs

	answered atomic.Int64 // bytes up to the latest question that has been answered
}

// A question is a PING.
type question struct {
	pong chan struct{} // nil: nats.go's; else closed at the PONG, unless it is nobody
	sent int64         // bytes up to it, or a little further
}

// nobody waits for the answer to a PING of the keep-alive, which counts answers.
var nobody = make(chan struct{})

func (p *pings) push(pong chan struct{}, sent int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, question{pong, sent})
}

// pop enters a PONG. It tells whether it was ours.
func (p *pings) pop() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		return false
	}
	q := p.queue[0]
	p.queue = slices.Delete(p.queue, 0, 1)
	p.answers.Add(1)
	p.answered.Store(q.sent)
	if q.pong != nil && q.pong != nobody {
		close(q.pong)
	}
	return q.pong != nil
}

// oldest is how many bytes there were up to the question that has waited longest; false if none does.
func (p *pings) oldest() (sent int64, any bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		return 0, false
	}
	return p.queue[0].sent, true
}

const ping = "PING\r\n"

// command writes lines of ours and a PING behind them; pong is closed at its PONG. It may block as long as a write.
func (c *epochConn) command(lines string, pong chan struct{}) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	text := []byte(lines + ping)
	c.pings.push(pong, c.sent.Add(int64(len(text))))
	_, err := c.write(text, time.Time{})
	return err
}

// notePings keeps pings right for what nats.go writes: whole lines, at times with payloads.
func (c *epochConn) notePings(p []byte) {
	sent := c.sent.Add(int64(len(p)))
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			return
		}
		line := p[:end]
		p = p[end+1:]
		switch {
		case bytes.HasPrefix(line, []byte("PING")):
			c.pings.push(nil, sent)
		case bytes.HasPrefix(line, []byte("PUB ")), bytes.HasPrefix(line, []byte("HPUB ")):
			if size, err := frameSize(line); err == nil {
				p = p[min(len(p), size+len("\r\n")):]
			}
		}
	}
}

// writePatience is how long a write may make no progress.
const writePatience = 10 * time.Second

// write writes p. A connection that takes some of it, however slowly, is alive until the given time: what is written later
// would come too late. It poisons the connection when it fails.
func (c *epochConn) write(p []byte, until time.Time) (n int, err error) {
	for {
		c.allow()
		var k int
		k, err = c.Conn.Write(p[n:])
		n += k
		if n == len(p) || !c.slow(k, err, until) {
			break
		}
	}
	return n, c.written(err)
}

// writev writes all of vec, which it uses up, and returns how many bytes went. It is like write.
func (c *epochConn) writev(vec *net.Buffers, until time.Time) (n int, err error) {
	for {
		c.allow()
		var k int64
		k, err = vec.WriteTo(c.Conn)
		n += int(k)
		if len(*vec) == 0 || !c.slow(int(k), err, until) {
			break
		}
	}
	return n, c.written(err)
}

// allow sets the time until the next write has to make progress. Before the login is over nats.go does.
func (c *epochConn) allow() {
	if c.on && c.welcome.Load() {
		_ = c.Conn.SetWriteDeadline(time.Now().Add(writePatience)) // an error shows in the write
	}
}

// slow tells whether err is no more than a slow server. A TLS connection does not survive a write that was cut off.
func (c *epochConn) slow(n int, err error, until time.Time) bool {
	return n > 0 && c.Conn == c.raw && c.on && errors.Is(err, os.ErrDeadlineExceeded) && time.Now().Before(until)
}

// SetWriteDeadline is nats.go's. It must not end writes of ours.
func (c *epochConn) SetWriteDeadline(t time.Time) error {
	if c.on && c.welcome.Load() {
		return nil
	}
	return c.Conn.SetWriteDeadline(t)
}
