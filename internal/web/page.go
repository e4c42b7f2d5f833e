package web

import (
	"net/http"

	"github.com/fedrelay/fedrelay/internal/state"
)

// A Page serves sources over HTTP until Close.
type Page struct {
	hub     *hub
	refused func()
}

// New returns a page of sources, one for each cluster. There must be at least one. For each browser
// that may not listen to events it calls refused, which must not block.
func New(sources []state.Source, refused func()) *Page { return &Page{newHub(sources), refused} }

// Routes returns the handlers by path. The page itself is at Index.
func (p *Page) Routes() map[string]http.Handler {
	routes := map[string]http.Handler{
		"/api/v1/state":   compressed(p.state),
		"/api/v1/request": compressed(p.request),
		"/api/v1/events":  http.HandlerFunc(p.events),
	}
	addFiles(routes)
	return routes
}

// Close ends all streams of events at once. It does not block. Later ones are refused.
func (p *Page) Close() { p.hub.close() }
