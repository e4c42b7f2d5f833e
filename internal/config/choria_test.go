package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// choriaFiles writes broker.conf (the first) and plugin.d/*.cfg and returns the path of the first.
func choriaFiles(t *testing.T, broker string, plugins map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "broker.conf"), broker)
	for name, content := range plugins {
		write(t, filepath.Join(dir, "plugin.d", name), content)
	}
	return filepath.Join(dir, "broker.conf")
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

const choriaBase = "plugin.choria.broker_federation = 1\nplugin.choria.federation_middleware_hosts = f:4222\nplugin.choria.middleware_hosts = c:4222\n"

func resolveChoria(t *testing.T, broker string, change func(*Sources)) (Resolved, error) {
	t.Helper()
	src := Sources{Choria: choriaFiles(t, broker, nil), Hostname: "r1.example.net", ChoriaWithoutTLS: true, SkipFiles: true}
	if change != nil {
		change(&src)
	}
	return Resolve(src)
}

func TestChoriaExampleIsReadAsTheOriginalReadsIt(t *testing.T) {
	r, err := Resolve(Sources{Choria: "../../docs/examples/choria/broker.conf", SkipFiles: true, Environ: []string{"HOME=/nowhere"}})
	if err != nil {
		t.Fatal(err)
	}
	c := r.Config
	want := TLS{CA: "/etc/choria/tls/ca.pem", Cert: "/etc/choria/tls/relay1.pem", Key: "/etc/choria/tls/relay1-key.pem"}
	check(t, "cluster", c.Cluster, "london")
	check(t, "identity", c.Identity, "relay1.london.example.net")
	check(t, "federation", strings.Join(c.Federation.Servers, " "), "nats://fed1.example.net:4222 nats://fed2.example.net:4222")
	check(t, "collective", c.Collective.Servers[1], "nats://nats2.london.example.net:4222")
	check(t, "tls", c.Federation.TLS, want)
	check(t, "tls", c.Collective.TLS, want)
	check(t, "http", c.HTTP.Listen, "127.0.0.1:8222")
	check(t, "level", c.Log.Level, "warn")
	check(t, "drain", c.Drain.Timeout, 45*time.Second)
	check(t, "warnings", len(r.Warnings), 0)
}

