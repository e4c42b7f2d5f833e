package config

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// usable is the least that validates.
func usable() Config {
	c := Default()
	c.Cluster, c.Identity = "london", "relay1"
	c.Federation.Servers = []string{"nats://fed:4222"}
	c.Collective.Servers = []string{"nats://col:4222"}
	return c
}

func loadText(t *testing.T, content string, change func(*Sources)) (Resolved, error) {
	t.Helper()
	src := Sources{File: filepath.Join(t.TempDir(), "fedrelay.yaml"), Hostname: "relay1"}
	write(t, src.File, content)
	if change != nil {
		change(&src)
	}
	return Resolve(src)
}

func TestDefaultsSurviveTheRoundTrip(t *testing.T) {
	want := usable()
	content, err := yaml.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	r, err := loadText(t, string(content), nil)
	if err != nil {
		t.Fatalf("%s\n%v", content, err)
	}
	if !reflect.DeepEqual(r.Config, want) {
		t.Errorf("got  %+v\nwant %+v", r.Config, want)
	}
}

func TestEffectiveConfigurationSurvivesTheRoundTrip(t *testing.T) {
	first, err := Resolve(Sources{File: "examples/full.yaml", SkipFiles: true, Hostname: "h"})
	if err != nil {
		t.Fatal(err)
	}
	shown, err := first.Effective()
	if err != nil {
		t.Fatal(err)
	}
	second, err := loadText(t, shown, func(s *Sources) { s.SkipFiles = true })
	if err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	if !reflect.DeepEqual(first.Config, second.Config) {
		t.Errorf("got %+v\nwant %+v", second.Config, first.Config)
	}
}

func TestExamplesLoadAndAreTheOnesInDocs(t *testing.T) {
	for _, name := range []string{"minimal.yaml", "full.yaml", "edge.yaml"} {
		if _, err := Load(Sources{File: filepath.Join("examples", name), SkipFiles: true, Hostname: "h"}); err != nil {
			t.Error(err)
		}
		a, _ := os.ReadFile(filepath.Join("examples", name))
		b, err := os.ReadFile(filepath.Join("../../docs/examples", name))
		if err != nil || string(a) != string(b) {
			t.Errorf("docs/examples/%s differs from the one in the program (%v)", name, err)
		}
	}
	if lines := strings.Count(Example(false), "\n"); lines > 10 {
		t.Errorf("the minimal example has %d lines", lines)
	}
}

func TestFullExampleShowsEverySetting(t *testing.T) {
	for _, path := range newSchema(&Config{}).paths {
		if key := path[strings.LastIndexByte(path, '.')+1:] + ":"; !strings.Contains(Example(true), key) {
			t.Errorf("examples/full.yaml does not show %s", path)
		}
	}
}

func TestEveryExampleInDocsLoads(t *testing.T) {
	names, err := filepath.Glob("../../docs/examples/*.yaml")
	if err != nil || len(names) < 2 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if _, err := Load(Sources{File: name, SkipFiles: true, Hostname: "h.example.net"}); err != nil {
			t.Error(err)
		}
	}
}

func TestEveryFieldIsDocumented(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.StructType); ok {
			for _, f := range s.Fields.List {
				if f.Doc.Text() == "" {
					t.Errorf("%s has no comment", f.Names[0].Name)
				}
			}
		}
		return true
	})
}

func TestVariablesAreUniqueAndDerivedFromPaths(t *testing.T) {
	s := newSchema(&Config{})
	if names := s.envNames(); len(names) != len(s.paths) {
		t.Errorf("%d names for %d settings", len(names), len(s.paths))
	}
	check(t, "name", s.leaves["federation.tls.ca"].env(), "FEDRELAY_FEDERATION_TLS_CA")
	check(t, "name", s.leaves["limits.targets"].env(), "FEDRELAY_LIMITS_TARGETS")
}

func TestEveryVariableSetsItsSetting(t *testing.T) {
	values := map[reflect.Kind]string{reflect.Bool: "true", reflect.Slice: "a, b", reflect.Int: "20", reflect.String: "x"}
	types := map[string]string{"config.Size": "1MiB", "time.Duration": "5s", "config.Publish": "true"}
	for _, leaf := range settings(&Config{}) {
		value, ok := types[leaf.value.Type().String()]
		if !ok {
			value = values[leaf.value.Kind()]
		}
		r, _ := Resolve(Sources{Environ: []string{leaf.env() + "=" + value}, SkipFiles: true, Hostname: "h"})
		check(t, leaf.path, r.Origin(leaf.path).String(), leaf.env())
	}
}
