package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A login may stand in an address in any form that is accepted, or mistyped.
func TestALoginInAnAddressIsHidden(t *testing.T) {
	for text, want := range map[string]string{
		"nats://user:s3cr3t@h:4222":         "nats://(hidden)@h:4222",
		"user:s3cr3t@h:4222":                "(hidden)@h:4222",
		"nats://user:x,s3cr3t@h:4222":       "nats://(hidden)@h:4222",
		"nats://us er:s3cr3t@h:4222":        "nats://(hidden)@h:4222",
		"user:x/s3cr3t@h":                   "(hidden)@h",
		"h:4222":                            "h:4222",
		`servers: ["user:s3cr3t@h", "h2"]`:  `servers: ["(hidden)@h", "h2"]`,
		`servers: [user:s3cr3t@h]`:          `servers: [(hidden)@h]`,
		`servers: ["tls://us er:s3cr3t@h"]`: `servers: ["tls://(hidden)@h"]`,
	} {
		if got := maskURL(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	two := Config{Cluster: "c", Federation: Side{Servers: []string{"user:s3cr3t@a:1", "nats://u:s3cr3t@b:2", "d:3"}}}
	if got := two.Summary(); strings.Contains(got, "s3cr3t") || !strings.Contains(got, "(hidden)@a:1,nats://(hidden)@b:2,d:3") {
		t.Errorf("summary %s", got)
	}
}

// Somebody puts a secret where the path of its file belongs. It must be in no error and in nothing
// that is shown.
func TestASecretInThePlaceOfItsFileIsHidden(t *testing.T) {
	const seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
	hexSeed := strings.Repeat("0123456789abcdef", 4)
	creds := "-----BEGIN USER NKEY SEED-----\\n" + seed
	text := "cluster: c\nfederation: {servers: [h1], nkey: " + seed + "}\ncollective: {servers: [h2], creds: \"" + creds + "\"}\n"
	for _, text := range []string{
		text, "cluster: c\nfederation: {servers: [h1], choria: {token: eyJhbGciOiJ.eyJqdGkiOiJ.c2lnbmF0dXJl, seed: " + hexSeed + "}}\ncollective: {servers: [h2]}\n",
	} {
		path := filepath.Join(t.TempDir(), "fedrelay.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		resolved, err := Resolve(Sources{File: path})
		if err == nil || !strings.Contains(err.Error(), "is the secret itself") {
			t.Errorf("error %v", err)
			continue
		}
		shown, err2 := resolved.Effective()
		if err2 != nil {
			t.Error(err2)
		}
		for _, secret := range []string{seed, hexSeed, "c2lnbmF0dXJl"} {
			if strings.Contains(err.Error()+string(shown), secret) {
				t.Errorf("%s is shown:\n%s\n%s", secret, err, shown)
			}
		}
	}
}
