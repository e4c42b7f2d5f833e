package schemas

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write schemas/*.json anew")

func TestSchemasAreMadeFromTheTypes(t *testing.T) {
	const module = "../.."
	for name, document := range Documents() {
		want, err := Of(document, "What fedrelay "+strings.ReplaceAll(name, "-", " ")+" --json prints", module)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(module, "schemas", name+".json")
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != string(want) {
			t.Errorf("%s is not what the Go types say (%v); make schemas writes it anew", path, err)
		}
	}
}

func TestEveryFileHasADocument(t *testing.T) {
	files, err := filepath.Glob("../../schemas/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if _, known := Documents()[name]; !known && name != "config" {
			t.Errorf("%s belongs to no document", path)
		}
	}
}
