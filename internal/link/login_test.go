package link

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	natsjwt "github.com/nats-io/jwt/v2"
	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

func TestChoriaLogin(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	const token = "eyJhbGciOiJFZERTQSJ9.eyJwdXJwb3NlIjoiY2xpZW50In0.c2ln"
	connect := make(chan map[string]any, 10)
	address := natstest.Server(t, func(c *natstest.Conn) {
		connect <- c.Welcome(natstest.Info)
		c.AnswerPings()
	})
	s := natstest.Side(address)
	s.Choria.Token = natstest.File(t, "token", token+"\n")
	s.Choria.Seed = natstest.File(t, "seed", hex.EncodeToString(private.Seed())+"\n")
	connects(t, s)
	got := <-connect
	if got["auth_token"] != token || got["jwt"] != token {
		t.Errorf("CONNECT %v", got)
	}
	sig, err := base64.RawURLEncoding.DecodeString(got["sig"].(string))
	if err != nil || !ed25519.Verify(public, []byte("abcDEF123"), sig) {
		t.Errorf("sig %v: %v", got["sig"], err)
	}
	if got["nkey"] != nil || got["user"] != nil {
		t.Errorf("CONNECT %v", got)
	}
	if got["name"] != "fedrelay test" || got["echo"] != true {
		t.Errorf("CONNECT %v", got)
	}
}