func check[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestChoriaDefaults(t *testing.T) {
	r, err := resolveChoria(t, "plugin.choria.broker_federation = Y\nplugin.choria.use_srv = off\n"+
		"plugin.choria.federation_middleware_hosts = [::1]:4222\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "cluster", r.Config.Cluster, "mcollective")
	check(t, "identity", r.Config.Identity, "r1.example.net")
	check(t, "IPv6", r.Config.Federation.Servers[0], "nats://[::1]:4222")
	check(t, "collective", r.Config.Collective.Servers[0], "nats://puppet:4222")
	check(t, "http", r.Config.HTTP.Listen, "127.0.0.1:8280")
}

func TestChoriaServersFromDNS(t *testing.T) {
	r, err := resolveChoria(t, "plugin.choria.broker_federation = 1\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "servers", len(r.Config.Federation.Servers)+len(r.Config.Collective.Servers), 0)
	check(t, "domain", r.Config.Federation.SRV.Domain, "example.net")
}

func TestChoriaPuppetProviderFindsTheAgentsFiles(t *testing.T) {
	withTLS := func(s *Sources) { s.ChoriaWithoutTLS = false }
	r, err := resolveChoria(t, choriaBase+"plugin.choria.ssldir = /ssl\n", withTLS)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "tls", r.Config.Collective.TLS, TLS{CA: "/ssl/certs/ca.pem", Cert: "/ssl/certs/r1.example.net.pem", Key: "/ssl/private_keys/r1.example.net.pem"})
	r, err = resolveChoria(t, choriaBase+"plugin.choria.ssldir = ~/ssl\n", func(s *Sources) {
		s.ChoriaWithoutTLS, s.Environ = false, []string{"HOME=/h", "MCOLLECTIVE_CERTNAME=bob"}
	})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "cert", r.Config.Federation.TLS.Cert, "/h/ssl/certs/bob.pem")
}

func TestChoriaTokenProviderWithoutCertificateInsistsOnTLS(t *testing.T) {
	r, err := resolveChoria(t, choriaBase+"plugin.security.provider = choria\nplugin.security.choria.token_file = /t\nplugin.security.choria.seed_file = /s\n",
		func(s *Sources) { s.ChoriaWithoutTLS = false })
	if err != nil {
		t.Fatal(err)
	}
	check(t, "tls", r.Config.Federation.TLS, TLS{Required: true})
	check(t, "token", r.Config.Federation.Choria, ChoriaToken{Token: "/t", Seed: "/s"})
	check(t, "verification", r.Config.Federation.TLS.InsecureSkipVerify, false)
	wantWarning(t, r, "plugin.security.choria.ca: is not set")
}

func TestChoriaAnonymousTLS(t *testing.T) {
	r, err := resolveChoria(t, choriaBase+"plugin.security.server_anon_tls = true\n", func(s *Sources) { s.ChoriaWithoutTLS = false })
	if err != nil {
		t.Fatal(err)
	}
	check(t, "skip", r.Config.Collective.TLS, TLS{InsecureSkipVerify: true})
	check(t, "token", filepath.Base(r.Config.Collective.Choria.Token), "server.jwt")
	check(t, "seed", filepath.Base(r.Config.Collective.Choria.Seed), "server.seed")
	wantWarning(t, r, "plugin.security.server_anon_tls: the server is not verified")
}

func wantWarning(t *testing.T, r Resolved, text string) {
	t.Helper()
	if !slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.Contains(w, text) }) {
		t.Errorf("no warning with %q in %q", text, r.Warnings)
	}
}

func TestChoriaEnvironmentReplacesOnlyWhatIsSet(t *testing.T) {
	env := func(s *Sources) {
		s.Environ = []string{"MCOLLECTIVE_NATS_USERNAME=eve", "MCOLLECTIVE_NATS_PASSWORD=pw", "CHORIA_FED_COLLECTIVE=x"}
	}
	r, err := resolveChoria(t, choriaBase, env)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "user", r.Config.Federation.User, "")
	wantWarning(t, r, "MCOLLECTIVE_NATS_USERNAME: plugin.nats.user: ignored")
	wantWarning(t, r, "CHORIA_FED_COLLECTIVE: ignored: it is for clients")
	r, err = resolveChoria(t, choriaBase+"plugin.nats.user = bob\nplugin.nats.pass = old\n", env)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "user", r.Config.Collective.User+"/"+r.Config.Collective.Password, "eve/pw")
}

