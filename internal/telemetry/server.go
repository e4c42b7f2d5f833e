package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/fedrelay/fedrelay/internal/state"
	"github.com/fedrelay/fedrelay/internal/web"
)

// Limits on each client. With the limit on connections they also bound what all clients together
// can occupy.
const (
	headerTimeout  = 3 * time.Second
	readTimeout    = 10 * time.Second
	writeTimeout   = 30 * time.Second // net/http/pprof adds the length of the profile
	idleTimeout    = 15 * time.Second
	maxHeaderBytes = 16 << 10
)

// Options are optional settings of Serve.
type Options struct {
	// Pprof turns on /debug/pprof/.
	Pprof bool
	// ChoriaMetrics adds the metrics of the original broker to /metrics, and its paths.
	ChoriaMetrics bool
	// MaxConnections is how many connections may be open at once. Further ones are closed as they
	// come. Default: 128, or a quarter of the descriptors that the process may open, if that is
	// less, because NATS needs descriptors, too.
	MaxConnections int
	// CountStats, if not nil, is called for each request for /stats. It must not block. The View
	// may show the count in the document.
	CountStats func()
	// Log gets the errors of serving. Default: nothing is logged.
	Log *slog.Logger
	// Sources are what the page for browsers shows. Default: there is no page, only text.
	Sources []state.Source
	// Reload reads the configuration again, for POST /-/reload. Default: there is no such path.
	Reload func() Reload
	// Reloads says how reloads went so far. It must not block. Default: there were none.
	Reloads func() Reloads
	// LogDropped returns how many lines of the log were dropped. It must not block. Default: none.
	LogDropped func() int64
}

// A Server serves views until Shutdown.
type Server struct {
	// Set by Serve, then read-only.
	views    []View // at least one
	options  Options
	listener net.Listener
	hosts    []string // allowed in requests; nil if any is
	paths    map[string]http.Handler
	http     *http.Server
	page     *web.Page     // nil without sources
	ended    chan struct{} // closed when the serving goroutine has ended

	*shared
}

// shared is what the servers of one process have in common. /metrics of each shows it.
type shared struct {
	rejected     rejections
	certificates atomic.Pointer[certificates] // of the server for other machines; nil without TLS
}

// Serve listens on addr and serves views from goroutines of its own: that of a relay, or those of
// an edge, one for each of its clusters. It returns as soon as it listens. addr is host:port; port
// 0 picks a free port, which Addr returns. An error names the address, and how to choose another.
func Serve(addr string, views []View, o Options) (*Server, error) {
	s, err := listen(addr, views, o)
	if err != nil {
		return nil, fmt.Errorf("http: %w\n  choose another address with --http HOST:PORT, or none with --http off", err)
	}
	go s.serve()
	return s, nil
}

func listen(addr string, views []View, o Options) (*Server, error) {
	// Without this call, go_ and process_ metrics have no types. It changes a switch of the whole
	// process.
	metrics.ExposeMetadata(true)
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = connectionsFor(maxDescriptors())
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.LogDropped == nil {
		o.LogDropped = func() int64 { return 0 }
	}
	s := &Server{views: views, options: o, hosts: allowedHosts(addr, l.Addr()), ended: make(chan struct{}), shared: &shared{}}
	s.listener = &cappedListener{
		Listener: l,
		max:      int64(o.MaxConnections),
		rejected: func() { s.rejected.count(tooManyConnections) },
	}
	if len(o.Sources) > 0 {
		s.page = web.New(o.Sources, func() { s.rejected.count(notListening) })
	}
	s.paths = s.routes()
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.dispatch),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
	}
	s.http.ErrorLog = log.New(&errorLog{server: s}, "", 0)
	if s.page != nil {
		s.http.RegisterOnShutdown(s.page.Close)
	}
	return s, nil
}

func (s *Server) serve() {
	defer close(s.ended)
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		s.options.Log.Error("http: serving ended", "address", s.Addr().String(), "error", err)
	}
}

// Addr returns where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Shutdown stops listening and blocks until all requests are answered; streams for browsers it ends
// at once. If ctx ends first it cuts all off and returns the error of ctx. When it returns nothing
// runs any more, except for requests that were cut off and will notice soon.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		_ = s.http.Close() // err is the reason, and says more
	}
	<-s.ended
	return err
}
