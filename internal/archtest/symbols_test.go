package archtest

import (
	"go/ast"
	"path"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// A house is what the repository's texts may name.
type house struct {
	paths   map[string]bool // files and folders
	symbols map[string]bool // as "Take", "Pipeline.Take" and "pipeline.Pipeline.Take"
	tests   map[string]bool // functions in test files, as "internal/relay: TestX"
	keys    map[string]bool // elements of keys of the configuration
	modules []string        // that go.mod requires
}

// theHouse returns the house as it stands.
func theHouse(t *testing.T) *house {
	t.Helper()
	files(t)
	goFiles(t)
	return buildHouse()
}

var buildHouse = sync.OnceValue(func() *house {
	h := &house{
		paths: map[string]bool{}, symbols: map[string]bool{}, tests: map[string]bool{}, keys: map[string]bool{},
	}
	all, _ := readTree() // theHouse has looked at the error
	for _, f := range all {
		for p := f.path; p != "."; p = path.Dir(p) {
			h.paths[p] = true
		}
		if f.path == "go.mod" {
			h.addModules(string(f.content))
		}
	}
	sources, _ := parseTree()
	for _, s := range sources {
		if strings.HasSuffix(s.path, "_test.go") {
			h.addTests(s)
		} else {
			h.add(s)
		}
	}
	return h
})

func (h *house) addModules(gomod string) {
	for line := range strings.Lines(gomod) {
		if words := strings.Fields(line); len(words) > 1 && strings.HasPrefix(words[1], "v") {
			h.modules = append(h.modules, words[0])
		}
	}
}

func (h *house) addTests(s source) {
	for _, d := range s.ast.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
			h.tests[path.Dir(s.path)+": "+f.Name.Name] = true
		}
	}
}

// add enters what a file declares.
func (h *house) add(s source) {
	for _, d := range s.ast.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			h.addFunc(s, d)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				h.addSpec(s, spec)
			}
		}
	}
}

func (h *house) addFunc(s source, f *ast.FuncDecl) {
	if f.Recv != nil {
		h.addMember(s, receiver(f), f.Name.Name)
		return
	}
	h.addName(s, f.Name.Name)
}

// receiver returns the name of the type whose method f is.
func receiver(f *ast.FuncDecl) string {
	x := f.Recv.List[0].Type
	if star, ok := x.(*ast.StarExpr); ok {
		x = star.X
	}
	if generic, ok := x.(*ast.IndexExpr); ok {
		x = generic.X
	}
	return x.(*ast.Ident).Name
}

func (h *house) addSpec(s source, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			h.addName(s, name.Name)
		}
	case *ast.TypeSpec:
		h.addName(s, spec.Name.Name)
		switch x := spec.Type.(type) {
		case *ast.StructType:
			h.addFields(s, spec.Name.Name, x.Fields)
		case *ast.InterfaceType:
			h.addFields(s, spec.Name.Name, x.Methods)
		}
	}
}

func (h *house) addFields(s source, of string, fields *ast.FieldList) {
	for _, f := range fields.List {
		for _, name := range f.Names {
			h.addMember(s, of, name.Name)
		}
		if f.Tag != nil {
			key, _, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("yaml"), ",")
			h.keys[key] = true
		}
	}
}

func (h *house) addName(s source, name string) {
	h.symbols[name] = true
	h.symbols[s.ast.Name.Name+"."+name] = true
}

func (h *house) addMember(s source, of, name string) {
	h.symbols[name] = true
	h.symbols[of+"."+name] = true
	h.symbols[s.ast.Name.Name+"."+of+"."+name] = true
}