func TestChoriaIsOverriddenByEverythingElse(t *testing.T) {
	r, err := resolveChoria(t, choriaBase+"plugin.nats.user = bob\nplugin.nats.pass = pw\nplugin.choria.federation.cluster = a\n", func(s *Sources) {
		s.Environ = []string{"FEDRELAY_CLUSTER=b"}
		s.Flags = []Flag{{"--fed-creds", "federation.creds", []string{"/c"}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "cluster", r.Config.Cluster, "b")
	check(t, "replaced", r.Config.Federation.User, "")
	check(t, "creds", r.Config.Federation.Creds, "/c")
	check(t, "kept", r.Config.Collective.User, "bob")
}

func TestChoriaPluginFilesGoUnreadInAHome(t *testing.T) {
	path := choriaFiles(t, choriaBase, map[string]string{"choria.cfg": "federation.cluster = p\n"})
	for home, want := range map[string]string{"/elsewhere": "p", filepath.Dir(filepath.Dir(path)): "mcollective"} {
		r, err := Resolve(Sources{Choria: path, ChoriaWithoutTLS: true, Hostname: "h", Environ: []string{"HOME=" + home}})
		if err != nil {
			t.Fatal(err)
		}
		check(t, home, r.Config.Cluster, want)
	}
}

func TestChoriaMistakes(t *testing.T) {
	cases := map[string]struct{ add, place, says string }{
		"not a broker":     {"plugin.choria.broker_federation = false", "4:35", "plugin.choria.broker_federation: is not true, so this configuration runs no federation broker"},
		"no port":          {"plugin.choria.middleware_hosts = c", "4:34", `plugin.choria.middleware_hosts: "c": want host:port or nats://host:port; the port is required`},
		"bad scheme":       {"plugin.choria.middleware_hosts = ntas://c:1", "4:34", `did you mean "nats"?`},
		"bad cluster":      {"plugin.choria.federation.cluster = a..b", "4:36", `plugin.choria.federation.cluster: "a..b" has an empty part`},
		"pkcs11":           {"plugin.security.provider = pkcs11", "4:28", `plugin.security.provider: "pkcs11" is not supported`},
		"unknown provider": {"plugin.security.provider = fiel", "4:28", "want puppet, file or choria"},
		"file without key": {"plugin.security.provider = file", "1:1", "plugin.security.file.key: is not set; the security provider file needs it"},
		"bad stats port":   {"plugin.choria.stats_port = lots", "4:28", `plugin.choria.stats_port: "lots" is not a port`},
		"bad duration":     {"plugin.choria.network.soft_shutdown_timeout = soon", "4:47", "want seconds, or a duration"},
		"two credentials":  {"plugin.nats.user = a\nplugin.nats.pass = b\nplugin.nats.credentials = /c", "4:20", "plugin.nats.user: is a second kind of credential"},
		"no such files":    {"plugin.choria.ssldir = /nonexistent", "4:24", "plugin.choria.ssldir: /nonexistent: no such directory; set plugin.choria.ssldir"},
	}
	for name, m := range cases {
		t.Run(name, func(t *testing.T) {
			path := choriaFiles(t, choriaBase+m.add+"\n", nil)
			_, err := Resolve(Sources{Choria: path, Hostname: "h.example.net"})
			if err == nil || !hasProblem(err, "config: "+path+":"+m.place+": ", m.says) {
				t.Errorf("got  %v\nwant %s: %s", err, m.place, m.says)
			}
		})
	}
}

func TestChoriaWarnings(t *testing.T) {
	r, err := resolveChoria(t, choriaBase+"plugin.choria.federation.collectives = london\nplugin.security.cipher_suites = X\n"+
		"logfile = /var/log/choria.log\nbroken line\nempty =\nplugin.choria.broker_network = true\nplugin.yaml = /x\nlibdir = /y\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "warnings", len(r.Warnings), 6)
	check(t, "notes", strings.Join(r.Notes, "\n"), r.Notes[0])
	check(t, "note", strings.HasSuffix(r.Notes[0], "broker.conf: not taken over, since a relay has no use for it: libdir, plugin.yaml"), true)
	wantWarning(t, r, "broker.conf:7:1: ignored: not \"key = value\"")
	wantWarning(t, r, "plugin.choria.federation.collectives: ignored: it is for clients")
}

func TestChoriaDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"60": time.Minute, "0": 0, "1h30m": 90 * time.Minute, "2d": 48 * time.Hour, "1w": 168 * time.Hour, "1M": 720 * time.Hour,
		"1y": 8760 * time.Hour, "500ms": 500 * time.Millisecond,
	} {
		got, err := choriaDuration(text)
		if err != nil || got != want {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", "1", "-5", "5 m", "1q", "9999999y", "99999999999999999999h"} {
		if d, err := choriaDuration(text); err == nil && text != "1" {
			t.Errorf("%q: got %v, want an error", text, d)
		}
	}
}

func TestProblemsCanBeFoundInAnError(t *testing.T) {
	_, err := Load(Sources{Hostname: "h"})
	var all Problems
	var one Problem
	if !errors.As(err, &all) || !errors.As(err, &one) || len(all) != 3 {
		t.Errorf("got %v", err)
	}
}
