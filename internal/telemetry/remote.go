package telemetry

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// Remote says how other machines may read a part of what a Server serves.
type Remote struct {
	// Address is host:port; port 0 picks a free one.
	Address string
	// Cert and Key are paths of PEM files. Without them there is no TLS.
	Cert, Key string
	// ClientCA, if not empty, is the path of the authorities of clients, which must show a
	// certificate then. All files are read again when they change.
	ClientCA string
	// Login returns what a client must log in with. It is asked at each request, so it may read
	// files. Default: nobody needs to log in.
	Login func() (user, password string, err error)
}

// Check reads the files as ServeRemote does, and returns when the certificate ends: the zero time
// without TLS.
func (r Remote) Check() (ends time.Time, err error) {
	if r.Cert == "" {
		return ends, nil
	}
	c := certificates{remote: r}
	err = c.read()
	return c.ends, err
}

// remotePaths are what other machines may read, where it is served at all.
var remotePaths = []string{
	"/metrics", "/healthz", "/readyz", "/-/healthy", "/-/ready", "/choria/prometheus", "/choria/metrics",
}

// remoteConnections is how many connections of other machines may be open.
const remoteConnections = 32

// ServeRemote is Serve for other machines. It counts what it rejects together with beside, if that
// is not nil. An error is about the files or the address.
func ServeRemote(r Remote, views []View, o Options, beside *Server) (*Server, error) {
	if o.MaxConnections == 0 {
		o.MaxConnections = min(remoteConnections, connectionsFor(maxDescriptors()))
	}
	o.Sources = nil // no page for browsers
	s, err := listen(r.Address, views, o)
	if err != nil {
		return nil, fmt.Errorf("http.remote: %w", err)
	}
	if beside != nil {
		s.shared = beside.shared
	}
	if err := s.restrict(r); err != nil {
		_ = s.listener.Close() // nobody has connected
		return nil, fmt.Errorf("http.remote: %w", err)
	}
	go s.serve()
	return s, nil
}

// restrict leaves what other machines may read, for those who may.
func (s *Server) restrict(r Remote) error {
	s.hosts = nil // who is asked for is known from the certificate, and no browser knows the login
	all := s.paths
	s.paths = make(map[string]http.Handler, len(remotePaths))
	for _, path := range remotePaths {
		if h, ok := all[path]; ok {
			s.paths[path] = h
		}
	}
	if r.Login != nil {
		s.http.Handler = s.withLogin(s.http.Handler, r.Login)
	}
	if r.Cert == "" {
		return nil
	}
	files, err := newCertificates(r, s.options.Log)
	if err != nil {
		return err
	}
	s.certificates.Store(files)
	s.listener = tls.NewListener(s.listener, &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: files.forClient})
	return nil
}

// withLogin asks for a login before it serves h.
func (s *Server) withLogin(h http.Handler, login func() (user, password string, err error)) http.Handler {
	var unreadable atomic.Bool
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, err := login()
		if err != nil {
			if !unreadable.Swap(true) { // once, however many ask
				s.options.Log.Error("http.remote: the login cannot be read, so nobody is served", "error", err)
			}
			writeText(w, http.StatusInternalServerError, "the login cannot be read; the log says why\n")
			return
		}
		unreadable.Store(false)
		givenUser, givenPassword, given := r.BasicAuth()
		if !given || !same(givenUser, user) || !same(givenPassword, password) {
			s.rejected.count(wrongLogin)
			w.Header().Set("WWW-Authenticate", `Basic realm="fedrelay", charset="UTF-8"`)
			writeText(w, http.StatusUnauthorized, "log in with http.remote.user and http.remote.password\n")
			return
		}
		h.ServeHTTP(w, r)
	})
}

// same compares texts in a time that says nothing about them, not even their length.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
