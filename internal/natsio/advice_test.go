package natsio

import (
	"crypto/ed25519"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"net"
	"strings"
	"testing"
	"time"

	natsjwt "github.com/nats-io/jwt/v2"
	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// says fails the test unless got holds all the texts.
func says(t *testing.T, got string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(got, text) {
			t.Errorf("%q\ndoes not say %q", got, text)
		}
	}
}

func TestWhichAuthorityIsMissing(t *testing.T) {
	root := newAuthority(t, "Relay CA")
	between := root.intermediate("Between CA")
	srv := start(t, embedded.Options{TLS: between.server(soon(), "127.0.0.1")})
	s := side(srv.ClientURL())
	says(t, refused(t, s, EventTLSError), "signed by unknown authority Between CA", "federation.tls.ca is not set", "system's roots")
	s.TLS.CA = root.path
	says(t, refused(t, s, EventTLSError), "signed by unknown authority Between CA", "not in federation.tls.ca "+root.path+", which holds Relay CA",
		"the server sent its own certificate alone", "intermediate")

	whole := between.server(soon(), "127.0.0.1")
	whole.Certificates[0].Certificate = append(whole.Certificates[0].Certificate, between.cert.Raw)
	s.Servers = []string{start(t, embedded.Options{TLS: whole}).ClientURL()}
	connects(t, s)
	s.TLS.CA = newAuthority(t, "Another CA").path
	got := refused(t, s, EventTLSError)
	says(t, got, "which holds Another CA", "give the file of the authority")
	if strings.Contains(got, "intermediate") {
		t.Error(got)
	}
}

func TestServerNamesAreExplained(t *testing.T) {
	ca := newAuthority(t, "Relay CA")
	s := side(start(t, embedded.Options{TLS: ca.server(soon(), "c1.fed")}).ClientURL())
	s.TLS.CA = ca.path
	says(t, refused(t, s, EventTLSError), "127.0.0.1", "federation.tls.server_name")
}

func TestRefusedClientCertificateNamesTheFile(t *testing.T) {
	ca := newAuthority(t, "Relay CA")
	conf := ca.server(soon(), "127.0.0.1")
	conf.ClientAuth = tls.RequireAndVerifyClientCert
	s := side(start(t, embedded.Options{TLS: conf}).ClientURL())
	s.TLS.CA = ca.path
	says(t, refused(t, s, EventTLSError), "we have no certificate", "federation.tls.cert and federation.tls.key")
	cert, key := newAuthority(t, "Another CA").issue(soon(), "relay1")
	s.TLS.Cert, s.TLS.Key = file(t, "cert.pem", cert), file(t, "key.pem", key)
	says(t, refused(t, s, EventTLSError), "ours is the certificate "+s.TLS.Cert+", issued by Another CA")
	cert, key = ca.issue(time.Date(2024, 2, 3, 0, 0, 0, 0, time.UTC), "relay1")
	rewrite(t, s.TLS.Cert, cert)
	rewrite(t, s.TLS.Key, key)
	says(t, refused(t, s, EventTLSError), "the certificate "+s.TLS.Cert+" ended on 2024-02-03")
}

func TestTLSFirstIsHintedAtBothWays(t *testing.T) {
	ca := newAuthority(t, "Relay CA")
	first := start(t, embedded.Options{TLS: ca.server(soon(), "127.0.0.1"), Tune: func(o *natsserver.Options) { o.TLSHandshakeFirst = true }})
	s := side(first.ClientURL())
	s.TLS.CA = ca.path
	says(t, refused(t, s), "waiting for the greeting", "federation.tls.first: true")
	s.Servers, s.TLS.First = []string{start(t, embedded.Options{TLS: ca.server(soon(), "127.0.0.1")}).ClientURL()}, true
	says(t, refused(t, s, EventTLSError), "does not speak TLS at this point", "set federation.tls.first: false")
}

func TestTLSThatIsNotOfferedIsExplained(t *testing.T) {
	s := side(strings.Replace(start(t, embedded.Options{}).ClientURL(), "nats://", "tls://", 1))
	says(t, refused(t, s, EventTLSError), "the server does not offer TLS", "write nats:// and leave tls out")
}

