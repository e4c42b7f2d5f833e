package socket

import (
	"bytes"
	"context"
	"encoding/json"
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
	maxPayload atomic.Int64           // as the server said last; 0 before it did
	account    atomic.Pointer[string] // the login's, if the server has said; nil before
	pauses     pauses                 // of reading
	progress   atomic.Uint64          // reads, without those that can only have brought a PING or a PONG
	pings      pings
	sent       atomic.Int64 // bytes for the socket that are written or being written

	writing sync.Mutex // held while whole frames are written

	reading   sync.Mutex // held by Read
	framer    framer
	gone      bool          // reading holds nothing any more
	freed     chan struct{} // closed then
	freedOnce sync.Once
}

// setFramed makes c a framed connection, before anything is read.
func (c *Conn) SetFramed() {
	c.on = true
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.freed = make(chan struct{})
}

// isFramed reports whether frames are read and written beside nats.go.
func (c *Conn) Framed() bool { return c.on }

func (c *Conn) receiver() receiver {
	if r := c.receives.Load(); r != nil {
		return *r
	}
	return nil
}

// learn reads what INFO says about the server.
func (c *Conn) learn(line []byte) {
	var info struct {
		MaxPayload int64  `json:"max_payload"`
		Account    string `json:"remote_account"` // only in the INFO that answers CONNECT, of newer servers
	}
	if body := bytes.TrimLeft(line, "INFOinfo"); json.Unmarshal(body, &info) == nil {
		c.maxPayload.Store(AcceptedPayload(info.MaxPayload))
		if info.Account != "" {
			c.account.Store(&info.Account)
		}
	}
}

// limit is how large a payload the server takes, in bytes; 0 before it has said.
func (c *Conn) MaxPayload() int64 { return c.maxPayload.Load() }

// receive has r take the messages of our own subscriptions. The channel is closed when no buffer of r is held any more.
func (c *Conn) Receive(r receiver) (freed <-chan struct{}) {
	c.receives.Store(&r)
	return c.freed
}

// heard is when the question was asked that was answered last, after beginning. It is for a receiver.
func (c *Conn) Heard() time.Duration { return c.pings.heard }

// clusterPeers are the servers of the cluster when the connection was made, host:port as they call themselves.
func (c *Conn) Peers() []string { return c.peers }

// loginAccount is "" where it is not known.
func (c *Conn) Account() string {
	if a := c.account.Load(); a != nil {
		return *a
	}
	return ""
}

// release gives back what reading holds, once Read has come back: nats.go need not call it again to learn of an end.
func (c *Conn) Release() {
	if !c.on {
		return
	}
	c.reading.Lock()
	defer c.reading.Unlock()
	c.letGo()
}

const ping = "PING\r\n"

// command writes lines of ours and a PING behind them; pong is closed at its PONG. It may block as long as a write.
func (c *Conn) Command(lines string, pong chan struct{}) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	text := []byte(lines + ping)
	c.pings.push(pong, c.upTo(len(text)))
	_, err := c.write(text)
	return err
}

// upTo enters n bytes that are about to be written, and returns how many there are up to them, or a few more. TLS enters its records
// itself: what counts is what the socket gets.
func (c *Conn) upTo(n int) int64 {
	if c.records == nil {
		return c.sent.Add(int64(n))
	}
	const record, extra = 8 << 10, 64 // at least, at most
	return c.sent.Load() + int64(n+(n/record+1)*extra)
}

// notePings keeps pings right for what nats.go writes: whole lines, at times with payloads.
func (c *Conn) notePings(p []byte) {
	sent := c.upTo(len(p))
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
