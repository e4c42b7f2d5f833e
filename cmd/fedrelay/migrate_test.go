package main

import (
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	natsjwt "github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

// Each archive in testdata/choria is a configuration of go-choria's federation broker. DIR in it is
// where its files are.
func TestChoriaConfigurationsMigrate(t *testing.T) {
	archives, err := filepath.Glob("testdata/choria/*.txtar")
	if err != nil || len(archives) < 10 {
		t.Fatalf("%d archives, %v", len(archives), err)
	}
	tls := choriaFiles(t)
	for _, archive := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(archive), ".txtar"), func(t *testing.T) {
			t.Parallel()
			dir := unpack(t, archive, tls)
			flags := strings.Fields(readFile(t, filepath.Join(dir, "flags")))
			broker, migrated := filepath.Join(dir, "broker.conf"), filepath.Join(dir, "fedrelay.yaml")
			out, err := child(t, append([]string{"config", "migrate-choria", broker}, flags...)...).Output()
			if err != nil {
				t.Fatal(err)
			}
			natstest.Rewrite(t, migrated, string(out))
			if out, err := child(t, "check", migrated).CombinedOutput(); err != nil || !strings.Contains(string(out), "OK: cluster ") {
				t.Errorf("check: %v\n%s\nof\n%s", err, out, readFile(t, migrated))
			}
			sameMeaning(t, config.Sources{Choria: broker, ChoriaWithoutTLS: len(flags) > 0}, config.Sources{File: migrated})
		})
	}
}

// sameMeaning fails the test unless both sources lead to the same configuration.
func sameMeaning(t *testing.T, a, b config.Sources) {
	t.Helper()
	var found [2]config.Config
	for i, src := range []config.Sources{a, b} {
		c, err := config.Load(src)
		if err != nil {
			t.Fatal(err)
		}
		found[i] = c
	}
	for _, change := range config.Changes(found[0], found[1]) {
		t.Errorf("another meaning: %s", change)
	}
	if !reflect.DeepEqual(found[0], found[1]) {
		t.Errorf("another meaning")
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(content)
}

func unpack(t *testing.T, archive, files string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		natstest.Rewrite(t, path, strings.ReplaceAll(string(f.Data), "DIR", files))
	}
	return dir
}

// choriaFiles makes the files that the archives name.
func choriaFiles(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	ca := natstest.NewAuthority(t, "Puppet CA")
	cert, key := ca.Issue(time.Now().Add(23*time.Hour), "relay9.example.net")
	token := strings.Join([]string{"e30", base64.RawURLEncoding.EncodeToString([]byte(`{"callerid":"up=relay"}`)), "c2ln"}, ".")
	account, _, _ := natstest.NKeyPair(t, nkeys.CreateAccount)
	_, public, seed := natstest.NKeyPair(t, nkeys.CreateUser)
	login := natstest.Must(natsjwt.NewUserClaims(public).Encode(account))
	for name, text := range map[string]string{
		"certs/ca.pem": readFile(t, ca.Path), "certs/relay9.example.net.pem": cert, "private_keys/relay9.example.net.pem": key,
		"server.jwt": token, "server.seed": strings.Repeat(hex.EncodeToString([]byte{0xcd}), 32),
		"relay.creds": string(natstest.Must(natsjwt.FormatUserConfig(login, []byte(seed)))),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		natstest.Rewrite(t, path, text)
	}
	return dir
}
