package link

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

// resumes connects once and reports whether that resumed a TLS session.
func resumes(t *testing.T, e *Endpoint) bool {
	t.Helper()
	var r recorder
	l, stop := run(t, &r, e)
	defer stop()
	natstest.Eventually(t, "attach", func() bool { return r.did("attach 1") || r.Counted(EventConnectFailed) > 0 })
	if !r.did("attach 1") {
		t.Fatal(l.Status().LastError)
	}
	state, ok := r.session().TLS()
	if !ok || len(state.PeerCertificates) == 0 {
		t.Errorf("state %+v", state)
	}
	return state.DidResume
}

// mutual is a server that wants client certificates of ca, and a side that shows one. When it
// starts again it has another certificate, and does not know earlier sessions.
func mutual(t *testing.T, ca *natstest.Authority, version uint16) (*embedded.Server, config.Side) {
	t.Helper()
	theirs := func() *tls.Config {
		c := ca.Server(natstest.Soon(), "127.0.0.1")
		c.ClientAuth, c.MaxVersion = tls.RequireAndVerifyClientCert, version
		return c
	}
	srv := natstest.Start(t, embedded.Options{TLS: theirs(), Tune: func(o *natsserver.Options) { o.TLSConfig = theirs() }})
	cert, key := ca.Issue(natstest.Soon())
	s := natstest.Side(srv.ClientURL())
	s.TLS.CA = ca.Path
	s.TLS.Cert, s.TLS.Key = natstest.File(t, "cert.pem", cert), natstest.File(t, "key.pem", key)
	return srv, s
}

func TestAReconnectResumesItsTLSSession(t *testing.T) {
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			_, s := mutual(t, natstest.NewAuthority(t, "Relay CA"), version)
			e := endpoint(t, Federation, s)
			for i, want := range []bool{false, true, true} {
				if got := resumes(t, e); got != want {
					t.Errorf("connect %d: resumed %t", i+1, got)
				}
			}
			if resumes(t, endpoint(t, Federation, s)) {
				t.Error("another side has the session, too")
			}
		})
	}
}

func TestChangedFilesEndTLSSessions(t *testing.T) {
	ca, other := natstest.NewAuthority(t, "Relay CA"), natstest.NewAuthority(t, "Other CA")
	_, s := mutual(t, ca, tls.VersionTLS13)
	e := endpoint(t, Federation, s)
	cert, key := ca.Issue(natstest.Soon())
	both := fileText(t, ca.Path) + fileText(t, other.Path)
	for i, change := range []func(){
		func() { natstest.Rewrite(t, s.TLS.Cert, cert); natstest.Rewrite(t, s.TLS.Key, key) },
		func() { natstest.Rewrite(t, s.TLS.CA, both) },
	} {
		resumes(t, e)
		if !resumes(t, e) {
			t.Fatal("not resumed")
		}
		if change(); resumes(t, e) {
			t.Errorf("resumed after change %d", i)
		}
	}
}

// A session that is kept must not let in a server that nobody vouches for any more.
func TestAServerWhoseAuthorityIsGoneIsNotResumed(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA")
	_, s := mutual(t, ca, tls.VersionTLS13)
	e := endpoint(t, Federation, s)
	resumes(t, e)
	natstest.Rewrite(t, s.TLS.CA, fileText(t, natstest.NewAuthority(t, "Other CA").Path))
	var r recorder
	l, _ := run(t, &r, e)
	natstest.Eventually(t, "failure", func() bool { return r.Counted(EventTLSError) > 0 || r.did("attach 1") })
	if got := l.Status().LastError; r.did("attach 1") || !strings.Contains(got, "unknown authority") {
		t.Errorf("connected, or %q", got)
	}
}

// A server that has started again does not know the session, and says nothing about it.
func TestAServerThatHasForgottenASessionIsConnectedTo(t *testing.T) {
	srv, s := mutual(t, natstest.NewAuthority(t, "Relay CA"), tls.VersionTLS13)
	e := endpoint(t, Federation, s)
	resumes(t, e)
	srv.Stop()
	natstest.Succeeds(t, srv.Restart())
	if resumes(t, e) {
		t.Error("the server remembers")
	}
	if !resumes(t, e) {
		t.Error("not resumed again")
	}
}

func TestSessionsEndWithTheClientCertificate(t *testing.T) {
	var sessions tlsSessions
	configure := func(ends ...time.Time) *tls.Config {
		c := &tls.Config{}
		for _, end := range ends {
			c.Certificates = append(c.Certificates, tls.Certificate{Certificate: [][]byte{[]byte(end.String())}, Leaf: leaf(end)})
		}
		sessions.use(c)
		return c
	}
	now := time.Now()
	for name, tt := range map[string]struct {
		ends []time.Time
		want bool
	}{
		"none": {nil, true}, "valid": {[]time.Time{now.Add(time.Hour)}, true}, "ended": {[]time.Time{now.Add(-time.Second)}, false},
		"one of two has ended": {[]time.Time{now.Add(time.Hour), now.Add(-time.Second)}, false},
	} {
		c := configure(tt.ends...)
		c.ClientSessionCache.Put("server", &tls.ClientSessionState{})
		if _, ok := c.ClientSessionCache.Get("server"); ok != tt.want {
			t.Errorf("%s: a session: %t", name, ok)
		}
	}
	unread := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{[]byte("?")}}}}
	sessions.use(unread)
	unread.ClientSessionCache.Put("server", &tls.ClientSessionState{})
	if _, ok := unread.ClientSessionCache.Get("server"); ok {
		t.Error("a certificate that cannot be read has a session")
	}
}

// Each setting that decides whom we trust, or who we are, ends all sessions.
func TestEachSettingEndsSessions(t *testing.T) {
	pool := natstest.NewAuthority(t, "Relay CA").Pool()
	for name, change := range map[string]func(c *tls.Config){
		"authorities": func(c *tls.Config) { c.RootCAs = nil }, "name": func(c *tls.Config) { c.ServerName = "c2.fed" },
		"verification": func(c *tls.Config) { c.InsecureSkipVerify = true }, "least version": func(c *tls.Config) { c.MinVersion++ },
		"greatest version": func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, "ciphers": func(c *tls.Config) { c.CipherSuites = []uint16{1} },
		"curves":      func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519} },
		"certificate": func(c *tls.Config) { c.Certificates = nil },
		"nothing":     func(*tls.Config) {},
	} {
		settings := func() *tls.Config {
			one := tls.Certificate{Certificate: [][]byte{[]byte("one")}, Leaf: leaf(natstest.Soon())}
			return &tls.Config{RootCAs: pool.Clone(), ServerName: "c1.fed", MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{one}}
		}
		var sessions tlsSessions
		before, after := settings(), settings()
		sessions.use(before)
		before.ClientSessionCache.Put("server", &tls.ClientSessionState{})
		change(after)
		sessions.use(after)
		if _, ok := after.ClientSessionCache.Get("server"); ok != (name == "nothing") {
			t.Errorf("%s: a session: %t", name, ok)
		}
	}
}

func leaf(ends time.Time) *x509.Certificate { return &x509.Certificate{NotAfter: ends} }

func fileText(t *testing.T, path string) string {
	t.Helper()
	return string(natstest.Must(os.ReadFile(path)))
}
