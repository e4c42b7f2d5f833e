package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/schemas"
)

// Whatever is printed with --json by a real federation follows the schema that is shipped.
func TestJSONOutputsFollowTheirSchemas(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	fedtest.StartProcess(t, n.Config(), nil)
	roster, err := fleet.NewRoster([]string{"web1.example.net"})
	if err != nil {
		t.Fatal(err)
	}
	nodes, err := fleet.StartNodes(fleet.NodesOptions{URL: n.Collective.ClientURL(), Roster: roster})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nodes.Close)
	federation := fedtest.NewTap(t, n.Federation)
	federation.Send("choria.federation."+fedtest.Cluster+".federation", `{"no":"message"}`)
	passes(t, federation, fedtest.NewTap(t, n.Collective), fedtest.Cluster)

	there := []string{"--cluster", fedtest.Cluster, "--federation", n.Federation.ClientURL()}
	asked := append([]string{"--timeout", "300ms"}, there...)
	both := append([]string{"--collective", n.Collective.ClientURL()}, there...)
	checked := map[string]bool{}
	for _, c := range []struct {
		schema string
		args   []string
		says   string // something that must be in it, or nothing was tried
	}{
		{"version", []string{"version", "--json"}, `"go": "go1.`},
		{"config-show", append([]string{"config", "show", "--json"}, both...), `"key": "federation.tls.ca"`},
		{"check", append([]string{"check", "--json"}, both...), `"connected": false`},
		{"check", append([]string{"check", "--connect", "--json"}, both...), `"id": "publish"`},
		{"observe", append([]string{"observe", "--once", "--json"}, asked...), `"answering":1`},
		{"explain-list", append([]string{"explain", "--json"}, asked...), `"r1"`},
		{"explain", append(append([]string{"explain", "--json"}, asked...), "r1"), `"mcollective.node.n1"`},
		{"rejects", append([]string{"rejects", "--json"}, asked...), `"reason":`},
		{"trace", append([]string{"trace", "web1.example.net", "--json"}, asked...), `"outcome": "answered"`},
	} {
		var out string // of the last time: a busy machine answers late
		fedtest.Eventually(t, fmt.Sprintf("%q prints %s", c.args, c.says), func() bool {
			said, _, code := says(t, c.args...)
			out = said
			return code == 0 && strings.Contains(out, c.says)
		})
		checked[c.schema] = true
		if err := follows(t, c.schema, out); err != nil {
			t.Errorf("%v:\n%#v", c.args, err)
		}
	}
	for name := range schemas.Documents() {
		if !checked[name] {
			t.Errorf("%s: no output was held against the schema", name)
		}
	}
}

// follows holds a JSON text against the schema of that name, and leaves no room for fields that the
// schema does not know.
func follows(t *testing.T, name, text string) error {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("../../schemas", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	strict := strings.ReplaceAll(string(content), `"properties": {`, `"additionalProperties": false, "properties": {`)
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(strict))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name+".json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return err
	}
	return schema.Validate(value)
}

func TestAMissingFieldDoesNotFollow(t *testing.T) {
	for _, text := range []string{`{}`, `{"version":"1"}`, `{"version":1,"go":"","platform":"","nats.go":"","nats-server":""}`} {
		if follows(t, "version", text) == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}
