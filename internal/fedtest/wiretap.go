package fedtest

import (
	"bytes"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
)

// A Wiretap stands between a relay and a server, keeps what the relay writes, and can stop taking
// it.
type Wiretap struct {
	t        testing.TB
	listener net.Listener
	server   string
	wg       sync.WaitGroup
	gate     sync.RWMutex // locked by Stall, for good

	// Guarded by mu.
	mu      sync.Mutex
	conns   []net.Conn
	written []*bytes.Buffer // by connection
	stalled bool
}

// NewWiretap starts a wiretap in front of a server; it ends with the test.
func NewWiretap(t testing.TB, s *embedded.Server) *Wiretap {
	t.Helper()
	l, err := net.Listen("tcp", embedded.Host+":0")
	if err != nil {
		t.Fatal(err)
	}
	w := &Wiretap{t: t, listener: l, server: strings.TrimPrefix(s.ClientURL(), "nats://")}
	w.wg.Go(w.accept)
	t.Cleanup(w.stop)
	return w
}

// URL is where the relay connects to.
func (w *Wiretap) URL() string { return "nats://" + w.listener.Addr().String() }

func (w *Wiretap) accept() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", w.server)
		if err != nil {
			client.Close()
			continue
		}
		kept := new(bytes.Buffer)
		w.mu.Lock()
		w.conns = append(w.conns, client, server)
		w.written = append(w.written, kept)
		w.mu.Unlock()
		w.wg.Go(func() { w.forward(server, client, kept) })
		w.wg.Go(func() { w.forward(client, server, nil) })
	}
}

// forward copies until either end is closed. It adds what it reads to kept, unless that is nil.
func (w *Wiretap) forward(to, from net.Conn, kept *bytes.Buffer) {
	defer to.Close()
	defer from.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if kept != nil {
			w.gate.RLock()
			w.mu.Lock()
			kept.Write(b[:n])
			w.mu.Unlock()
			w.gate.RUnlock()
		}
		if _, werr := to.Write(b[:n]); err != nil || werr != nil {
			return
		}
	}
}

// Stall takes nothing more from the relay until the test ends.
func (w *Wiretap) Stall() {
	w.gate.Lock()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stalled = true
}

func (w *Wiretap) stop() {
	w.listener.Close()
	w.mu.Lock()
	if w.stalled {
		w.gate.Unlock()
	}
	for _, c := range w.conns {
		c.Close()
	}
	w.mu.Unlock()
	w.wg.Wait()
}

// Ops parses everything that the relay has written, connection by connection. Bytes that are no
// operation, or not a whole one, fail the test: they are what an injection leaves.
func (w *Wiretap) Ops() (all []Op) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, kept := range w.written {
		ops, err := parseOps(kept.Bytes())
		if err != nil {
			w.t.Errorf("the relay wrote what is no protocol: %v", err)
		}
		all = append(all, ops...)
	}
	return all
}
