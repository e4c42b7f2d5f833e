package link

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
	"github.com/fedrelay/fedrelay/internal/natstest"
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
	root := natstest.NewAuthority(t, "Relay CA")
	between := root.Intermediate("Between CA")
	srv := natstest.Start(t, embedded.Options{TLS: between.Server(natstest.Soon(), "127.0.0.1")})
	s := natstest.Side(srv.ClientURL())
	says(t, cannotConnect(t, s, EventTLSError), "signed by unknown authority Between CA", "federation.tls.ca is not set", "system's roots")
	s.TLS.CA = root.Path
	says(t, cannotConnect(t, s, EventTLSError), "signed by unknown authority Between CA", "not in federation.tls.ca "+root.Path+", which holds Relay CA",
		"the server sent its own certificate alone", "intermediate")

	whole := between.Server(natstest.Soon(), "127.0.0.1")
	whole.Certificates[0].Certificate = append(whole.Certificates[0].Certificate, between.Cert.Raw)
	s.Servers = []string{natstest.Start(t, embedded.Options{TLS: whole}).ClientURL()}
	connects(t, s)
	s.TLS.CA = natstest.NewAuthority(t, "Another CA").Path
	got := cannotConnect(t, s, EventTLSError)
	says(t, got, "which holds Another CA", "give the file of the authority")
	if strings.Contains(got, "intermediate") {
		t.Error(got)
	}
}

func TestServerNamesAreExplained(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA")
	s := natstest.Side(natstest.Start(t, embedded.Options{TLS: ca.Server(natstest.Soon(), "c1.fed")}).ClientURL())
	s.TLS.CA = ca.Path
	says(t, cannotConnect(t, s, EventTLSError), "127.0.0.1", "federation.tls.server_name")
}

func TestRefusedClientCertificateNamesTheFile(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA")
	conf := ca.Server(natstest.Soon(), "127.0.0.1")
	conf.ClientAuth = tls.RequireAndVerifyClientCert
	s := natstest.Side(natstest.Start(t, embedded.Options{TLS: conf}).ClientURL())
	s.TLS.CA = ca.Path
	says(t, cannotConnect(t, s, EventTLSError), "we have no certificate", "federation.tls.cert and federation.tls.key")
	cert, key := natstest.NewAuthority(t, "Another CA").Issue(natstest.Soon(), "relay1")
	s.TLS.Cert, s.TLS.Key = natstest.File(t, "cert.pem", cert), natstest.File(t, "key.pem", key)
	says(t, cannotConnect(t, s, EventTLSError), "ours is the certificate "+s.TLS.Cert+", issued by Another CA")
	cert, key = ca.Issue(time.Date(2024, 2, 3, 0, 0, 0, 0, time.UTC), "relay1")
	natstest.Rewrite(t, s.TLS.Cert, cert)
	natstest.Rewrite(t, s.TLS.Key, key)
	says(t, cannotConnect(t, s, EventTLSError), "the certificate "+s.TLS.Cert+" ended on 2024-02-03")
}

func TestTLSFirstIsHintedAtBothWays(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA")
	first := natstest.Start(t, embedded.Options{TLS: ca.Server(natstest.Soon(), "127.0.0.1"), Tune: func(o *natsserver.Options) { o.TLSHandshakeFirst = true }})
	s := natstest.Side(first.ClientURL())
	s.TLS.CA = ca.Path
	says(t, cannotConnect(t, s), "waiting for the greeting", "federation.tls.first: true")
	s.Servers, s.TLS.First = []string{natstest.Start(t, embedded.Options{TLS: ca.Server(natstest.Soon(), "127.0.0.1")}).ClientURL()}, true
	says(t, cannotConnect(t, s, EventTLSError), "does not speak TLS at this point", "set federation.tls.first: false")
}

