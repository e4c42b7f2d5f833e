package link

import (
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	natsjwt "github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/socket"
)

var londonFederation = Needs{Subscribe: []string{"choria.federation.london.federation"}, Publish: []string{"?.reply.>"}}

func inspect(t *testing.T, s config.Side) Inspection {
	t.Helper()
	s.Servers = []string{"127.0.0.1:1"}
	return endpoint(t, Federation, s).Inspect(time.Now(), londonFederation)
}

// texts are findings as lines.
func texts(found []Finding) string {
	var lines []string
	for _, f := range found {
		lines = append(lines, f.Error())
	}
	return strings.Join(lines, "\n")
}

func credsFile(t *testing.T, ends time.Time) (path, jwt, seed string) {
	t.Helper()
	account, _, _ := natstest.NKeyPair(t, nkeys.CreateAccount)
	_, public, seed := natstest.NKeyPair(t, nkeys.CreateUser)
	claims := natsjwt.NewUserClaims(public)
	claims.Name = "relay"
	if !ends.IsZero() {
		claims.Expires = ends.Unix()
	}
	jwt = natstest.Must(claims.Encode(account))
	return natstest.File(t, "relay.creds", string(natstest.Must(natsjwt.FormatUserConfig(jwt, []byte(seed))))), jwt, seed
}

