package fedtest

import (
	"context"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
)

// A Proxy stands between a relay and a server, over TCP or without sockets. What networks do to
// what they carry, it does when it is told to (faults.go).
type Proxy struct {
	listener net.Listener // nil without sockets
	reach    func() (net.Conn, error)
	wg       sync.WaitGroup
	carried  [2]atomic.Int64 // bytes, by way

	// Guarded by mu.
	mu    sync.Mutex
	pairs map[*pair]bool
	down  bool             // new connections are refused
	dark  bool             // new connections get no answer
	gates [2]chan struct{} // by way; open while it is held
	rate  int              // bytes a second to the server; 0: no limit
}

// NewProxy starts a proxy in front of a server; it ends with the test.
func NewProxy(t testing.TB, s *embedded.Server) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", embedded.Host+":0")
	if err != nil {
		t.Fatal(err)
	}
	_, address, _ := strings.Cut(s.ClientURL(), "://")
	p := newProxy(t, func() (net.Conn, error) { return net.Dial("tcp", address) })
	p.listener = l
	p.wg.Go(p.accept)
	t.Cleanup(func() { l.Close() }) // before the proxy's own
	return p
}

// NewPipe is NewProxy without sockets, for virtual time. A relay reaches the server with Dial.
func NewPipe(t testing.TB, s *embedded.Server) *Proxy { return newProxy(t, s.InProcessConn) }

func newProxy(t testing.TB, reach func() (net.Conn, error)) *Proxy {
	p := &Proxy{reach: reach, pairs: make(map[*pair]bool)}
	for way := range p.gates {
		p.gates[way] = make(chan struct{})
		close(p.gates[way])
	}
	t.Cleanup(func() {
		p.Down()
		p.wg.Wait()
	})
	return p
}

// URL is where the relay connects to.
func (p *Proxy) URL() string { return "nats://" + p.listener.Addr().String() }

func (p *Proxy) accept() {
	for {
		relay, err := p.listener.Accept()
		if err != nil {
			return
		}
		if p.connect(relay) != nil {
			relay.Close()
		}
	}
}

// Dial connects to the server behind a proxy without sockets.
func (p *Proxy) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if p.isDark() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	near, far := net.Pipe()
	if err := p.connect(far); err != nil {
		near.Close()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
	}
	return near, nil
}

func (p *Proxy) isDark() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dark
}

// socketBuffer is about how many bytes may wait in a socket in front of a proxy.
const socketBuffer = 128 << 10

// connect connects the relay's end to the server, unless the proxy is down.
func (p *Proxy) connect(relay net.Conn) error {
	server, err := p.reach()
	if err != nil {
		return syscall.ECONNREFUSED
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		server.Close()
		return syscall.ECONNREFUSED
	}
	for _, end := range []net.Conn{server, relay} {
		if tcp, ok := end.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(socketBuffer) // the other end soon feels that nothing is taken
		}
	}
	c := &pair{ends: [2]net.Conn{ToServer: server, ToRelay: relay}, gone: make(chan struct{})}
	p.pairs[c] = true
	p.wg.Go(func() { p.pump(c, ToServer) })
	p.wg.Go(func() { p.pump(c, ToRelay) })
	return nil
}

// Carried is how many bytes have been handed on.
func (p *Proxy) Carried(w Way) int64 { return p.carried[w].Load() }

// A Way is a direction through a proxy.
type Way int

// The ways through a proxy.
const (
	ToServer Way = iota
	ToRelay
)
