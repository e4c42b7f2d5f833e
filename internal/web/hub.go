package web

import (
	"net/http"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
)

// A hub samples the sources while somebody listens, and keeps what is to be told: the latest of
// everything, and nothing for each browser.
type hub struct {
	// Set by newHub, then read-only. Tests make the times shorter.
	sources  []state.Source
	every    time.Duration // between samples
	patience time.Duration
	lifetime time.Duration

	closed chan struct{}
	wake   chan struct{} // holds one; a browser watches another request

	mu      sync.Mutex
	clients map[*client]bool
	watches map[wanted]*watch // of the clients
	parts   [numParts]part
	changed chan struct{} // closed when there is something new, and replaced
	// idle tells the sampler that the last client has left. It is nil while nothing samples.
	idle chan struct{}
	over bool // closed
}

// A client is a browser that listens.
type client struct {
	control *http.ResponseController
	wanted  wanted
	// Read and written under hub.mu: what the browser was told.
	seen [numParts]uint64
	grid uint64
}

func newHub(sources []state.Source) *hub {
	return &hub{
		sources: sources, every: time.Second / gridsPerSample, patience: writePatience, lifetime: lifetime,
		closed: make(chan struct{}), wake: make(chan struct{}, 1), changed: make(chan struct{}),
		clients: make(map[*client]bool), watches: make(map[wanted]*watch),
	}
}

// join adds a client, and returns false if there is no place for it. The first one starts the
// sampler.
func (h *hub) join(c *client) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over || len(h.clients) >= maxClients {
		return false
	}
	h.clients[c] = true
	if c.wanted.id != "" {
		h.watch(c.wanted)
	}
	if h.idle == nil {
		h.idle = make(chan struct{})
		h.parts = [numParts]part{} // what the last sampler left is old
		go h.sample(h.idle)
	}
	select {
	case h.wake <- struct{}{}:
	default: // it is to be woken already
	}
	return true
}

// leave forgets a client. With the last one the sampler ends.
func (h *hub) leave(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
	if w := h.watches[c.wanted]; w != nil {
		if w.users--; w.users == 0 {
			delete(h.watches, c.wanted)
		}
	}
	if len(h.clients) == 0 {
		close(h.idle)
		h.idle = nil
	}
}

// news returns what the client was not told yet, and a channel that is closed when there is more.
func (h *hub) news(c *client) ([]byte, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var text []byte
	for i := range h.parts {
		if p := &h.parts[i]; p.version != c.seen[i] {
			text = append(text, p.event...)
			c.seen[i] = p.version
		}
	}
	if w := h.watches[c.wanted]; w != nil {
		text = append(text, w.news(c.grid)...)
		c.grid = w.version
	}
	return text, h.changed
}

// tell wakes all clients. Call it with mu held.
func (h *hub) tell() {
	close(h.changed)
	h.changed = make(chan struct{})
}

// close ends all streams, also those that wait for a browser.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return
	}
	h.over = true
	close(h.closed) // first: a stream that sets its deadline after this will see it
	for c := range h.clients {
		_ = c.control.SetWriteDeadline(time.Unix(1, 0)) // fails if the connection is gone
	}
}

func (h *hub) isClosed() bool {
	select {
	case <-h.closed:
		return true
	default:
		return false
	}
}
