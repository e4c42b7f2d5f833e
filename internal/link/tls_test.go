package link

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

// connects runs a Link against s and returns its session.
func connects(t *testing.T, s config.Side) *Session {
	t.Helper()
	var r recorder
	l, _ := run(t, &r, endpoint(t, Federation, s))
	natstest.Eventually(t, "attach", func() bool { return r.did("attach 1") || r.Counted(EventConnectFailed) > 0 })
	if !r.did("attach 1") {
		t.Fatal(l.Status().LastError)
	}
	return r.session()
}

// cannotConnect runs a Link against s and returns why it cannot connect.
func cannotConnect(t *testing.T, s config.Side, events ...string) string {
	t.Helper()
	var r recorder
	l, _ := run(t, &r, endpoint(t, Federation, s))
	natstest.Eventually(t, "failure", func() bool { return r.Counted(EventConnectFailed) > 0 || r.did("attach 1") })
	natstest.Eventually(t, "log", func() bool { return r.did("attach 1") || strings.Contains(r.Logged(), "retrying") })
	if r.did("attach 1") {
		t.Fatal("connected")
	}
	for _, e := range events {
		if r.Counted(e) == 0 {
			t.Errorf("no event %s", e)
		}
	}
	return l.Status().LastError
}

func TestTLS(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA")
	srv := natstest.Start(t, embedded.Options{TLS: ca.Server(natstest.Soon(), "127.0.0.1", "c1.fed")})
	s := natstest.Side(srv.ClientURL())
	s.TLS.CA = ca.Path
	st, ok := connects(t, s).TLS()
	if !ok || st.Version < tls.VersionTLS12 || len(st.VerifiedChains) == 0 {
		t.Errorf("state %+v", st)
	}
	s.TLS.ServerName = "c1.fed"
	connects(t, s)
	s.TLS.ServerName = "c2.fed"
	if got := cannotConnect(t, s, EventTLSError); !strings.Contains(got, "tls: certificate is valid for c1.fed, not c2.fed") {
		t.Error(got)
	}
	s.TLS = config.TLS{InsecureSkipVerify: true}
	connects(t, s)
	s.TLS = config.TLS{}
	if got := cannotConnect(t, s, EventTLSError); !strings.Contains(got, "tls: certificate signed by unknown authority Relay CA") {
		t.Error(got)
	}
	s.TLS.CA = natstest.NewAuthority(t, "Another CA").Path
	if got := cannotConnect(t, s, EventTLSError); !strings.Contains(got, "tls: certificate signed by unknown authority") {
		t.Error(got)
	}
}

func TestExpiredServerCertificateIsNamedWithItsDate(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA")
	day := time.Date(2023, 11, 20, 12, 0, 0, 0, time.UTC)
	srv := natstest.Start(t, embedded.Options{TLS: ca.Server(day, "127.0.0.1")})
	s := natstest.Side(srv.ClientURL())
	s.TLS.CA = ca.Path
	got := cannotConnect(t, s, EventTLSError)
	if want := "cannot connect to " + strings.TrimPrefix(srv.ClientURL(), "tls://") + ": tls: certificate expired 2023-11-20 (it is the server's"; !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q...", got, want)
	}
	s.Servers = append(s.Servers, "127.0.0.1:1")
	if got := cannotConnect(t, s); !strings.HasPrefix(got, "cannot connect to any of 2 servers (last: ") {
		t.Error(got)
	}
}

func TestClientCertificate(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA")
	conf := ca.Server(natstest.Soon(), "127.0.0.1")
	conf.ClientAuth = tls.RequireAndVerifyClientCert
	srv := natstest.Start(t, embedded.Options{TLS: conf})
	s := natstest.Side(srv.ClientURL())
	s.TLS.CA = ca.Path
	if got := cannotConnect(t, s, EventTLSError); !strings.Contains(got, "tls: the server refused us: ") && !strings.Contains(got, errHungUp.Error()) {
		t.Error(got)
	}
	cert, key := ca.Issue(natstest.Soon(), "relay1")
	s.TLS.Cert, s.TLS.Key = natstest.File(t, "cert.pem", cert), natstest.File(t, "key.pem", key)
	connects(t, s)

	// Certificates are read at every connect.
	natstest.Rewrite(t, s.TLS.Cert, "nothing")
	if got := cannotConnect(t, s); !strings.Contains(got, "certificate") {
		t.Error(got)
	}
	var r recorder
	run(t, &r, endpoint(t, Federation, s))
	natstest.Eventually(t, "failure", func() bool { return r.Counted(EventConnectFailed) > 0 })
	natstest.Rewrite(t, s.TLS.Cert, cert)
	natstest.Eventually(t, "attach", func() bool { return r.did("attach 1") })
}

