package fedtest

import (
	"bytes"
	"net"
	"regexp"
	"strings"
	"sync"
	"time"
)

// A pair is a connection through a proxy.
type pair struct {
	ends [2]net.Conn   // by the way that leads there
	gone chan struct{} // closed when both ends are closed
	once sync.Once

	// Guarded by the proxy's mu.
	role   string           // "receive" or "publish"; empty before the login
	lane   string           // the role, with the number of the lane if it has one
	lost   [2]bool          // by way: nothing arrives any more
	held   [2]chan struct{} // by way: nothing passes until it is closed; nil: it does
	insert [2]string        // by way: text to put behind the next end of a line
	inside int              // how many bytes of the next PUB come through before a cut; 0: no cut
	left   int              // bytes until that cut, once the PUB has come; else 0
}

// cut ends the connection with a reset: what was not delivered yet is lost.
func (c *pair) cut() {
	c.once.Do(func() {
		for _, end := range c.ends {
			if tcp, ok := end.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
			end.Close()
		}
		close(c.gone)
	})
}

// close ends the connection. What is under way still arrives.
func (c *pair) close() {
	c.once.Do(func() {
		c.ends[ToServer].Close()
		c.ends[ToRelay].Close()
		close(c.gone)
	})
}

// A proxy takes up to so many bytes at a time, and so many times before it has handed them on. That
// is about as much as the sockets hold.
const (
	piece  = 8 << 10
	pieces = 16
)

// pump carries what comes one way until the connection ends.
func (p *Proxy) pump(c *pair, w Way) {
	waiting := make(chan []byte, pieces)
	p.wg.Go(func() { c.read(w, waiting) })
	for b := range waiting {
		p.awaitRelease(c, w)
		if !p.pass(c, w, b) {
			break
		}
	}
	p.awaitRelease(c, w)
	if p.isLost(c, w) {
		<-c.gone // the end does not arrive, either
	}
	c.close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.pairs, c)
}

// read takes what comes one way until the connection ends.
func (c *pair) read(w Way, into chan<- []byte) {
	defer close(into)
	for {
		b := make([]byte, piece)
		n, err := c.ends[1-w].Read(b)
		select {
		case into <- b[:n]:
		case <-c.gone:
			return
		}
		if err != nil {
			return
		}
	}
}

// awaitRelease returns when a way is not held, or the connection has ended.
func (p *Proxy) awaitRelease(c *pair, w Way) {
	p.mu.Lock()
	gates := []chan struct{}{p.gates[w], c.held[w]}
	p.mu.Unlock()
	for _, gate := range gates {
		if gate == nil {
			continue
		}
		select {
		case <-gate:
		case <-c.gone:
		}
	}
}

// pass hands b on as far as it may. It reports whether more may come.
func (p *Proxy) pass(c *pair, w Way, b []byte) bool {
	p.mu.Lock()
	b, cut := c.judge(w, b)
	rate := p.rate
	p.mu.Unlock()
	var err error
	if len(b) > 0 { // the reader of a pipe would see an empty write
		_, err = c.ends[w].Write(b)
		p.carried[w].Add(int64(len(b)))
	}
	if cut {
		c.cut()
	}
	if w == ToServer && rate > 0 {
		pause := time.NewTimer(time.Duration(len(b)) * time.Second / time.Duration(rate))
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-c.gone:
		}
	}
	return err == nil && !cut
}

// judge returns what is handed on in the place of b, and whether the connection is cut behind it.
// The caller holds the proxy's mu.
func (c *pair) judge(w Way, b []byte) ([]byte, bool) {
	if w == ToServer {
		c.login(b)
	}
	switch {
	case len(b) == 0 || c.lost[w]:
		return nil, false
	case c.insert[w] != "" && bytes.HasSuffix(b, []byte("\r\n")):
		b = append(bytes.Clone(b), c.insert[w]...)
		c.insert[w] = ""
	case w == ToServer && c.inside > 0:
		return c.upToCut(b)
	}
	return b, false
}

var connectName = regexp.MustCompile(`CONNECT \{.*"name":"([^"]*)"`)

// login learns what a connection is for, if b has its CONNECT.
func (c *pair) login(b []byte) {
	if c.role == "" {
		if name := connectName.FindSubmatch(b); name != nil {
			all := strings.TrimRight(string(name[1]), "0123456789")
			words := strings.Fields(all)
			c.role = words[len(words)-1]
			c.lane = c.role + " " + string(name[1][len(all):])
		}
	}
}

// upToCut returns what of b comes before the cut inside of a PUB, and whether the cut is in b.
func (c *pair) upToCut(b []byte) ([]byte, bool) {
	if c.left == 0 {
		begin := bytes.Index(b, []byte("PUB "))
		if begin < 0 {
			return b, false
		}
		c.left = begin + c.inside
	}
	if c.left > len(b) {
		c.left -= len(b)
		return b, false
	}
	return b[:c.left], true
}

func (p *Proxy) isLost(c *pair, w Way) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return c.lost[w]
}
