package link

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	natsjwt "github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

// forgedRequest is what nodes would obey if the relay signed it.
const forgedRequest = `{"protocol":"io.choria.protocol.v2.request","message":"cm9vdA==","envelope":{"requestid":"a","sender":"x",` +
	`"caller":"up=root","collective":"choria","agent":"shell","ttl":60,"time":1}}`

// signers are sides for each kind of login that signs.
func signers(t *testing.T) map[string]config.Side {
	t.Helper()
	_, userKey, seed := natstest.NKeyPair(t, nkeys.CreateUser)
	account, _, _ := natstest.NKeyPair(t, nkeys.CreateAccount)
	jwt := natstest.Must(natsjwt.NewUserClaims(userKey).Encode(account))
	creds := natstest.File(t, "relay.creds", string(natstest.Must(natsjwt.FormatUserConfig(jwt, []byte(seed)))))
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	context := func(fields map[string]any) string {
		return natstest.File(t, "central.json", string(natstest.Must(json.Marshal(fields))))
	}
	nkey := natstest.File(t, "relay.nk", seed)
	return map[string]config.Side{
		"choria": {Choria: config.ChoriaToken{
			Token: natstest.File(t, "token", "eyJhbGciOiJFZERTQSJ9.eyJwdXJwb3NlIjoiY2xpZW50In0.c2ln"),
			Seed:  natstest.File(t, "seed", hex.EncodeToString(private.Seed())),
		}},
		"nkey":            {NKey: nkey},
		"creds":           {Creds: creds},
		"nkey of context": {Context: context(map[string]any{"url": "127.0.0.1:1", "nkey": nkey})},
		"creds of context": {Context: context(map[string]any{
			"url": "127.0.0.1:1", "creds": creds,
		})},
	}
}

// A server could have requests of its own signed as if they were nonces.
func TestNothingButANonceIsSigned(t *testing.T) {
	for kind, s := range signers(t) {
		t.Run(kind, func(t *testing.T) {
			got := make(chan string, 10)
			address := natstest.Server(t, func(c *natstest.Conn) {
				info := natstest.Must(json.Marshal(map[string]any{"server_id": "F", "proto": 1, "max_payload": 1 << 20, "nonce": forgedRequest}))
				c.Send("INFO " + string(info) + "\r\n")
				line, _ := c.In.ReadString('\n')
				got <- line
			})
			s.Servers = []string{address}
			why := cannotConnect(t, s, EventForgedNonce)
			if !strings.Contains(why, "no login nonce") || !strings.Contains(why, address) || strings.Contains(why, "up=root") {
				t.Error(why)
			}
			if sent := <-got; sent != "" {
				t.Errorf("the relay answered %.200q", sent)
			}
		})
	}
}

func TestAServerThatForgesNoncesIsPassedBy(t *testing.T) {
	s := signers(t)["choria"]
	forger := natstest.Server(t, func(c *natstest.Conn) {
		c.Send("INFO {\"nonce\":\"a.b.c.d.e.f.g.h\"}\r\n")
		c.AnswerPings()
	})
	honest := natstest.Server(t, func(c *natstest.Conn) {
		c.Welcome(natstest.Info)
		c.AnswerPings()
	})
	s.Servers = []string{forger, honest}
	if session := connects(t, s); session.server.address() != honest {
		t.Error(session.URL())
	}
}

// A server without signed logins sends no nonce, and lets everybody in.
func TestAServerWithoutANonceGetsNoSignature(t *testing.T) {
	for _, kind := range []string{"choria", "creds"} {
		connect := make(chan map[string]any, 10)
		address := natstest.Server(t, func(c *natstest.Conn) {
			connect <- c.Welcome(`{"server_id":"F","proto":1,"max_payload":1048576}`)
			c.AnswerPings()
		})
		s := signers(t)[kind]
		s.Servers = []string{address}
		connects(t, s)
		if got := <-connect; got["sig"] != nil && got["sig"] != "" {
			t.Errorf("%s: signed %v", kind, got["sig"])
		}
	}
}

func TestNonces(t *testing.T) {
	for nonce, want := range map[string]bool{
		"abcDEF12":                  true,
		"qPcIoKFdl3kJZ-_":           true, // as nats-server sends
		strings.Repeat("a", 64):     true,
		strings.Repeat("a", 65):     false,
		"short":                     false,
		`{"protocol":"x"}`:          false,
		"eyJhbGciOi.eyJqdGkiOiJ":    false, // the signed part of a token
		"2abcdefghijk.0123456789ab": false, // what a chain of trust signs
		"abcdefgh\n":                false,
		"äbcdefgh":                  false,
	} {
		if isNonce([]byte(nonce)) != want {
			t.Errorf("%q: %v", nonce, !want)
		}
	}
}
