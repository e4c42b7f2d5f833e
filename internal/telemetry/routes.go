package telemetry

import (
	"maps"
	"net/http"
	"net/http/pprof"
	rpprof "runtime/pprof"
	"strings"

	"github.com/klauspost/compress/gzhttp"

	"github.com/fedrelay/fedrelay/internal/web"
)

// routes returns the handlers by path. Paths are compared byte by byte, and no path is cleaned or
// redirected.
func (s *Server) routes() map[string]http.Handler {
	routes := map[string]http.Handler{
		"/":          s.front(),
		"/metrics":   compressed(s.metrics),
		"/healthz":   http.HandlerFunc(healthz),
		"/-/healthy": http.HandlerFunc(healthz),
		"/readyz":    http.HandlerFunc(s.readyz),
		"/-/ready":   http.HandlerFunc(s.readyz),
		"/stats":     http.HandlerFunc(s.stats),
	}
	if s.options.Reload != nil {
		routes[reloadPath] = http.HandlerFunc(s.reload)
	}
	if s.options.Pprof {
		addProfiles(routes)
	}
	if s.page != nil {
		maps.Copy(routes, s.page.Routes())
	}
	if s.options.ChoriaMetrics { // where the original broker has them
		routes["/choria/prometheus"], routes["/choria/metrics"] = routes["/metrics"], routes["/metrics"]
	}
	return routes
}

// front serves the page to browsers, and text to all others.
func (s *Server) front() http.Handler {
	if s.page == nil {
		return http.HandlerFunc(s.index)
	}
	forBrowsers := web.Index()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Accept"), "text/html") {
			forBrowsers.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Vary", "Accept")
		s.index(w, r)
	})
}

func addProfiles(routes map[string]http.Handler) {
	const root = "/debug/pprof/"
	routes[root] = http.HandlerFunc(pprof.Index)
	routes[root+"cmdline"] = http.HandlerFunc(pprof.Cmdline)
	routes[root+"profile"] = http.HandlerFunc(pprof.Profile)
	routes[root+"symbol"] = http.HandlerFunc(pprof.Symbol)
	routes[root+"trace"] = http.HandlerFunc(pprof.Trace)
	for _, p := range rpprof.Profiles() {
		routes[root+p.Name()] = pprof.Handler(p.Name())
	}
}

// dispatch rejects requests that are not meant for this server, and serves all others.
func (s *Server) dispatch(w http.ResponseWriter, r *http.Request) {
	if !hostAllowed(s.hosts, r.Host) {
		s.rejected.count(foreignHost)
		writeText(w, http.StatusForbidden, "this server answers only to "+strings.Join(s.hosts, ", ")+"\n")
		return
	}
	route, ok := s.paths[r.URL.Path]
	if changes := ok && r.URL.Path == reloadPath; !methodAllowed(r.Method, changes) {
		s.rejected.count(wrongMethod)
		allowed := []string{http.MethodGet, http.MethodHead}
		if changes {
			allowed = []string{http.MethodPost}
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		writeText(w, http.StatusMethodNotAllowed, "only "+strings.Join(allowed, " and ")+"\n")
		return
	}
	if !ok {
		s.rejected.count(unknownPath)
		writeText(w, http.StatusNotFound, "nothing here; see / for what there is\n")
		return
	}
	route.ServeHTTP(w, r)
}

// reloadPath is the only path that changes anything, and the only one for POST.
const reloadPath = "/-/reload"

func methodAllowed(method string, changes bool) bool {
	if changes {
		return method == http.MethodPost
	}
	return method == http.MethodGet || method == http.MethodHead
}

func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", metricsPage(s.scrape()))
}

// compressed serves gzip to clients that accept it.
func compressed(h http.HandlerFunc) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.EnableZstd(false))
	if err != nil {
		panic("telemetry: BUG: " + err.Error())
	}
	return wrap(h)
}

func (s *Server) stats(w http.ResponseWriter, _ *http.Request) {
	if s.options.CountStats != nil {
		s.options.CountStats()
	}
	documents := make([]any, len(s.views))
	for i, v := range s.views {
		documents[i] = v.Stats()
	}
	if s.views[0].Info().Edge {
		writeJSON(w, http.StatusOK, documents)
		return
	}
	writeJSON(w, http.StatusOK, documents[0])
}