func TestBrokenChoriaSeeds(t *testing.T) {
	for _, text := range []string{"", "zz", strings.Repeat("z", 64), strings.Repeat("a", 62), strings.Repeat("a", 66)} {
		path := natstest.File(t, "seed", text)
		if _, err := choriaSeed("federation.choria.seed", path); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestNKeyLogin(t *testing.T) {
	_, public, seed := natstest.NKeyPair(t, nkeys.CreateUser)
	srv := natstest.Start(t, embedded.Options{Tune: func(o *natsserver.Options) { o.Nkeys = []*natsserver.NkeyUser{{Nkey: public}} }})
	s := natstest.Side(srv.ClientURL())
	s.NKey = natstest.File(t, "relay.nk", seed+"\n")
	connects(t, s)
	_, _, other := natstest.NKeyPair(t, nkeys.CreateUser)
	natstest.Rewrite(t, s.NKey, other)
	if got := cannotConnect(t, s, EventAuthError); !strings.Contains(got, ": authorization violation as nkey U") || !strings.HasSuffix(got, " of "+s.NKey) {
		t.Error(got)
	}
	natstest.Rewrite(t, s.NKey, "SUnot a seed at all")
	if got := cannotConnect(t, s); !strings.Contains(got, "holds no user seed") || strings.Contains(got, "SUnot") {
		t.Error(got)
	}
}

func TestCredsLogin(t *testing.T) {
	operator, operatorKey, _ := natstest.NKeyPair(t, nkeys.CreateOperator)
	account, accountKey, _ := natstest.NKeyPair(t, nkeys.CreateAccount)
	_, userKey, userSeed := natstest.NKeyPair(t, nkeys.CreateUser)
	accounts := &natsserver.MemAccResolver{}
	if err := accounts.Store(accountKey, natstest.Must(natsjwt.NewAccountClaims(accountKey).Encode(operator))); err != nil {
		t.Fatal(err)
	}
	srv := natstest.Start(t, embedded.Options{Tune: func(o *natsserver.Options) {
		o.TrustedKeys, o.AccountResolver = []string{operatorKey}, accounts
	}})
	jwt := natstest.Must(natsjwt.NewUserClaims(userKey).Encode(account))
	s := natstest.Side(srv.ClientURL())
	s.Creds = natstest.File(t, "relay.creds", string(natstest.Must(natsjwt.FormatUserConfig(jwt, []byte(userSeed)))))
	connects(t, s)
	natstest.Rewrite(t, s.Creds, jwt)
	if got := cannotConnect(t, s); !strings.Contains(got, "federation.creds: "+s.Creds+": holds no user seed") {
		t.Error(got)
	}
	s = natstest.Side(srv.ClientURL())
	if got := cannotConnect(t, s, EventAuthError); !strings.Contains(got, ": authorization violation: no credentials are set; give federation.creds") {
		t.Error(got)
	}
}

func TestTokenAndURLLogins(t *testing.T) {
	srv := natstest.Start(t, embedded.Options{Tune: func(o *natsserver.Options) { o.Authorization = "s3cret" }})
	s := natstest.Side(srv.ClientURL())
	s.Token = "s3cret"
	connects(t, s)
	s = natstest.Side(strings.Replace(srv.ClientURL(), "://", "://s3cret@", 1))
	session := connects(t, s)
	if session.URL() != srv.ClientURL() {
		t.Errorf("URL %s", session.URL())
	}
	s.Servers[0] = strings.Replace(srv.ClientURL(), "://", "://wr0ng:s3cret@", 1)
	if got := cannotConnect(t, s, EventAuthError); strings.Contains(got, "s3cret") || strings.Contains(got, "wr0ng") {
		t.Error(got)
	}
}

func TestNATSContext(t *testing.T) {
	srv := natstest.Start(t, embedded.Options{Users: []*natsserver.User{natstest.User("relay", "pw"), natstest.User("other", "pw2")}})
	context := func(fields map[string]any) string {
		return natstest.File(t, "central.json", string(natstest.Must(json.Marshal(fields))))
	}
	path := context(map[string]any{"url": srv.ClientURL(), "user": "relay", "password": "pw"})
	connects(t, config.Side{Context: path})

	// By name, as the nats command keeps them.
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	if got := cannotConnect(t, config.Side{Context: "central"}); !strings.Contains(got, `nats context "central": `) {
		t.Error(got)
	}
	dir := filepath.Join(home, "nats", "context")
	mkdir(t, dir)
	natstest.Rewrite(t, filepath.Join(dir, "central.json"), `{"url":"127.0.0.1:1,`+srv.ClientURL()+`","user":"relay","password":"pw"}`)
	connects(t, config.Side{Context: "central"})

	// No half of a password is looked up in DNS, or shown.
	for _, url := range []string{"nats://u:s3,cr3t@127.0.0.1:1", "nats://u:33,44@127.0.0.1:1"} {
		got := cannotConnect(t, config.Side{Context: context(map[string]any{"url": url})})
		if !strings.Contains(got, "url: may be one login that was cut") || strings.Contains(got, "s3") || strings.Contains(got, "u:33") {
			t.Error(got)
		}
	}

	// What is configured here wins: the login, then the servers.
	wrong := context(map[string]any{"url": srv.ClientURL(), "token": "no"})
	connects(t, config.Side{Context: wrong, User: "other", Password: "pw2"})
	elsewhere := context(map[string]any{"url": "127.0.0.1:1", "user": "relay", "password": "pw"})
	connects(t, config.Side{Context: elsewhere, Servers: []string{srv.ClientURL()}})

	_, _, seed := natstest.NKeyPair(t, nkeys.CreateUser)
	keyed := context(map[string]any{"url": srv.ClientURL(), "nkey": natstest.File(t, "relay.nk", seed)})
	set := natstest.Must(endpoint(t, Federation, config.Side{Context: keyed, Token: "t"}).read("name"))
	if o := set.options; o.Nkey != "" || o.SignatureCB != nil || o.Token != "t" {
		t.Error("the login of the context is still there")
	}

	// A context with TLS settings wants TLS.
	ca := natstest.NewAuthority(t, "Relay CA")
	secured := context(map[string]any{"url": srv.ClientURL(), "user": "relay", "password": "pw", "ca": ca.Path})
	if got := cannotConnect(t, config.Side{Context: secured}); !strings.Contains(got, "does not offer TLS") {
		t.Error(got)
	}
	srv2 := natstest.Start(t, embedded.Options{TLS: ca.Server(natstest.Soon(), "127.0.0.1")})
	secured = context(map[string]any{"url": srv2.ClientURL(), "ca": ca.Path})
	if _, ok := connects(t, config.Side{Context: secured}).TLS(); !ok {
		t.Error("not TLS")
	}
	proxied := context(map[string]any{"url": srv.ClientURL(), "socks_proxy": "socks5://127.0.0.1:1"})
	if got := cannotConnect(t, config.Side{Context: proxied}); !strings.Contains(got, "connection refused") {
		t.Error(got)
	}
}
