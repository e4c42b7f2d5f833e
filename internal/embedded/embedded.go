// Package embedded runs nats-servers inside this process: for the demo, for tests and for the load
// generator.
//
// A Server keeps the address of its first start, so that clients find it again after Restart. It
// never writes logs, installs no signal handlers and has no JetStream. Limits and deadlines are the
// server's own defaults unless Options say otherwise. Methods are for one goroutine at a time,
// except ClientURL, InProcessConn and Connz.
package embedded

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sort"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Host is the only address a Server listens on.
const Host = "127.0.0.1"

// readyTimeout bounds a start. It is generous because a loaded machine may schedule the accept loop
// late.
const readyTimeout = 10 * time.Second

var errNotRunning = errors.New("embedded: server is not running")

// Options describe a server. The zero value listens on a free port and lets everybody in.
type Options struct {
	// Name is the server name. Empty: the server makes one up.
	Name string
	// Port to listen on. 0: a free one, kept across restarts.
	Port int
	// DontListen opens no port: reach the server with nats.InProcessServer(s).
	DontListen bool
	// MaxPayload in bytes. 0: the server's default, 1 MiB.
	MaxPayload int32
	// WriteDeadline is for how long a client may make the server wait. 0: the server's default.
	WriteDeadline time.Duration
	// Users that may connect, with their permissions. Empty: no authentication.
	Users []*server.User
	// TLS, when set, is required of every client. Set ClientAuth in it to ask for client
	// certificates.
	TLS *tls.Config
	// Monitor serves the server's monitoring over HTTP, on a free port at every start.
	Monitor bool
	// Leaf joins the server to another.
	Leaf Leaf
	// Tune, when set, has the last word on the server's options, at every start.
	Tune func(*server.Options)
}

// Server is one nats-server. Start makes it, Stop ends it.
type Server struct {
	opts Options // set by Start, then read-only

	// Guarded by mu.
	mu  sync.Mutex
	srv *server.Server // nil while stopped
	url string         // outlives srv
	ldm chan struct{}  // closed when a lame duck has ended; nil without one
}

// Start runs a server and waits until it accepts clients, at most 10 seconds. The caller must Stop
// it.
func Start(o Options) (*Server, error) {
	s := &Server{opts: o}
	return s, s.start(o.Port)
}

func (s *Server) start(port int) error {
	srv, err := server.NewServer(s.opts.server(port))
	if err != nil {
		return fmt.Errorf("embedded: %w", err)
	}
	go srv.Start()
	if !srv.ReadyForConnections(readyTimeout) {
		srv.Shutdown()
		return fmt.Errorf("embedded: server not ready after %s (port %d taken?)", readyTimeout, port)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.srv, s.url, s.ldm = srv, srv.ClientURL(), nil
	return nil
}

func (o Options) server(port int) *server.Options {
	if port == 0 {
		port = server.RANDOM_PORT
	}
	so := &server.Options{
		ServerName:    o.Name,
		Host:          Host,
		Port:          port,
		DontListen:    o.DontListen,
		MaxPayload:    o.MaxPayload,
		WriteDeadline: o.WriteDeadline,
		Users:         o.Users,
		NoLog:         true,
		NoSigs:        true,
	}
	if o.TLS != nil {
		so.TLS, so.TLSConfig = true, o.TLS
		so.TLSVerify = o.TLS.ClientAuth == tls.RequireAndVerifyClientCert
	}
	if o.Monitor {
		so.HTTPHost, so.HTTPPort = Host, server.RANDOM_PORT
	}
	o.Leaf.configure(so)
	if o.Tune != nil {
		o.Tune(so)
	}
	return so
}

// ClientURL is where clients connect; it stays the same across Stop and Restart.
func (s *Server) ClientURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// MonitorURL is where the monitoring is, http://host:port; empty without.
func (s *Server) MonitorURL() string {
	srv := s.running()
	if srv == nil || srv.MonitorAddr() == nil {
		return ""
	}
	return "http://" + srv.MonitorAddr().String()
}

// InProcessConn makes the Server a nats.InProcessConnProvider: a connection without a socket.
func (s *Server) InProcessConn() (net.Conn, error) {
	srv := s.running()
	if srv == nil {
		return nil, errNotRunning
	}
	return srv.InProcessConn()
}

// Inner is the running server, for what this package does not offer; nil while stopped. Restart
// makes another.
func (s *Server) Inner() *server.Server { return s.running() }

func (s *Server) running() *server.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.srv
}

// Connz lists the names of the connected clients, sorted. A client without a name is an empty
// string.
func (s *Server) Connz() ([]string, error) {
	srv := s.running()
	if srv == nil {
		return nil, errNotRunning
	}
	list, err := srv.Connz(&server.ConnzOptions{Limit: 1 << 20})
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(list.Conns))
	for _, c := range list.Conns {
		names = append(names, c.Name)
	}
	sort.Strings(names)
	return names, nil
}
