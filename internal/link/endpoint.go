package link

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/socket"
)

// The sides. A relay has Federation and Collective, an edge has Federation and Line.
const (
	Federation = "federation"
	Collective = "collective"
	Line       = "line"
)

// Endpoint says how to reach one side: its servers, credentials and certificates. It holds the
// names of files, never their contents, because all files are read again at every connect. It may
// be shared: after NewEndpoint it is read-only, but for the TLS sessions. Whoever holds it connects
// by the endpoint that has replaced it last (Replace).
type Endpoint struct {
	// Dial makes the TCP connections, to resolved addresses. It may block until ctx ends. Tests put
	// faulty networks here, before the first Run.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Portable makes all sessions use the library plane. Sessions over WebSocket use it anyway. Set
	// it before the first Run.
	Portable bool

	side     string
	cfg      config.Side
	servers  []server // as configured; empty if a nats context or DNS lists them
	resolver *net.Resolver
	sessions tlsSessions // of all links of the side

	successors *successors
	replaced   chan struct{} // closed by Replace
}

// NewEndpoint checks what can be checked without I/O, and returns all mistakes in one error. side
// is Federation, Collective or Line.
func NewEndpoint(side string, s config.Side) (*Endpoint, error) {
	if side != Federation && side != Collective && side != Line {
		panic("link: BUG: no such side: " + side)
	}
	e := &Endpoint{
		Dial: socket.Dial, side: side, cfg: s, resolver: newResolver(s.SRV.Resolver),
		successors: new(successors), replaced: make(chan struct{}),
	}
	e.successors.latest.Store(e)
	var problems []error
	for i, text := range s.Servers {
		sv, err := parseServer(text)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s.servers[%d]: %w", side, i, err))
			continue
		}
		e.servers = append(e.servers, sv)
	}
	problems = append(problems, e.checkServers(), e.checkLogin(), e.checkTLS())
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return e, nil
}

// Side is Federation, Collective or Line.
func (e *Endpoint) Side() string { return e.side }

// Label begins the log lines about this side: "federation", "collective london".
func (e *Endpoint) Label() string {
	if e.cfg.Name == "" || e.cfg.Name == e.side {
		return e.side
	}
	return e.side + " " + e.cfg.Name
}

// checkServers returns what is wrong with the server list.
func (e *Endpoint) checkServers() error {
	var problems []error
	for i, sv := range e.servers {
		if sv.websocket() != e.servers[0].websocket() {
			problems = append(problems, fmt.Errorf("%s.servers[%d]: ws and nats servers cannot be mixed", e.side, i))
		}
		if sv.url.User != nil && len(e.logins()) > 0 {
			problems = append(problems, fmt.Errorf("%s.servers[%d] carries a login and %s is set: keep one", e.side, i, e.logins()[0]))
		}
	}
	s := e.cfg
	if e.side != Collective && len(s.Servers) == 0 && s.Context == "" && s.SRV.Disabled {
		problems = append(problems, fmt.Errorf("%[1]s.servers is empty and %[1]s.srv.disabled is true: list servers, or let DNS be asked", e.side))
	}
	return errors.Join(problems...)
}

// writeBuffer is how many bytes nats.go gathers before it writes without being asked. Its default
// of 32 KiB holds two copies of a 16 KiB payload. With this buffer such a copy costs a fifth less.
const writeBuffer = 256 << 10

// watchInterval is the time between two questions to DNS for the server list while connected.
func (e *Endpoint) watchInterval() time.Duration {
	if e.cfg.SRV.Interval > 0 {
		return e.cfg.SRV.Interval
	}
	return time.Minute
}

// settings are everything that is read for one attempt to connect.
type settings struct {
	from     *Endpoint    // that has read them
	options  nats.Options // without URL and callbacks
	security socket.Security
	servers  []server // from the nats context; empty without one
	dial     dialFunc
	proxied  bool   // dial goes through a proxy, which resolves names
	proxy    string // URL of the proxy; empty without one
	login    login  // who the server is told that we are

	credentials []Credential // that the server is shown, or is verified with
	// authorities are the certificates in authorityFile. If there are none, the server is verified
	// with the authorities of the nats context or of the system.
	authorities   []*x509.Certificate
	authorityFile string
	mistakes      findings
}

// addCredential enters c, or the mistakes in err because of which c cannot be used.
func (s *settings) addCredential(c Credential, err error) {
	if err != nil {
		s.addMistake(err)
		return
	}
	s.credentials = append(s.credentials, c)
}

// addMistake enters one mistake, or all in a findings.
func (s *settings) addMistake(err error) {
	var all findings
	if errors.As(joinFindings(err), &all) {
		s.mistakes = append(s.mistakes, all...)
	}
}

// read reads fresh settings: those of the nats context, if any, overlaid with those of the
// configuration. Its error names all mistakes. The settings that could be read are returned even
// then. It blocks for files only.
func (e *Endpoint) read(name string) (*settings, error) {
	s := &settings{from: e, options: nats.GetDefaultOptions(), dial: e.Dial}
	e.readContext(s)
	e.login(s)
	e.secure(s)
	s.login = loginOf(s)
	if s.options.SignatureCB != nil {
		s.options.SignatureCB = signOnlyNonces(s.options.SignatureCB)
	}
	fixOptions(&s.options, name)
	return s, s.mistakes.err()
}

// fixOptions sets the options that cannot be configured.
func fixOptions(o *nats.Options, name string) {
	o.Name = name
	o.AllowReconnect = false // see the package comment
	o.RetryOnFailedConnect = false
	o.IgnoreDiscoveredServers = true // credentials go to listed servers only
	o.SkipHostLookup = true          // the dialer looks up, within its context
	o.NoRandomize = true
	o.Servers = nil
	o.Timeout = stepTimeout
	o.PingInterval = socket.PingInterval
	o.MaxPingsOut = socket.MaxSilent
	o.FlusherTimeout = 10 * time.Second
	o.WriteBufferSize = writeBuffer
}
