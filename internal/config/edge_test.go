package config

import (
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/seal"
)

const edgeSides = `
federation:
  servers: [nats://clients.example.net:4222]
line:
  servers: [nats://wan.example.net:4222]
`

func TestAnEdgeNeedsNoClusterAndNoCollective(t *testing.T) {
	r, err := loadText(t, "edge: {clusters: [london, tokyo.east]}"+edgeSides, func(s *Sources) {
		s.Hostname = "edge1.ams.example.net"
	})
	if err != nil {
		t.Fatal(err)
	}
	c := r.Config
	if !c.IsEdge() || c.Edge.Wire != WireCompact || c.Edge.Group != "edge1_ams_example_net" {
		t.Errorf("%+v", c.Edge)
	}
	check(t, "origin", r.Origin("edge.group").String(), "default: the identity")
	const want = "edge of clusters london, tokyo.east, group edge1_ams_example_net, "
	if s := c.Summary(); !strings.HasPrefix(s, want) || !strings.Contains(s, "line nats://wan.example.net:4222") {
		t.Error(s)
	}
	shown, err := r.Effective()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := loadText(t, shown, nil); err != nil {
		t.Errorf("%v\n%s", err, shown)
	}
}

func TestARelayHasNoGroup(t *testing.T) {
	r, err := loadText(t, "cluster: london"+sides, nil)
	if err != nil || r.Config.IsEdge() || r.Config.Edge.Group != "" {
		t.Errorf("%+v, %v", r.Config.Edge, err)
	}
}

// edgeMistakes are what operators of edges do.
func edgeMistakes() map[string]struct{ yaml, place, says string } {
	return map[string]struct{ yaml, place, says string }{
		"no clusters":     {"edge: {group: ams}" + edgeSides, "1:1", `edge.clusters: is not set; add "edge: {clusters: [london]}"`},
		"a relay's":       {"edge: {clusters: [a]}\ncluster: a" + edgeSides, "2:10", "cluster: is for a relay; an edge has edge.clusters"},
		"a collective":    {"edge: {clusters: [a]}" + edgeSides + "collective: {servers: [nats://c:1]}", "6:1", "collective: is for a relay; the second side of an edge is line"},
		"one cluster":     {"edge: {cluster: a}" + edgeSides, "1:8", `unknown key "cluster" in edge (did you mean "clusters"?)`},
		"twice":           {"edge: {clusters: [a, b, a]}" + edgeSides, "1:25", `edge.clusters[2]: "a" is there twice; remove one`},
		"no line":         {"edge: {clusters: [a]}\nfederation: {servers: [nats://c:1]}\nline: {srv: {disabled: true}}", "3:1", "line.servers: is empty while srv.disabled is true"},
		"a group of two":  {"edge: {clusters: [a], group: a.b}" + edgeSides, "1:30", `edge.group: "a.b" must be one subject token`},
		"the mark":        {"edge: {clusters: [a], group: =}" + edgeSides, "1:30", `edge.group: "=" has "=" in it`},
		"the mark inside": {"edge: {clusters: [a.=.b]}" + edgeSides, "1:19", `edge.clusters[0]: "a.=.b" has "=" in it`},
		"= inside a word": {"edge: {clusters: [a=b]}" + edgeSides, "1:19", `edge.clusters[0]: "a=b" has "=" in it`},
		"a long name":     {"edge: {clusters: [" + strings.Repeat("c", 100) + "], group: " + strings.Repeat("g", 64) + "}" + edgeSides, "1:19", `edge.clusters[0]: this name and edge.group make reply subjects of 274 bytes`},
		"a wildcard":      {"edge: {clusters: ['*']}" + edgeSides, "1:19", `edge.clusters[0]: "*" has "*" at byte 1`},
		"the wire":        {"edge: {clusters: [a], wire: jsno}" + edgeSides, "1:29", `edge.wire: "jsno" is not allowed; want compact, json (did you mean "json"?)`},
		"expanded":        {"edge: {clusters: [a]}\nlimits: {expanded_bytes: 5}" + edgeSides, "2:26", "limits.expanded_bytes: 5 is out of range; want 8MiB to 1GiB"},
		"two logins":      {"edge: {clusters: [a]}\nline:\n  token: x\n  user: y\n  password: z\n  servers: [nats://a:1]\nfederation: {servers: [nats://c:1]}", "3:10", "line.token: is a second kind of credential beside line.user"},
	}
}

func TestEveryMistakeOfAnEdgeNamesItsPlaceAndAFix(t *testing.T) {
	for name, m := range edgeMistakes() {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir() + "/edge.yaml"
			write(t, path, m.yaml)
			_, err := Load(Sources{File: path, Hostname: "edge1"})
			if err == nil || !hasProblem(err, "config: "+path+":"+m.place+": ", m.says) {
				t.Errorf("got  %v\nwant place %s saying %s", err, m.place, m.says)
			}
		})
	}
}

// The verb says that an edge is meant, where the configuration says nothing.
func TestTheVerbOfAnEdgeAsksForClusters(t *testing.T) {
	_, err := Load(Sources{Edge: true, Hostname: "edge1", Environ: []string{"FEDRELAY_LINE_SERVERS=a:1", "FEDRELAY_FEDERATION_SERVERS=b:1"}})
	if err == nil || !strings.Contains(err.Error(), "edge.clusters: is not set") || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
}

func TestTheSecretsOfALineAreNotShown(t *testing.T) {
	r, err := loadText(t, "edge: {clusters: [a]}\nline:\n  token: hunter2\n  servers: [nats://a:1]\nfederation: {servers: [nats://c:1]}", nil)
	if err != nil {
		t.Fatal(err)
	}
	if shown, _ := r.Effective(); strings.Contains(shown, "hunter2") {
		t.Error(shown)
	}
}

func TestAnEdgeBetweenOneNetworkIsWarnedOf(t *testing.T) {
	r, err := loadText(t, "edge: {clusters: [a]}\nline: {servers: [nats://a:1]}\nfederation: {servers: [nats://a:1]}", nil)
	if err != nil || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "the edge carries nothing") {
		t.Error(r.Warnings, err)
	}
}

// A relay that reads only JSON sends an edge replies without a federation header. The seal is lost
// with it.
func TestAnEdgeThatRejectsTheRepliesOfJSONRelaysIsWarnedOf(t *testing.T) {
	keys := t.TempDir() + "/a.keys"
	made, err := seal.NewKeys(seal.Generate(time.Now()))
	if err == nil {
		err = CreateKeys(keys, made)
	}
	if err != nil {
		t.Fatal(err)
	}
	for text, warned := range map[string]bool{
		"edge: {clusters: [a], wire: json}\nreturn_address: {mode: require, keys: " + keys + "}":    true,
		"edge: {clusters: [a], wire: json}\nreturn_address: {mode: sealed, keys: " + keys + "}":     false,
		"edge: {clusters: [a], wire: compact}\nreturn_address: {mode: require, keys: " + keys + "}": false,
		"edge: {clusters: [a], wire: json}": false,
	} {
		r, err := loadText(t, text+edgeSides, nil)
		says := strings.Contains(strings.Join(r.Warnings, "\n"), "return_address.mode: is require while edge.wire is json")
		if err != nil || says != warned {
			t.Errorf("%s: %v, %v", text, r.Warnings, err)
		}
	}
}
