package relay_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
)

// required are the lines of the checklist that a relay meets; C55 to C59 are about policy and
// signatures.
func required() (ids []string) {
	for i := 1; i <= 61; i++ {
		if i < 55 || i > 59 {
			ids = append(ids, fmt.Sprintf("C%02d", i))
		}
	}
	return ids
}

// Every line of the checklist has its test: a case of the table, or a function named after it.
func TestConformanceCoversTheChecklist(t *testing.T) {
	covered := make(map[string]bool)
	for _, c := range conformanceTable() {
		covered[c.id] = true
	}
	for _, name := range testFunctions(t, "conformance_*_test.go") {
		if id := regexp.MustCompile(`^TestConformance(C\d\d)[A-Z]`).FindStringSubmatch(name); id != nil {
			covered[id[1]] = true
		}
	}
	var have []string
	for id := range covered {
		have = append(have, id)
	}
	sort.Strings(have)
	if got, want := strings.Join(have, " "), strings.Join(required(), " "); got != want {
		t.Errorf("covered:\n%s\nrequired:\n%s", got, want)
	}
}

// testFunctions lists the functions of the files that match a pattern.
func testFunctions(t *testing.T, pattern string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}
