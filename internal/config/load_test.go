package config

import (
	"strings"
	"testing"
	"time"
)

func TestPrecedenceIsFlagThenVariableThenFileThenDefault(t *testing.T) {
	r, err := loadText(t, "cluster: file\nlimits: {targets: 10, hops: 10, depth: 10}"+sides, func(s *Sources) {
		s.Environ = []string{"FEDRELAY_LIMITS_TARGETS=20", "FEDRELAY_LIMITS_HOPS=20", "FEDRELAY_CONFIG=/x", "FEDRELAY_TRACE="}
		s.Flags = []Flag{{"--targets", "limits.targets", []string{"30"}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	l := r.Config.Limits
	check(t, "flag", l.Targets, 30)
	check(t, "variable", l.Hops, 20)
	check(t, "file", l.Depth, 10)
	check(t, "default", l.SubjectLength, 255)
	check(t, "an empty variable", r.Config.Trace, "preserve")
	check(t, "origin", r.Origin("limits.targets").String(), "--targets")
	check(t, "origin", r.Origin("limits.hops").String(), "FEDRELAY_LIMITS_HOPS")
	check(t, "origin", strings.HasSuffix(r.Origin("limits.depth").String(), "fedrelay.yaml:2:40"), true)
	check(t, "origin", r.Origin("limits.subject_length").String(), "default")
}

func TestListsFromVariablesAndRepeatedFlags(t *testing.T) {
	r, err := Resolve(Sources{
		Hostname: "h",
		Environ:  []string{"FEDRELAY_CLUSTER=a", "FEDRELAY_FEDERATION_SERVERS=a:1, b:2"},
		Flags:    []Flag{{"--collective", "collective.servers", []string{"c:1,d:2", "e:3"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "variable", strings.Join(r.Config.Federation.Servers, " "), "a:1 b:2")
	check(t, "flag", strings.Join(r.Config.Collective.Servers, " "), "c:1 d:2 e:3")
}

func TestWithoutAFileNoneIsSpokenOf(t *testing.T) {
	_, err := Resolve(Sources{})
	if err == nil || !strings.Contains(err.Error(), `cluster: is not set; add "cluster: london" to a file that --config names, set FEDRELAY_CLUSTER`) ||
		strings.Count(err.Error(), "; no file was read, because none of --config, --choria-config, FEDRELAY_CONFIG and FEDRELAY_CHORIA_CONFIG names one\n") != 1 {
		t.Error(err)
	}
}

func TestAnArgumentCouldHaveNamedTheFile(t *testing.T) {
	if _, err := Resolve(Sources{Argument: true}); err == nil || !strings.Contains(err.Error(), "; no file was read, because neither an argument nor --config, ") {
		t.Error(err)
	}
}

func TestMistakesOutsideFilesNameTheVariableOrTheFlag(t *testing.T) {
	base := []string{"FEDRELAY_CLUSTER=a", "FEDRELAY_FEDERATION_SERVERS=a:1", "FEDRELAY_COLLECTIVE_SERVERS=b:1"}
	flag := func(key, value string) []Flag { return []Flag{{"--x", key, []string{value}}} }
	for name, m := range map[string]struct {
		env   string
		flags []Flag
		says  string
	}{
		"unknown variable": {"FEDRELAY_LIMIT_TARGETS=1", nil, `config: FEDRELAY_LIMIT_TARGETS: unknown variable (did you mean "FEDRELAY_LIMITS_TARGETS"?)`},
		"unlike any":       {"FEDRELAY_Q_TARGETS=1", nil, `unknown variable (did you mean "FEDRELAY_LIMITS_TARGETS"?)`},
		"wrong type":       {"FEDRELAY_LIMITS_TARGETS=x", nil, `config: FEDRELAY_LIMITS_TARGETS: limits.targets: "x": want a whole number`},
		"out of range":     {"FEDRELAY_LIMITS_TARGETS=0", nil, "config: FEDRELAY_LIMITS_TARGETS: limits.targets: 0 is out of range"},
		"bad server":       {"FEDRELAY_FEDERATION_SERVERS=a:1,b:x", nil, `config: FEDRELAY_FEDERATION_SERVERS: federation.servers[1]: "b:x": is not a URL`},
		"flag":             {"", flag("cluster", "a.b."), `config: --x: cluster: "a.b." has an empty part`},
		"flag duration":    {"", flag("drain.timeout", "5"), `config: --x: drain.timeout: "5": has no unit; write 5s`},
		"list of nothing":  {"", flag("federation.servers", ""), "config: --x: federation.servers: is not set; list them"},
		"an empty element": {"", flag("federation.servers", "a:1,"), "config: --x: federation.servers[1]: \"\": is empty"},
	} {
		_, err := Load(Sources{Environ: append(base, m.env), Flags: m.flags, Hostname: "h"})
		if err == nil || !strings.Contains(err.Error(), m.says) {
			t.Errorf("%s: got %v, want %s", name, err, m.says)
		}
	}
}

func TestAllProblemsAreReportedInOrder(t *testing.T) {
	_, err := loadText(t, "compat: x\nlimits: {targets: 0}\nfoo: 1\ncluster: a"+sides, func(s *Sources) {
		s.Environ = []string{"FEDRELAY_TRACE=x"}
		s.Flags = []Flag{{"--log-level", "log.level", []string{"x"}}}
	})
	last := -1
	for _, says := range []string{":1:9: compat", ":2:19: limits.targets", `:3:1: unknown key "foo"`, "FEDRELAY_TRACE: trace", "--log-level: log.level"} {
		at := strings.Index(err.Error(), says)
		if at <= last {
			t.Errorf("%q missing or out of order in:\n%v", says, err)
		}
		last = at
	}
}

func TestSnippetPointsAtThePlace(t *testing.T) {
	_, err := loadText(t, "cluster: a\nlimits:\n  targets: 0"+sides, nil)
	if want := "\n     3 |   targets: 0\n       |            ^"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got:\n%v\nwant at its end:%s", err, want)
	}
}

func TestExpansion(t *testing.T) {
	secret := t.TempDir() + "/secret"
	write(t, secret, "  s3cret\n")
	r, err := loadText(t, "cluster: ${NAME}-1\nidentity: 'a$${b} ${EMPTY}$'\nlimits: {targets: '${N}'}\nfederation:\n  servers: ['${A}', 'b']\n  name: ${file:"+secret+"}"+other,
		func(s *Sources) { s.Environ = []string{"NAME=lon", "N=7", "A=nats://a:1", "EMPTY="} })
	if err != nil {
		t.Fatal(err)
	}
	check(t, "cluster", r.Config.Cluster, "lon-1")
	check(t, "identity", r.Config.Identity, "a${b} $")
	check(t, "targets", r.Config.Limits.Targets, 7)
	check(t, "server", r.Config.Federation.Servers[0], "nats://a:1")
	check(t, "name", r.Config.Federation.Name, "s3cret")
}

func TestShortDrainShortensTheWaitForReplies(t *testing.T) {
	r, err := loadText(t, "cluster: a\ndrain: {timeout: 3s}"+sides, nil)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "replies", r.Config.Drain.Replies, 3*time.Second)
}

// Both sides may be one network, or two accounts of one. Only names are known here, so it is a
// warning and no mistake.
func TestTheSameServerOnBothSidesIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		federation, collective string
		says                   string
	}{
		"same":           {"servers: [nats://a]", "servers: ['NATS://A:4222']", "collective.servers: a:4222 is on the federation side, too"},
		"one of several": {"servers: [a, b]", "servers: [c, 'tls://b']", "collective.servers: b:4222 is on the federation side, too"},
		"two accounts":   {"servers: [a], user: a, password: b", "servers: [a], user: c, password: d", "and not two accounts of it"},
		"contexts":       {"context: x", "context: x", "collective.context: is that of the federation side, too"},
		"other port":     {"servers: [a]", "servers: ['a:4223']", ""},
		"from DNS":       {"srv: {domain: a}", "srv: {domain: a}", ""},
	} {
		r, err := loadText(t, "cluster: a\nfederation: {"+c.federation+"}\ncollective: {"+c.collective+"}", nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if all := strings.Join(r.Warnings, "\n"); c.says == "" && all != "" || !strings.Contains(all, c.says) {
			t.Errorf("%s: %q", name, all)
		}
	}
}

func TestOneNetworkOnPurposeIsNotSaid(t *testing.T) {
	r, err := loadText(t, "cluster: a\none_network: true\nfederation: {servers: [a]}\ncollective: {servers: [a]}", nil)
	if err != nil || len(r.Warnings) > 0 || !r.Config.OneNetwork {
		t.Errorf("%v, warnings %q", err, r.Warnings)
	}
	_, err = loadText(t, "one_network: true\nedge: {clusters: [a]}\nfederation: {servers: [a]}\nline: {servers: [b]}", nil)
	if err == nil || !strings.Contains(err.Error(), "one_network: is for a relay; an edge between two ends of one network carries nothing") {
		t.Error(err)
	}
}

func TestDottedClusterNames(t *testing.T) {
	for name, fits := range map[string]bool{
		"eu.london": true, "a.b.c-d_e": true, "london": true, strings.Repeat("a.", 63) + "b": true,
		".a": false, "a.": false, "a..b": false, ".": false, "a.*": false, "a.>": false, "a b": false, "é": false, strings.Repeat("a.", 64) + "b": false,
	} {
		if _, err := loadText(t, "cluster: '"+name+"'"+sides, nil); (err == nil) != fits {
			t.Errorf("%.20q: %v", name, err)
		}
	}
}

func TestSRVDomainComesFromTheHostName(t *testing.T) {
	r, err := loadText(t, "cluster: a", func(s *Sources) { s.Hostname = "relay1.example.net" })
	if err != nil {
		t.Fatal(err)
	}
	check(t, "domain", r.Config.Collective.SRV.Domain, "example.net")
	check(t, "identity", r.Config.Identity, "relay1.example.net")
}

func TestYAMLVariants(t *testing.T) {
	for name, content := range map[string]string{
		"json":         `{"cluster": "a", "federation": {"servers": ["nats://a:1"]}, "collective": {"servers": ["nats://b:1"]}}`,
		"windows":      strings.ReplaceAll("cluster: a\nlimits:\n  targets: 5"+sides, "\n", "\r\n"),
		"marks":        "\ufeff# c\n---\ncluster: a" + sides + "...\n",
		"empty parts":  "cluster: a\nlimits:\n  # targets: 5\ndrain: {}" + sides,
		"block scalar": "cluster: >-\n  a\nidentity: |-\n  b" + sides,
		"flow URLs":    "cluster: a\nfederation: {servers: [nats://127.0.0.1:4300, tls://b]}\ncollective: {servers: [nats://127.0.0.1:4301]}\nhttp: {listen: 127.0.0.1:8280}",
		"explicit":     "? cluster\n: a" + sides,
		"a date":       "cluster: a\nidentity: 2026-11-27" + sides,
		"underscores":  "cluster: a\nlimits: {targets: 50_000}" + sides,
	} {
		if _, err := loadText(t, content, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEffectiveShowsSourcesAndHidesSecrets(t *testing.T) {
	r, err := loadText(t, "cluster: a\nfederation:\n  servers: [nats://bob:hunter2@a:1]\ncollective: {servers: [b], user: u, password: hunter2}", func(s *Sources) {
		s.Environ = []string{"FEDRELAY_LIMITS_HOPS=5"}
	})
	if err != nil {
		t.Fatal(err)
	}
	shown, err := r.Effective()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"  hops: 5", "# FEDRELAY_LIMITS_HOPS", "fedrelay.yaml:1:10", `password: (redacted)`, "nats://(hidden)@a:1", "timeout: 30s ", "# default: the host name"} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %q in\n%s", want, shown)
		}
	}
	if strings.Contains(shown+r.Config.Summary(), "hunter2") {
		t.Errorf("a secret in\n%s", shown)
	}
}

func TestServicesOfKubernetesAreNotTakenForSettings(t *testing.T) {
	env := []string{
		"FEDRELAY_SERVICE_HOST=10.0.0.1", "FEDRELAY_SERVICE_PORT=8280", "FEDRELAY_SERVICE_PORT_HTTP=8280",
		"FEDRELAY_PORT=tcp://10.0.0.1:8280", "FEDRELAY_PORT_8280_TCP=tcp://10.0.0.1:8280", "FEDRELAY_PORT_8280_TCP_PROTO=tcp",
		"FEDRELAY_PORT_8280_TCP_PORT=8280", "FEDRELAY_PORT_8280_TCP_ADDR=10.0.0.1", "FEDRELAY_METRICS_SERVICE_HOST=10.0.0.2",
	}
	if _, err := loadText(t, "cluster: a"+sides, func(s *Sources) { s.Environ = env }); err != nil {
		t.Error(err)
	}
	_, err := loadText(t, "cluster: a"+sides, func(s *Sources) { s.Environ = []string{"FEDRELAY_HTTP_PORT=off"} })
	if err == nil {
		t.Error("a mistaken variable went unnoticed")
	}
}
