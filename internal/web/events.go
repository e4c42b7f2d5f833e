package web

import (
	"fmt"
	"net/http"
	"time"
)

const (
	// maxClients is how many browsers may listen at once. Each costs a connection and a goroutine.
	maxClients = 16
	// writePatience is how long a browser may take nothing.
	writePatience = 10 * time.Second
	// lifetime is how long a stream lasts. A browser that lives comes back at once.
	lifetime = 5 * time.Minute
)

// events streams what is new until the browser is gone, or takes nothing, or until Close.
func (p *Page) events(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default: // a page from elsewhere could not read this, but would take the places of others
		p.refuse(w, http.StatusForbidden, "only the page of this relay may listen here\n")
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return
	}
	control := http.NewResponseController(w)
	c := &client{control: control, wanted: wantedOf(r)}
	if !p.hub.join(c) {
		w.Header().Set("Retry-After", "10")
		p.refuse(w, http.StatusServiceUnavailable,
			fmt.Sprintf("no place is free: %d browsers listen already, or the relay is ending\n", maxClients))
		return
	}
	defer p.hub.leave(c)
	// The server's timeouts are for answers that end.
	_ = control.SetReadDeadline(time.Time{}) // fails if the connection is gone
	p.stream(w, r, c)
}

func (p *Page) refuse(w http.ResponseWriter, status int, text string) {
	p.refused()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // fails if the client is gone
}

// stream blocks until the stream is over.
func (p *Page) stream(w http.ResponseWriter, r *http.Request, c *client) {
	w.Header().Set("Cache-Control", "no-store")
	over := time.NewTimer(p.hub.lifetime)
	defer over.Stop()
	text := []byte("retry: 1000\n\n")
	for {
		news, changed := p.hub.news(c)
		if !p.write(w, c, append(text, news...)) {
			return
		}
		text = nil
		select {
		case <-changed:
		case <-over.C:
			p.write(w, c, event("bye", []byte("{}")))
			return
		case <-p.hub.closed:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// write reports whether the browser has taken the text. It blocks for patience at most.
func (p *Page) write(w http.ResponseWriter, c *client, text []byte) bool {
	if len(text) == 0 {
		return true
	}
	if err := c.control.SetWriteDeadline(time.Now().Add(p.hub.patience)); err != nil || p.hub.isClosed() {
		return false
	}
	if _, err := w.Write(text); err != nil {
		return false
	}
	return c.control.Flush() == nil
}

// event lays out an event. data must be one line.
func event(name string, data []byte) []byte {
	return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", name, data)
}
