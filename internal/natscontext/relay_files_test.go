package natscontext

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// relayFiles are credentials of a user that nobody has, in files and variables that contexts refer
// to: $RELAY is the directory of the files.
type relayFiles struct {
	pair  nkeys.KeyPair
	names func(string) string // puts names in place of what is different each time
}

func newRelayFiles(t *testing.T) relayFiles {
	t.Helper()
	skipWithoutShell(t)
	dir := t.TempDir()
	pair := must(nkeys.CreateUser())
	public, seed := must(pair.PublicKey()), must(pair.Seed())
	token := must(jwt.NewUserClaims(public).Encode(must(nkeys.CreateAccount())))
	creds := must(jwt.FormatUserConfig(token, seed))
	cert, key := selfSigned()
	for name, content := range map[string][]byte{
		"relay.creds": creds, "relay.nk": seed, "token": []byte("from a file\n"),
		"relay.pem": cert, "ca.pem": cert, "relay.key": key,
		"op":  []byte("#!/bin/sh\ntest \"$*\" = 'read op://vault/relay/creds' && cat \"$RELAY/relay.creds\"\n"),
		"nsc": []byte(nscStandIn),
	} {
		check(os.WriteFile(filepath.Join(dir, name), content, 0o700))
	}
	for name, value := range map[string]string{
		"RELAY": dir, "PATH": dir + string(os.PathListSeparator) + os.Getenv("PATH"), "RELAY_PASSWORD": "from a variable",
		"RELAY_CREDS": string(creds), "RELAY_SEED": string(seed), "RELAY_JWT": token, "EMPTY": "",
		"RELAY_DATA": base64.StdEncoding.EncodeToString(creds),
	} {
		t.Setenv(name, value)
	}
	names := strings.NewReplacer(dir, "$RELAY", public, "<public>", token, "<jwt>", filepath.Join(must(user.Current()).HomeDir, "made-up"), "~/made-up")
	return relayFiles{pair, names.Replace}
}

// nscStandIn knows one user, and answers as nsc v2 does.
const nscStandIn = `#!/bin/sh
if test "$*" != 'generate profile nsc://made/up/relay'; then
	echo 'no such user' >&2
	exit 1
fi
printf '{"user_creds": "%s/relay.creds", "operator": {"service": ["nats://n1.example.net", "nats://n2.example.net"]}}' "$RELAY"
`

// signer says who has signed "nonce".
func (r relayFiles) signer(signature []byte) string {
	switch {
	case len(signature) == 0:
		return " unsigned"
	case r.pair.Verify([]byte("nonce"), signature) == nil:
		return " signed"
	}
	return " signed by another"
}

func selfSigned() (cert, key []byte) {
	pair := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der := must(x509.CreateCertificate(rand.Reader, template, template, pair.Public(), pair))
	pkcs8 := must(x509.MarshalPKCS8PrivateKey(pair))
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
