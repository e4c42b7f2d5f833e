package telemetry

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
)

// The events are those of package link, which this package must not import.
func TestEventNamesAreThoseOfTheConnections(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../link/events.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			event, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Error(err)
			}
			events = append(events, event)
		}
		return true
	})
	slices.Sort(events)
	if !slices.Equal(events, EventNames[:]) {
		t.Errorf("link counts %v\nhere are    %v", events, EventNames)
	}
}
