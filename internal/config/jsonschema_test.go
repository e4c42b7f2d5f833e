package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

var updateSchema = flag.Bool("update", false, "write schema.json anew")

// An ordered object keeps its keys in the order of the structs.
type ordered []field

type field struct {
	key   string
	value any
}

func (o ordered) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		b.WriteString(strconv.Quote(f.key) + ":")
		b.Write(value)
	}
	return append(append([]byte("{"), b.Bytes()...), '}'), nil
}

const (
	durationPattern = `^[-+]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+$`
	sizePattern     = `^ *[0-9][0-9_]* *([KMGTkmgt][iI]?[bB]|[bB])? *$`
)

// makeSchema makes the schema from the structs, their comments, the defaults and what Validate
// says about values out of range.
func makeSchema(t *testing.T) string {
	t.Helper()
	defaults := Default()
	s := ordered{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "Configuration of fedrelay"},
		{"description", "x-env is the environment variable that sets the same. x-reload says whether a reload changes a setting; if not, x-restart says why."},
	}
	s = append(s, sectionSchema(t, "", reflect.ValueOf(&defaults).Elem(), comments(t), false)...)
	s = append(s, field{"$defs", ordered{{"inserted", ordered{
		{"description", "${NAME} or ${file:PATH}: a value from the environment or from a file"},
		{"type", "string"}, {"pattern", `\$\{`},
	}}}})
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func sectionSchema(t *testing.T, path string, v reflect.Value, said map[string]string, mayBeNull bool) ordered {
	t.Helper()
	var properties ordered
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key := f.Tag.Get("yaml")
		description := field{"description", said[v.Type().Name()+"."+f.Name]}
		if v.Field(i).Kind() == reflect.Struct {
			below := sectionSchema(t, join(path, key), v.Field(i), said, true)
			properties = append(properties, field{key, append(ordered{description}, below...)})
			continue
		}
		properties = append(properties, field{key, append(ordered{description}, leafSchema(t, join(path, key))...)})
	}
	kind := any("object")
	if mayBeNull {
		kind = []string{"object", "null"} // a section with everything commented out
	}
	return ordered{{"type", kind}, {"additionalProperties", false}, {"properties", properties}}
}

func leafSchema(t *testing.T, path string) (s ordered) {
	t.Helper()
	defaults := Default()
	leaf := newSchema(&defaults).leaves[path]
	inserted := ordered{{"$ref", "#/$defs/inserted"}}
	switch forms := kinds(leaf); leaf.value.Interface().(type) {
	case string, []string: // in the elements of a list, not in its place
		s = append(s, forms[0].(ordered)...)
	default:
		s = append(s, field{"anyOf", append(forms, inserted)})
	}
	if _, lanes := leaf.value.Interface().(Lanes); lanes || !leaf.value.IsZero() {
		s = append(s, field{"default", leaf.plain(t)})
	}
	s = append(s, field{"x-env", leaf.env()}, field{"x-reload", leaf.reload == "yes"})
	if leaf.restart != "" {
		s = append(s, field{"x-restart", leaf.restart})
	}
	return s
}

