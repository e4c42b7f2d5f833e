package natstest

import (
	"crypto/ed25519"
	"crypto/md5" //nolint:gosec // Choria names reply subjects by it
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// choriaClaims are what a client token says.
type choriaClaims struct {
	Purpose     string          `json:"purpose"`
	Caller      string          `json:"callerid"`
	PublicKey   string          `json:"public_key"`
	Permissions map[string]bool `json:"permissions"`
	Publish     []string        `json:"pub_subjects,omitempty"`
	Subscribe   []string        `json:"sub_subjects,omitempty"`
}

// ChoriaBroker returns the options of a server that gives the holders of client tokens the rights
// that Choria's own broker gives them. It does not ask who has issued a token.
func ChoriaBroker() embedded.Options {
	return embedded.Options{Tune: func(o *natsserver.Options) {
		o.CustomClientAuthentication, o.AlwaysEnableNonce = choriaBroker{}, true
	}}
}

type choriaBroker struct{}

func (choriaBroker) Check(c natsserver.ClientAuthentication) bool {
	var claims choriaClaims
	parts := strings.Split(c.GetOpts().Token, ".")
	if len(parts) != 3 {
		return false
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(body, &claims) != nil || claims.Caller == "" {
		return false
	}
	key, err := hex.DecodeString(claims.PublicKey)
	sig, wrong := base64.RawURLEncoding.DecodeString(c.GetOpts().Sig)
	if err != nil || wrong != nil || len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, c.GetNonce(), sig) {
		return false
	}
	caller := []byte(claims.Caller)
	publish := append([]string{"$SYS.REQ.USER.INFO"}, claims.Publish...)
	subscribe := append([]string{fmt.Sprintf("*.reply.%x.>", md5.Sum(caller)), fmt.Sprintf("*.reply.%x.>", sha256.Sum256(caller))}, claims.Subscribe...)
	if claims.Permissions["fleet_management"] {
		publish = append(publish, "*.broadcast.agent.>", "*.broadcast.service.>", "*.node.>", "choria.federation.*.federation")
	}
	c.RegisterUser(&natsserver.User{Username: claims.Caller, Permissions: &natsserver.Permissions{
		Publish:   &natsserver.SubjectPermission{Allow: publish},
		Subscribe: &natsserver.SubjectPermission{Allow: subscribe},
	}})
	return true
}

// ChoriaLogin makes the files that a command line of the form "choria jwt client ..." makes, as far
// as ChoriaBroker looks at them. If the command names a key instead of a file, it has to be that of
// old.
func ChoriaLogin(t *testing.T, command string, old config.ChoriaToken) config.ChoriaToken {
	t.Helper()
	words := shellWords(command)
	if len(words) < 6 || !slices.Equal(words[:3], []string{"choria", "jwt", "client"}) {
		t.Fatalf("%q makes no client token", command)
	}
	public, private, err := ed25519.GenerateKey(nil)
	Succeeds(t, err)
	claims := choriaClaims{Purpose: "choria_client_id", Caller: words[4], Permissions: map[string]bool{"fleet_management": true}}
	seed := old.Seed
	for i := 6; i < len(words); i++ {
		switch flag := words[i]; flag {
		case "--no-fleet-management":
			claims.Permissions["fleet_management"] = false
			continue
		case "--public-key":
			claims.PublicKey = words[i+1]
			if strings.HasSuffix(claims.PublicKey, ".public") {
				claims.PublicKey, seed = hex.EncodeToString(public), File(t, "seed", hex.EncodeToString(private.Seed()))
			}
		case "--subscribe":
			claims.Subscribe = append(claims.Subscribe, words[i+1])
		case "--publish":
			claims.Publish = append(claims.Publish, words[i+1])
		case "--validity":
		default:
			t.Fatalf("what is %q in %s?", flag, command)
		}
		i++
	}
	body, err := json.Marshal(claims)
	Succeeds(t, err)
	return config.ChoriaToken{Token: File(t, "jwt", "e30."+base64.RawURLEncoding.EncodeToString(body)+".c2ln"), Seed: seed}
}

// shellWords splits a line as a shell does that knows no quotes but single ones.
func shellWords(line string) (words []string) {
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words
}