func TestWebSocketAtAClientPortIsExplained(t *testing.T) {
	s := side(strings.Replace(start(t, embedded.Options{}).ClientURL(), "nats://", "ws://", 1))
	says(t, refused(t, s), "login: the server does not speak WebSocket at this port (for a NATS client port write nats://")
	wss := side(strings.Replace(start(t, embedded.Options{}).ClientURL(), "nats://", "wss://", 1))
	says(t, refused(t, wss, EventTLSError), "does not speak TLS")
}

func TestRefusedLoginsSayWhoWeWere(t *testing.T) {
	_, public, _ := nkeyPair(t, nkeys.CreateUser)
	srv := start(t, embedded.Options{Tune: func(o *natsserver.Options) { o.Nkeys = []*natsserver.NkeyUser{{Nkey: public}} }})
	account, _, _ := nkeyPair(t, nkeys.CreateAccount)
	_, userKey, seed := nkeyPair(t, nkeys.CreateUser)
	claims := natsjwt.NewUserClaims(userKey)
	claims.Name, claims.Expires = "relay", time.Date(2025, 5, 6, 12, 0, 0, 0, time.UTC).Unix()
	creds := file(t, "relay.creds", string(must(natsjwt.FormatUserConfig(must(claims.Encode(account)), []byte(seed)))))
	choria := choriaFiles(t, `{"callerid":"up=relay","exp":1700000000}`)
	for name, c := range map[string]struct {
		set  func(*config.Side)
		want []string
	}{
		"none":  {func(*config.Side) {}, []string{"no credentials are set", "federation.creds"}},
		"user":  {func(s *config.Side) { s.User, s.Password = "relay", "s3cret" }, []string{`as user "relay"`}},
		"token": {func(s *config.Side) { s.Token = "s3cret" }, []string{"as the holder of the token in federation.token"}},
		"creds": {func(s *config.Side) { s.Creds = creds }, []string{`as user "relay" (` + userKey + ") of account A", ", in the creds file " + creds,
			"the creds file " + creds + " ended on 2025-05-06"}},
		"choria": {func(s *config.Side) { s.Choria = choria }, []string{"as caller up=relay of the Choria token " + choria.Token,
			"ended on 2023-11-14"}},
	} {
		s := side(srv.ClientURL())
		c.set(&s)
		got := refused(t, s, EventAuthError)
		says(t, got, append(c.want, "authorization violation")...)
		if strings.Contains(got, "s3cret") || strings.Contains(got, seed) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// choriaFiles are a token with these claims, a key of its own added, and its seed.
func choriaFiles(t *testing.T, claims string) config.ChoriaToken {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	body := strings.TrimSuffix(claims, "}") + `,"public_key":"` + hex.EncodeToString(public) + `"}`
	return config.ChoriaToken{Token: file(t, "relay.jwt", fakeJWT(body)), Seed: file(t, "relay.seed", hex.EncodeToString(private.Seed()))}
}

func fakeJWT(claims string) string {
	return "eyJhbGciOiJFZERTQSJ9." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

// Whether writing the login or reading the answer notices the end first is a matter of luck.
func TestARefusalIsHeardThroughAReset(t *testing.T) {
	const refusal = "-ERR 'Authorization Violation'\r\n"
	for name, serve := range map[string]func(c *fakeConn){
		"at once":  func(c *fakeConn) { c.send("INFO " + plainINFO + "\r\n" + refusal) },
		"after it": func(c *fakeConn) { c.send("INFO " + plainINFO + "\r\n"); c.in.Peek(1); c.send(refusal) }, // and leaves the login unread
		"at last": func(c *fakeConn) {
			c.send("INFO " + plainINFO + "\r\n")
			c.in.Peek(1)
			c.send(refusal)
			c.Conn.(*net.TCPConn).SetLinger(0)
		},
	} {
		onBothPaths(t, func(t *testing.T, portable bool) {
			s := side(fakeServer(t, serve))
			s.User, s.Password = "relay", "pw"
			for range 20 {
				var r recorder
				l, stop := run(t, &r, portably(portable, endpoint(t, Federation, s)))
				eventually(t, "failure", func() bool { return r.counted(EventConnectFailed) > 0 })
				if got := l.Status().LastError; !strings.Contains(got, `authorization violation as user "relay"`) {
					t.Fatalf("%s: %s", name, got)
				}
				stop()
			}
		})
	}
}