func TestTLSFirst(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA")
	first := natstest.Start(t, embedded.Options{TLS: ca.Server(natstest.Soon(), "127.0.0.1"), Tune: func(o *natsserver.Options) { o.TLSHandshakeFirst = true }})
	s := natstest.Side(first.ClientURL())
	s.TLS = config.TLS{CA: ca.Path, First: true}
	if _, ok := connects(t, s).TLS(); !ok {
		t.Error("not TLS")
	}
	later := natstest.Start(t, embedded.Options{TLS: ca.Server(natstest.Soon(), "127.0.0.1")})
	s.Servers = []string{later.ClientURL()}
	if got := cannotConnect(t, s, EventTLSError); !strings.Contains(got, "tls: the server does not speak TLS at this point") {
		t.Error(got)
	}
}

// Nobody protects a greeting, so it must not talk us out of TLS that is configured.
func TestNoDowngrade(t *testing.T) {
	srv := natstest.Start(t, embedded.Options{})
	s := natstest.Side(srv.ClientURL())
	s.TLS.CA = natstest.NewAuthority(t, "Relay CA").Path
	if got := cannotConnect(t, s, EventTLSError); !strings.Contains(got, "tls: the server does not offer TLS") {
		t.Error(got)
	}
	s = natstest.Side(strings.Replace(srv.ClientURL(), "nats://", "tls://", 1))
	if got := cannotConnect(t, s, EventTLSError); !strings.Contains(got, "tls: the server does not offer TLS") {
		t.Error(got)
	}
	s = natstest.Side(srv.ClientURL())
	s.TLS.Required = true
	if got := cannotConnect(t, s, EventTLSError); !strings.Contains(got, "tls: the server does not offer TLS") {
		t.Error(got)
	}
}

// What a stranger injects before the handshake must not be taken for the server's after it.
func TestNoInjectionBeforeTheHandshake(t *testing.T) {
	address := natstest.Server(t, func(c *natstest.Conn) {
		c.Send("INFO {\"tls_required\":true}\r\nPONG\r\n")
		c.AnswerPings()
	})
	if got := cannotConnect(t, natstest.Side(address), EventTLSError); !strings.Contains(got, "before the handshake") {
		t.Error(got)
	}
}

func TestMissingFilesAreSaidAndRetried(t *testing.T) {
	srv := natstest.Start(t, embedded.Options{})
	for name, set := range map[string]func(*config.Side){
		"creds":        func(s *config.Side) { s.Creds = "/nonexistent/relay.creds" },
		"nkey":         func(s *config.Side) { s.NKey = "/nonexistent/relay.nk" },
		"choria.token": func(s *config.Side) { s.Choria = config.ChoriaToken{Token: "/nonexistent/t", Seed: "/nonexistent/s"} },
		"tls.ca":       func(s *config.Side) { s.TLS.CA = "/nonexistent/ca.pem" },
	} {
		s := natstest.Side(srv.ClientURL())
		set(&s)
		if got := cannotConnect(t, s); !strings.Contains(got, "federation."+name+": /nonexistent/") || !strings.Contains(got, "no such file") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestLingerOverTLS(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA")
	srv := natstest.Start(t, embedded.Options{TLS: ca.Server(natstest.Soon(), "127.0.0.1")})
	s := natstest.Side(srv.ClientURL())
	s.TLS.CA = ca.Path
	session := connects(t, s)
	lingered := make(chan bool, 1)
	session.SetLinger(func() { lingered <- session.Conn.IsClosed() })
	srv.Stop()
	select {
	case closed := <-lingered:
		if closed {
			t.Error("nats.go knew before")
		}
	case <-time.After(natstest.Patience):
		t.Error("no linger at a TLS goodbye")
	}
}
