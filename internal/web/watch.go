package web

import (
	"bytes"
	"net/http"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
)

// latest as the id of a wanted request follows the newest one.
const latest = "latest"

// holdFor is how long a request that is followed stays at least, so that it can be seen to fill.
const holdFor = 4 * time.Second

// wanted is what a browser watches. An empty id is nothing.
type wanted struct{ cluster, id string }

func wantedOf(r *http.Request) wanted {
	q := r.URL.Query()
	return wanted{q.Get("cluster"), q.Get("request")}
}

// A watch is a request that browsers watch, or the newest one. Only the sampler reads it without
// the lock and changes it.
type watch struct {
	users int
	want  wanted
	since time.Time // when the request that is followed was chosen
	quiet int       // how often in turn nothing had changed
	last  time.Time // when it was read
	grid
}

// A grid is a request with its cells, as it was read last.
type grid struct {
	version uint64 // 0: nothing was read
	cluster string
	id      string
	marks   []uint32 // of its nodes
	cells   []cell
	whole   []byte // event for those who do not know the version before
	diff    []byte // event for those who do; nil if that was another request
}

// A gridEvent is what a browser is told.
type gridEvent struct {
	Count   int           `json:"count"`             // cells, one for each node that is named
	Others  int           `json:"others"`            // nodes that have answered and are not named
	Cells   []byte        `json:"cells,omitempty"`   // all of them, see pack
	Changes []byte        `json:"changes,omitempty"` // to what was told before, see changes
	Whole   bool          `json:"whole,omitempty"`   // forget what was told before
	Request state.Request `json:"request"`           // without names and marks
}

// watch adds a user of what is wanted. Call it with mu held.
func (h *hub) watch(want wanted) {
	w := h.watches[want]
	if w == nil {
		w = &watch{want: want}
		h.watches[want] = w
	}
	w.users++
}

// sourcesOf returns the sources of a cluster, or all if it is empty.
func (h *hub) sourcesOf(cluster string) []state.Source {
	if cluster == "" {
		return h.sources
	}
	return slices.DeleteFunc(slices.Clone(h.sources), func(s state.Source) bool { return s.Instance().Cluster != cluster })
}

// news returns what somebody must be told who knows a version, nothing if it is this one.
func (g *grid) news(known uint64) []byte {
	switch {
	case known == g.version:
		return nil
	case known > 0 && known == g.version-1 && g.diff != nil:
		return g.diff
	}
	return g.whole
}

// due reports whether the request should be read. What has been quiet is read less often.
func (w *watch) due() bool { return w.quiet < 20 || time.Since(w.last) > time.Second }

// read returns the grid as it is now, and false if it has not changed.
func (w *watch) read(sources []state.Source) (grid, bool) {
	w.last = time.Now()
	id := w.want.id
	if id == latest {
		id = w.follow(sources)
	}
	for _, source := range sources {
		if r, ok := source.Request(id); ok {
			g, changed := w.next(r)
			w.quiet++
			if changed {
				w.quiet = 0
			}
			return g, changed
		}
	}
	return grid{}, false
}

// follow returns the id of the newest request, or of the one before for a while.
func (w *watch) follow(sources []state.Source) string {
	if w.id != "" && time.Since(w.since) < holdFor {
		return w.id
	}
	newest := state.Summary{ID: w.id}
	for _, source := range sources {
		for _, s := range source.Requests(1) {
			if s.First.After(newest.First) {
				newest = s
			}
		}
	}
	if newest.ID != w.id {
		w.since, w.quiet = time.Now(), 0
	}
	return newest.ID
}

// next returns the grid after this one, and false if they are the same.
func (w *watch) next(r state.Request) (grid, bool) {
	nodes := rollOf(&r)
	cells, others := nodes.cells(&r)
	g := grid{version: w.version + 1, cluster: r.Cluster, id: r.ID, marks: nodes.marks, cells: cells}
	r.Names, r.Denied, r.Answered = nil, nil, nil
	e := gridEvent{Whole: true, Count: len(cells), Others: others, Cells: pack(cells), Request: r}
	g.whole = event("grid", marshal(e))
	if bytes.Equal(g.whole, w.whole) {
		return grid{}, false
	}
	if g.id == w.id && g.cluster == w.cluster && slices.Equal(g.marks, w.marks) {
		e.Whole, e.Cells, e.Changes = false, nil, changes(w.cells, cells)
		g.diff = event("grid", marshal(e))
	}
	return g, true
}
