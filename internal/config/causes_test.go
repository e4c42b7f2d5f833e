package config

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// All mistakes are reported at once, and none that is only a consequence of another.
func TestAllCausesAndNoConsequences(t *testing.T) {
	const fed, col = "federation: {servers: [a]}\n", "collective: {servers: [b]}\n"
	for name, c := range map[string]struct {
		yaml string
		env  []string
		keys string // of the problems, unknown ones by what is said
	}{
		"nothing at all":              {"", nil, "cluster federation.servers collective.servers"},
		"missing, and a mistake":      {"trace: x\n" + fed, nil, "trace cluster collective.servers"},
		"misspelt cluster":            {"clustr: a\n" + fed + col, nil, `"clustr"`},
		"misspelt cluster, by others": {"clustername: a\n" + fed, nil, `cluster collective.servers "clustername"`},
		"misspelt side":               {"cluster: a\nfederations: {servers: [a]}\n" + col, nil, `"federations"`},
		"side that is text":           {"cluster: a\nfederation: nats://a\n" + col, nil, "federation"},
		"misspelt servers":            {"cluster: a\nfederation: {urls: [a]}\n", nil, `collective.servers "urls"`},
		"servers that are text":       {"cluster: a\nfederation: {servers: nats://a}\n" + col, nil, "federation.servers"},
		"no server fits":              {"cluster: a\nfederation: {servers: ['natz://a', 'b:x']}\n" + col, nil, "federation.servers[0] federation.servers[1]"},
		"unknown variable":            {"cluster: ''\n" + fed + col, []string{"FEDRELAY_CLUSTR=a"}, `unknown variable (did you mean "FEDRELAY_CLUSTER"?)`},
		"misspelt password":           {"cluster: a\nfederation: {servers: [a], user: u, pasword: x}\n" + col, nil, `"pasword"`},
		"password in no file":         {"cluster: a\nfederation: {servers: [a], user: u, password: '${file:/nonexistent}'}\n" + col, nil, "federation.password"},
		"variable that is not set":    {"cluster: a\nfederation: {servers: [a], user: u, password: '${NOWHERE}'}\n" + col, nil, "federation.password"},
		"key under another name":      {"cluster: a\nfederation: {servers: [a], tls: {cert: /nonexistent, private_key: x}}\n" + col, nil, `federation.tls.cert "private_key"`},
		"drain that is no time":       {"cluster: a\ndrain: {timeout: soon, replies: 50s}\n" + fed + col, nil, "drain.timeout"},
		"one user, two sides":         {"cluster: a\nfederation: {servers: [a], user: u}\ncollective: {servers: [b], password: x}\n", nil, "federation.user collective.password"},
		"two files missing":           {"cluster: a\nfederation: {servers: [a], creds: /nonexistent/a}\ncollective: {servers: [b], nkey: /nonexistent/b}\n", nil, "federation.creds collective.nkey"},
		"everywhere":                  {"cluster: a b\ntrace: x\nhttp: {listen: x}\nlimits: {targets: 0, hops: x}\n" + fed + col, []string{"FEDRELAY_COMPAT=x"}, "cluster trace http.listen limits.targets limits.hops compat"},
	} {
		_, err := loadText(t, c.yaml, func(s *Sources) { s.Environ = c.env })
		var problems Problems
		errors.As(err, &problems)
		var got []string
		for _, p := range problems {
			if p.Key != "" {
				got = append(got, p.Key)
			} else {
				got = append(got, strings.Fields(strings.TrimPrefix(p.Text, "unknown key "))[0])
			}
		}
		want := strings.Fields(c.keys)
		if strings.HasPrefix(c.keys, "unknown variable") {
			want = []string{"unknown"}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q:\n%v", name, got, want, err)
		}
	}
}

func TestOriginalFilesWithSeveralMistakes(t *testing.T) {
	const bad = "plugin.choria.federation_middleware_hosts = f\nplugin.choria.middleware_hosts = c:x, d:1\nplugin.choria.stats_port = lots\n" +
		"plugin.nats.ngs = false\nplugin.choria.network.soft_shutdown_timeout = soon\nplugin.choria.ssldir = /nonexistent\n"
	_, err := Resolve(Sources{Choria: choriaFiles(t, bad, nil), Host: fakeHost{kernel: "r1"}.host(), Environ: []string{"HOME=/h"}})
	var problems Problems
	errors.As(err, &problems)
	for i, says := range []string{
		"plugin.choria.broker_federation: is not true",
		`plugin.choria.federation_middleware_hosts: "f": want host:port`,
		`plugin.choria.middleware_hosts: "c:x": is not a URL`,
		`plugin.choria.stats_port: "lots" is not a port`,
		`plugin.choria.network.soft_shutdown_timeout: "soon": want seconds`,
		"plugin.choria.ssldir: /nonexistent: no such directory",
	} {
		if i >= len(problems) || !strings.Contains(problems[i].Error(), says) {
			t.Fatalf("number %d is not %q:\n%v", i, says, err)
		}
	}
	if len(problems) != 6 {
		t.Errorf("%d problems:\n%v", len(problems), err)
	}
}