func TestFilesThatCannotLogInAreMistakes(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA")
	cert, key := ca.Issue(natstest.Soon(), "relay1")
	otherCert, otherKey := ca.Issue(natstest.Soon(), "relay2")
	past, pastKey := ca.Issue(time.Date(2024, 2, 3, 0, 0, 0, 0, time.UTC), "relay1")
	whole, jwt, seed := credsFile(t, time.Time{})
	_, otherJWT, _ := credsFile(t, time.Time{})
	ended, _, _ := credsFile(t, time.Date(2024, 2, 3, 0, 0, 0, 0, time.UTC))
	choria := choriaFiles(t, `{"purpose":"choria_client_id"}`)
	text := string(natstest.Must(os.ReadFile(whole)))
	mixed := strings.Replace(text, jwt, otherJWT, 1)
	creds := func(text string) config.Side { return config.Side{Creds: natstest.File(t, "relay.creds", text)} }
	pair := func(c, k string) config.Side {
		return config.Side{TLS: config.TLS{Cert: natstest.File(t, "cert.pem", c), Key: natstest.File(t, "key.pem", k)}}
	}
	for name, c := range map[string]struct {
		side config.Side
		want string
	}{
		"creds missing":       {config.Side{Creds: "/nonexistent/relay.creds"}, "federation.creds: /nonexistent/relay.creds: no such file or directory"},
		"creds of nothing":    {creds("hello"), "holds no user JWT"},
		"creds of a config":   {creds("listen: 127.0.0.1:4222\n"), "holds no user JWT"},
		"creds without seed":  {creds(jwt), "holds no user seed"},
		"creds broken":        {creds(strings.Replace(text, jwt[200:204], "AAAA", 1)), "its user JWT is broken"},
		"creds of two users":  {creds(mixed), "the seed is not that of the JWT"},
		"creds ended":         {config.Side{Creds: ended}, "the creds file " + ended + " ended on 2024-02-03"},
		"nkey of nothing":     {config.Side{NKey: natstest.File(t, "nk", "hello")}, "federation.nkey: "},
		"nkey of an account":  {config.Side{NKey: natstest.File(t, "nk", accountSeed(t))}, "holds no user seed; want one that starts with SU"},
		"token of nothing":    {config.Side{Choria: config.ChoriaToken{Token: natstest.File(t, "t", "hello"), Seed: choria.Seed}}, "federation.choria.token: "},
		"seed of nothing":     {config.Side{Choria: config.ChoriaToken{Token: choria.Token, Seed: natstest.File(t, "s", "hello")}}, "federation.choria.seed: "},
		"seed of another":     {config.Side{Choria: config.ChoriaToken{Token: choria.Token, Seed: natstest.File(t, "s", strings.Repeat("ab", 32))}}, "is not the seed of the token " + choria.Token},
		"token ended":         {config.Side{Choria: choriaFiles(t, `{"exp":1700000000}`)}, "ended on 2023-11-14"},
		"certificate missing": {config.Side{TLS: config.TLS{Cert: "/nonexistent/c", Key: natstest.File(t, "k", key)}}, "federation.tls.cert: /nonexistent/c: no such file"},
		"key of nothing":      {pair(cert, "hello"), "federation.tls.key: "},
		"key of another":      {pair(cert, otherKey), "is not the key of the certificate"},
		"swapped":             {pair(key, cert), "federation.tls.cert: "},
		"certificate ended":   {pair(past, pastKey), "ended on 2024-02-03"},
		"encrypted key":       {pair(cert, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"), "is encrypted"},
		"ca of nothing":       {config.Side{TLS: config.TLS{CA: natstest.File(t, "ca", key)}}, "federation.tls.ca: "},
		"ca ended":            {config.Side{TLS: config.TLS{CA: natstest.File(t, "ca", past)}}, "no server can be verified"},
		"context missing":     {config.Side{Context: "/nonexistent/central.json"}, `federation.context: nats context "/nonexistent/central.json": `},
		"creds of a context": {config.Side{Context: natstest.File(t, "central.json", `{"url":"127.0.0.1:1","creds":"/nonexistent/relay.creds"}`)},
			"/nonexistent/relay.creds"},
	} {
		got := texts(inspect(t, c.side).Mistakes)
		if !strings.Contains(got, c.want) || !strings.HasPrefix(got, "federation.") {
			t.Errorf("%s: %q\nwant %q", name, got, c.want)
		}
		if strings.Contains(got, seed) || strings.Contains(got, "BEGIN PRIVATE KEY-----\nM") {
			t.Errorf("%s: a secret in %q", name, got)
		}
	}
	good := pair(otherCert, otherKey)
	good.Choria, good.TLS.CA = choria, ca.Path
	if found := inspect(t, good).Mistakes; len(found) > 0 {
		t.Error(texts(found))
	}
}

func accountSeed(t *testing.T) string {
	_, _, seed := natstest.NKeyPair(t, nkeys.CreateAccount)
	return seed
}

func TestAllMistakesOfASideAreFoundAtOnce(t *testing.T) {
	s := config.Side{
		Choria: config.ChoriaToken{Token: "/nonexistent/t", Seed: "/nonexistent/s"},
		TLS:    config.TLS{CA: "/nonexistent/ca", Cert: "/nonexistent/c", Key: "/nonexistent/k"},
	}
	if found := inspect(t, s).Mistakes; len(found) != 5 {
		t.Error(texts(found))
	}
}

func TestWhatHasNotBegunIsAMistake(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA")
	cert, key := ca.Issue(natstest.Soon(), "relay1")
	e := endpoint(t, Federation, config.Side{TLS: config.TLS{Cert: natstest.File(t, "c", cert), Key: natstest.File(t, "k", key)}})
	says(t, texts(e.Inspect(time.Now().Add(-48*time.Hour), Needs{}).Mistakes), "federation.tls.cert: ", "begins only at ", "is the clock of this host wrong")
	says(t, texts(inspect(t, config.Side{Choria: choriaFiles(t, `{"nbf":4102444800}`)}).Mistakes), "federation.choria.token: ", "begins only at 2100-01-01 00:00 UTC")
}

func TestCertificatesForAnotherUseAreWarnedAbout(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA")
	cert, key := ca.IssueFor([]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, natstest.Soon(), "relay1")
	s := config.Side{TLS: config.TLS{Cert: natstest.File(t, "c", cert), Key: natstest.File(t, "k", key), CA: natstest.File(t, "ca", cert)}}
	says(t, texts(inspect(t, s).Warnings), "federation.tls.ca: "+s.TLS.CA+": leaf is no authority", "give that of who issued",
		"federation.tls.cert: the certificate of leaf is not made for clients", "get one with clientAuth")
}

func TestWhatEndsSoonIsWarnedAbout(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA") // ends in an hour
	cert, key := ca.Issue(time.Now().Add(20*24*time.Hour+time.Hour), "relay1")
	creds, _, _ := credsFile(t, time.Now().Add(29*24*time.Hour))
	found := inspect(t, config.Side{Creds: creds, TLS: config.TLS{CA: ca.Path, Cert: natstest.File(t, "c", cert), Key: natstest.File(t, "k", key)}})
	says(t, texts(found.Warnings), "federation.creds: the creds file "+creds+" ends on ", "in 28 days",
		"federation.tls.cert: the certificate ", "in 20 days", "federation.tls.ca: the authority Relay CA in "+ca.Path, "less than an hour", "UTC")
	if len(found.Mistakes) > 0 || len(found.Ending) != 3 {
		t.Errorf("%s\n%+v", texts(found.Mistakes), found.Ending)
	}
	late, _, _ := credsFile(t, time.Now().Add(31*24*time.Hour))
	if found := inspect(t, config.Side{Creds: late}); len(found.Warnings) > 0 || len(found.Ending) != 1 {
		t.Error(texts(found.Warnings))
	}
}

func TestAuthoritiesThatHaveEndedBesideOthers(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA")
	past, _ := ca.Issue(time.Date(2024, 2, 3, 0, 0, 0, 0, time.UTC), "old")
	both := natstest.File(t, "ca.pem", past+string(natstest.Must(os.ReadFile(ca.Path))))
	found := inspect(t, config.Side{TLS: config.TLS{CA: both}})
	says(t, texts(found.Warnings), "the authority leaf in "+both+" ended on 2024-02-03; servers")
	if len(found.Mistakes) > 0 {
		t.Error(texts(found.Mistakes))
	}
	if alone := inspect(t, config.Side{TLS: config.TLS{CA: natstest.File(t, "ca.pem", past)}}); len(alone.Mistakes) != 1 || strings.Contains(texts(alone.Warnings), "ended") {
		t.Errorf("%s\n%s", texts(alone.Mistakes), texts(alone.Warnings))
	}
}

func TestWhatAChoriaTokenMayAndMayNot(t *testing.T) {
	for claims, want := range map[string][]string{
		`{"sub_subjects":["choria.federation.london.federation"],"pub_subjects":["*.reply.>"]}`:        nil,
		`{"sub_subjects":["choria.federation.*.federation"],"pub_subjects":["mcollective.reply.*.*"]}`: nil,
		`{"permissions":{"org_admin":true}}`: {"org_admin"},
		`{"permissions":{"fleet_management":true},"sub_subjects":["choria.federation.london.federation"],"pub_subjects":["*.reply.>"]}`:           {"--no-fleet-management"},
		`{"permissions":{"authentication_delegator":true},"sub_subjects":["choria.federation.london.federation"],"pub_subjects":["mco.reply.>"]}`: {"authentication_delegator"},
		`{"sub_subjects":["choria.federation.tokyo.federation"],"pub_subjects":["*.node.>"]}`: {
			"--subscribe 'choria.federation.london.federation'", "--publish '*.reply.>'"},
		`{"purpose":"choria_server","identity":"n1"}`: {"is a server token"},
	} {
		found := inspect(t, config.Side{Choria: choriaFiles(t, claims)}).Warnings
		if len(found) != len(want) {
			t.Errorf("%s:\n%s", claims, texts(found))
		}
		says(t, texts(found), want...)
	}
}

func TestShapesOfSubjects(t *testing.T) {
	for _, c := range []struct {
		pattern, shape string
		want           bool
	}{
		{"*.node.>", "?.node.>", true}, {"mco.node.*", "?.node.>", true}, {"mco.node", "?.node.>", false},
		{">", "?.node.>", true}, {"*.>", "?.node.>", true}, {"*.reply.*.*", "?.reply.>", true},
		{"mco.reply.>", "mco.reply.>", true}, {"london.reply.>", "mco.reply.>", false},
		{"a.b.c", "a.b.c", true}, {"a.b", "a.b.c", false}, {"a.b.c.d", "a.b.c", false}, {"a.b.c.>", "a.b.c", false},
	} {
		if coversSubject(c.pattern, c.shape) != c.want {
			t.Errorf("%s of %s: %v", c.pattern, c.shape, !c.want)
		}
	}
}

func TestOneKeyForTwoLogins(t *testing.T) {
	inspection := func(name string, s config.Side) Inspection { return endpoint(t, name, s).Inspect(time.Now(), Needs{}) }
	choria := choriaFiles(t, `{"ou":"choria"}`)
	_, _, seed := natstest.NKeyPair(t, nkeys.CreateUser)
	for name, s := range map[string]config.Side{"choria": {Choria: choria}, "nkey": {NKey: natstest.File(t, "nk", seed)}} {
		s.Servers = []string{"127.0.0.1:1"}
		found := SharedKeys(inspection(Federation, s), inspection(Collective, s))
		if len(found) != 1 || !strings.HasPrefix(found[0].Key, "collective.") || !strings.Contains(found[0].Text, "federation.") {
			t.Errorf("%s: %s", name, texts(found))
		}
	}
	one := config.Side{Servers: []string{"127.0.0.1:1"}, Choria: choria}
	other := config.Side{Servers: []string{"127.0.0.1:1"}, Choria: choriaFiles(t, `{"ou":"choria"}`)}
	if found := SharedKeys(inspection(Federation, one), inspection(Collective, other)); len(found) > 0 {
		t.Error(texts(found))
	}
}

// What a hostile file holds must neither end the program nor fill the log.
func FuzzChoriaToken(f *testing.F) {
	f.Add("a.e30.b")
	f.Add(fakeJWT(`{"exp":1e300,"permissions":{"fleet_management":true},"pub_subjects":[">",""]}`))
	f.Add(fakeJWT(`{"exp":-1,"callerid":"` + strings.Repeat("ä", 500) + `"}`))
	f.Fuzz(func(t *testing.T, text string) {
		claims, ok := parseChoriaToken(text)
		if !ok {
			return
		}
		_ = claims.ends()
		_ = append(claims.risks("it"), claims.lacks("it", londonFederation)...)
		_ = fmt.Sprint(json.Valid([]byte(text)), hex.EncodeToString([]byte(socket.Clip(claims.holder()))))
	})
}

// A connect fails for the mistakes that fedrelay check finds, because the same code reads the files
// for both.
func TestConnectingFailsForTheMistakesThatInspectFinds(t *testing.T) {
	srv := natstest.Start(t, embedded.Options{})
	nothing := natstest.File(t, "nothing", "hello")
	for name, set := range map[string]func(*config.Side){
		"creds":       func(s *config.Side) { s.Creds = nothing },
		"nkey":        func(s *config.Side) { s.NKey = nothing },
		"token":       func(s *config.Side) { s.Choria = config.ChoriaToken{Token: nothing, Seed: "/nonexistent/s"} },
		"password":    func(s *config.Side) { s.User, s.Password = "u", "${file:/nonexistent/pw}" },
		"context":     func(s *config.Side) { s.Context = nothing },
		"certificate": func(s *config.Side) { s.TLS = config.TLS{CA: nothing, Cert: nothing, Key: nothing} },
	} {
		s := natstest.Side(srv.ClientURL())
		set(&s)
		found, said := inspect(t, s).Mistakes, cannotConnect(t, s)
		if len(found) == 0 {
			t.Errorf("%s: nothing found", name)
		}
		for _, mistake := range found {
			if !strings.Contains(said, mistake.Error()) {
				t.Errorf("%s: connecting says %q, and not %q", name, said, mistake.Error())
			}
		}
	}
}
