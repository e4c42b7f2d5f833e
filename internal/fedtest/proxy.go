package fedtest

import (
	"io"
	"net"
	"sync"
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
)

// A Proxy stands between a relay and a server and can cut what passes through it.
type Proxy struct {
	listener net.Listener
	server   string
	wg       sync.WaitGroup

	// Guarded by mu.
	mu    sync.Mutex
	conns map[net.Conn]bool
	down  bool
}

// NewProxy starts a proxy in front of a server; it ends with the test.
func NewProxy(t testing.TB, s *embedded.Server) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", embedded.Host+":0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, server: s.ClientURL()[len("nats://"):], conns: make(map[net.Conn]bool)}
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		l.Close()
		p.Down()
		p.wg.Wait()
	})
	return p
}

// URL is where the relay connects to.
func (p *Proxy) URL() string { return "nats://" + p.listener.Addr().String() }

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil || !p.keep(client, server) {
			client.Close()
			if server != nil {
				server.Close()
			}
			continue
		}
		p.wg.Go(func() { p.copy(client, server) })
		p.wg.Go(func() { p.copy(server, client) })
	}
}

// keep remembers both ends of a connection, unless the proxy is down.
func (p *Proxy) keep(a, b net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return false
	}
	p.conns[a], p.conns[b] = true, true
	return true
}

func (p *Proxy) copy(to, from net.Conn) {
	_, _ = io.Copy(to, from) // its error is that one end was closed, which closes the other
	to.Close()
	from.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, from)
}

// Cut ends all connections at once, wherever they are in a message.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset: what was not delivered yet is lost
		}
		c.Close()
	}
}

// Down cuts, and refuses new connections until Up.
func (p *Proxy) Down() {
	p.mu.Lock()
	p.down = true
	p.mu.Unlock()
	p.Cut()
}

// Up lets new connections through again.
func (p *Proxy) Up() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = false
}