func TestTLSThatIsNotOfferedIsExplained(t *testing.T) {
	s := natstest.Side(strings.Replace(natstest.Start(t, embedded.Options{}).ClientURL(), "nats://", "tls://", 1))
	says(t, cannotConnect(t, s, EventTLSError), "the server does not offer TLS", "write nats:// and leave tls out")
}

func TestWebSocketAtAClientPortIsExplained(t *testing.T) {
	s := natstest.Side(strings.Replace(natstest.Start(t, embedded.Options{}).ClientURL(), "nats://", "ws://", 1))
	says(t, cannotConnect(t, s), "login: the server does not speak WebSocket at this port (for a NATS client port write nats://")
	wss := natstest.Side(strings.Replace(natstest.Start(t, embedded.Options{}).ClientURL(), "nats://", "wss://", 1))
	says(t, cannotConnect(t, wss, EventTLSError), "does not speak TLS")
}

func TestFailedLoginsSayWhoWeWere(t *testing.T) {
	_, public, _ := natstest.NKeyPair(t, nkeys.CreateUser)
	srv := natstest.Start(t, embedded.Options{Tune: func(o *natsserver.Options) { o.Nkeys = []*natsserver.NkeyUser{{Nkey: public}} }})
	account, _, _ := natstest.NKeyPair(t, nkeys.CreateAccount)
	_, userKey, seed := natstest.NKeyPair(t, nkeys.CreateUser)
	claims := natsjwt.NewUserClaims(userKey)
	claims.Name, claims.Expires = "relay", time.Date(2025, 5, 6, 12, 0, 0, 0, time.UTC).Unix()
	creds := natstest.File(t, "relay.creds", string(natstest.Must(natsjwt.FormatUserConfig(natstest.Must(claims.Encode(account)), []byte(seed)))))
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
		s := natstest.Side(srv.ClientURL())
		c.set(&s)
		got := cannotConnect(t, s, EventAuthError)
		says(t, got, append(c.want, "authorization violation")...)
		if strings.Contains(got, "s3cret") || strings.Contains(got, seed) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// choriaFiles returns the files of a token with these claims and of its seed. The public key of the
// seed is added to the claims.
func choriaFiles(t *testing.T, claims string) config.ChoriaToken {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	body := strings.TrimSuffix(claims, "}") + `,"public_key":"` + hex.EncodeToString(public) + `"}`
	return config.ChoriaToken{Token: natstest.File(t, "relay.jwt", fakeJWT(body)), Seed: natstest.File(t, "relay.seed", hex.EncodeToString(private.Seed()))}
}

func fakeJWT(claims string) string {
	return "eyJhbGciOiJFZERTQSJ9." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

// Writing the login may notice the end first, or reading the answer. The reason must not depend on
// which it is.
func TestTheReasonIsHeardThroughAReset(t *testing.T) {
	const reason = "-ERR 'Authorization Violation'\r\n"
	for name, serve := range map[string]func(c *natstest.Conn){
		"at once": func(c *natstest.Conn) { c.Send("INFO " + natstest.Info + "\r\n" + reason) },
		// The login stays unread.
		"after it": func(c *natstest.Conn) { c.Send("INFO " + natstest.Info + "\r\n"); c.In.Peek(1); c.Send(reason) },
		"at last": func(c *natstest.Conn) {
			c.Send("INFO " + natstest.Info + "\r\n")
			c.In.Peek(1)
			c.Send(reason)
			c.Conn.(*net.TCPConn).SetLinger(0)
		},
	} {
		natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
			s := natstest.Side(natstest.Server(t, serve))
			s.User, s.Password = "relay", "pw"
			for range 20 {
				var r recorder
				l, stop := run(t, &r, portably(portable, endpoint(t, Federation, s)))
				natstest.Eventually(t, "failure", func() bool { return r.Counted(EventConnectFailed) > 0 })
				if got := l.Status().LastError; !strings.Contains(got, `authorization violation as user "relay"`) {
					t.Fatalf("%s: %s", name, got)
				}
				stop()
			}
		})
	}
}
