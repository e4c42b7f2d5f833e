package chaos

import (
	"io"
	"net"
	"sync"
)

// A wire stands between a relay and a server, and can be cut.
type wire struct {
	listener net.Listener
	to       string // host:port of the server
	ending   sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool // guarded by mu
}

func newWire(to string) (*wire, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &wire{listener: l, to: to, conns: map[net.Conn]bool{}}
	w.ending.Go(w.accept)
	return w, nil
}

func (w *wire) address() string { return w.listener.Addr().String() }

func (w *wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return // it is closed
		}
		far, err := net.Dial("tcp", w.to)
		if err != nil {
			near.Close()
			continue
		}
		w.keep(near, far)
		w.ending.Go(func() { w.pass(far, near) })
		w.ending.Go(func() { w.pass(near, far) })
	}
}

func (w *wire) keep(conns ...net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range conns {
		w.conns[c] = true
	}
}

// pass carries one way, and ends both when that ends.
func (w *wire) pass(to, from net.Conn) {
	_, _ = io.Copy(to, from) // either end may end it
	to.Close()
	from.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, to)
	delete(w.conns, from)
}

// cut ends all connections, with what is on its way.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, as boxes on the way send it
		}
		c.Close()
	}
}

func (w *wire) close() {
	w.listener.Close()
	w.cut()
	w.ending.Wait()
}