// plain is the value as JSON has it.
func (s setting) plain(t *testing.T) any {
	t.Helper()
	text, err := s.shown()
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// kinds are the forms in which a value may be written.
func kinds(leaf setting) []any {
	limits := bounds(leaf.path)
	switch leaf.value.Interface().(type) {
	case string:
		if words := allowed(leaf.path); words != nil {
			return []any{ordered{{"anyOf", []any{ordered{{"enum", words}}, ordered{{"$ref", "#/$defs/inserted"}}}}}}
		}
		return []any{ordered{{"type", "string"}}}
	case []string:
		return []any{ordered{{"type", "array"}, {"items", ordered{{"type", "string"}}}}}
	case bool:
		return []any{ordered{{"type", "boolean"}}}
	case int:
		return []any{ordered{{"type", "integer"}, {"minimum", whole(limits[0])}, {"maximum", whole(limits[1])}}}
	case Lanes:
		return []any{ordered{{"const", "auto"}}, ordered{{"type", "integer"}, {"minimum", 1}, {"maximum", MaxLanes}}}
	case Publish:
		return []any{ordered{{"enum", []any{"auto", true, false}}}}
	case Size:
		least, _ := ParseSize(limits[0])
		most, _ := ParseSize(limits[1])
		return []any{
			ordered{{"type", "integer"}, {"minimum", int64(least)}, {"maximum", int64(most)}},
			ordered{{"type", "string"}, {"pattern", sizePattern}, {"description", limits[0] + " to " + limits[1]}},
		}
	case time.Duration:
		return []any{ordered{{"type", "string"}, {"pattern", durationPattern}, {"description", limits[0] + " to " + limits[1]}}}
	}
	panic("no schema for " + leaf.path)
}

func whole(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

var (
	saysRange = regexp.MustCompile(`want (\S+) to (\S+)$`)
	saysWords = regexp.MustCompile(`is not allowed; want ([^\s,]+(?:, [^\s,]+)*)`)
)

// bounds are the least and the most of a number, as Validate says when it gets a wrong one.
func bounds(path string) [2]string {
	c := usable()
	leaf := newSchema(&c).leaves[path]
	if k := leaf.value.Kind(); k != reflect.Int && k != reflect.Int64 {
		return [2]string{}
	}
	leaf.value.SetInt(-1)
	m := saysRange.FindStringSubmatch(complaint(c, path))
	if m == nil {
		return [2]string{"0", "9007199254740991"}
	}
	return [2]string{m[1], m[2]}
}

// allowed are the words that a setting may have, as Validate says when it gets another.
func allowed(path string) []string {
	c := usable()
	leaf := newSchema(&c).leaves[path]
	leaf.value.SetString("zzzzzzzz")
	c.Edge.Clusters = nil
	if m := saysWords.FindStringSubmatch(complaint(c, path)); m != nil {
		return strings.Split(m[1], ", ")
	}
	return nil
}

// complaint is what Validate says about a setting, of a relay or of an edge.
func complaint(c Config, path string) string {
	for _, edge := range []bool{false, true} {
		if edge {
			c.Edge.Clusters = []string{"london"}
		}
		problems, _ := c.validateAs(edge).(Problems)
		for _, p := range problems {
			if p.Key == path && (saysRange.MatchString(p.Text) || saysWords.MatchString(p.Text)) {
				return p.Text
			}
		}
	}
	return ""
}

// comments are those of the fields, by type and name.
func comments(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if s, ok := spec.Type.(*ast.StructType); ok {
			for _, f := range s.Fields.List {
				said[spec.Name.Name+"."+f.Names[0].Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
			}
		}
		return false
	})
	return said
}

func TestSchemaIsMadeFromTheStructs(t *testing.T) {
	want := makeSchema(t)
	for _, path := range []string{"schema.json", "../../schemas/config.json"} {
		if *updateSchema {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s is not what the structs say (%v); make schemas writes it anew", path, err)
		}
	}
}

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("config.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validates checks a YAML text by the schema.
func validates(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return err
	}
	asJSON, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(document)
}

func TestSchemaAcceptsWhatLoads(t *testing.T) {
	s := compiledSchema(t)
	names, err := filepath.Glob("../../docs/examples/*.yaml")
	if err != nil || len(names) < 3 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := validates(t, s, string(content)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range []string{
		"limits: {targets: '${TARGETS}', fanout_bytes: 1048576}", "http:", "drain: {timeout: 1h30m, replies: 0s}",
		"pipeline: {lanes: 3, max_bytes: 64 MiB}", "stats: {publish: true}", "edge: {wire: json, clusters: [a]}",
	} {
		if err := validates(t, s, c); err != nil {
			t.Errorf("%s: %v", c, err)
		}
	}
	r, err := Resolve(Sources{File: "examples/full.yaml", SkipFiles: true, Hostname: "h"})
	if err != nil {
		t.Fatal(err)
	}
	shown, err := r.Effective()
	if err != nil {
		t.Fatal(err)
	}
	if err := validates(t, s, shown); err != nil {
		t.Errorf("config show: %v", err)
	}
}

// An editor that knows the schema marks the mistakes that the schema can express.
func TestSchemaRejectsMistakes(t *testing.T) {
	s := compiledSchema(t)
	for name, m := range map[string]string{
		"unknown key":           "federation: {credz: x}",
		"unknown section":       "federations: {}",
		"a string as a list":    "federation: {servers: 'nats://a:1'}",
		"a number as text":      "cluster: 12",
		"a word as a number":    "limits: {targets: many}",
		"out of range":          "limits: {targets: 0}",
		"size unit":             "limits: {fanout_bytes: 1 parsec}",
		"size out of range":     "limits: {fanout_bytes: 1}",
		"duration without unit": "drain: {timeout: 30}",
		"duration as text":      "drain: {timeout: '30'}",
		"another word":          "trace: sometimes",
		"a boolean word":        "http: {pprof: 'yes'}",
		"lanes":                 "pipeline: {lanes: 65}",
		"a section as a string": "http: ':8280'",
		"stats":                 "stats: {publish: maybe}",
		"wire":                  "edge: {wire: xml}",
		"log level":             "log: {level: trace}",
		"return address":        "return_address: {mode: seal}",
	} {
		if validates(t, s, m) == nil {
			t.Errorf("%s is accepted: %s", name, m)
		}
	}
}
