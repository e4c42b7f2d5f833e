package archtest

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mutexes returns the names of the mutexes that a package has in its types and variables, outside
// of tests.
func mutexes(pkg []source) (names []string) {
	for _, s := range pkg {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return false // a mutex of one function needs no order
			case *ast.Field:
				names = append(names, mutexNames(n.Type, n.Names)...)
			case *ast.ValueSpec:
				names = append(names, mutexNames(n.Type, n.Names)...)
			}
			return true
		})
	}
	return names
}

// mutexNames returns the names if they are of mutexes; one that is embedded has the name of its
// type.
func mutexNames(x ast.Expr, names []*ast.Ident) (all []string) {
	if classed, ok := x.(*ast.IndexExpr); ok { // of internal/lock
		x = classed.X
	}
	selector, ok := x.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != "Mutex" && selector.Sel.Name != "RWMutex" {
		return nil
	}
	for _, name := range names {
		all = append(all, name.Name)
	}
	if len(names) == 0 {
		return []string{selector.Sel.Name}
	}
	return all
}

var locksHeading = regexp.MustCompile(`(?m)^# Lock(s|ing| order)$`)

// saysOrder reports whether the doc comment of a package has a section about its locks.
func saysOrder(pkg []source) bool {
	return slices.ContainsFunc(pkg, func(s source) bool { return locksHeading.MatchString(s.ast.Doc.Text()) })
}

func TestPackagesWithManyLocksSayTheirOrder(t *testing.T) {
	for pkg, sources := range byPackage(goFiles(t)) {
		if names := mutexes(sources); len(names) > 2 && !saysOrder(sources) {
			t.Errorf("%s has %d mutexes (%s): its doc.go must say in a section \"# Locks\" which is taken first",
				pkg, len(names), strings.Join(names, ", "))
		}
	}
}

func TestLocksAreCounted(t *testing.T) {
	locked := parsed(t, `// Package p is.
//
// # Locks
//
// a before b.
package p

type x struct {
	a, b sync.Mutex
	sync.RWMutex
	c *other
	l lock.Mutex[x]
}

var d sync.Mutex

func f() { var e sync.Mutex }
`)
	if names := mutexes([]source{locked}); strings.Join(names, " ") != "a b RWMutex l d" {
		t.Errorf("mutexes: %q", names)
	}
	if !saysOrder([]source{locked}) || saysOrder([]source{parsed(t, "// Package p locks.\npackage p\n")}) {
		t.Error("the section about locks is not told from others")
	}
}
