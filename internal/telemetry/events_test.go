package telemetry

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The events are the constants of package link whose names begin with Event. This package must not
// import that one, so it reads the source.
func TestEventNamesAreThoseOfTheConnections(t *testing.T) {
	files, err := filepath.Glob("../link/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Event") {
				events = append(events, value(t, spec))
			}
			return true
		})
	}
	slices.Sort(events)
	if !slices.Equal(events, EventNames[:]) {
		t.Errorf("link counts %v\nhere are    %v", events, EventNames)
	}
}

// value is the text of a constant.
func value(t *testing.T, spec *ast.ValueSpec) string {
	t.Helper()
	text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
