package schemas

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

const modulePath = "github.com/fedrelay/fedrelay"

// texts are the comments and constants of packages of this module.
type texts struct {
	module string
	known  map[string]*packageTexts // by path
	err    error                    // the first one
}

type packageTexts struct {
	types, fields map[string]string   // comments, by type and by type.field
	words         map[string][]string // constants of a type
}

func (x *texts) of(t reflect.Type) *packageTexts {
	path, ours := strings.CutPrefix(t.PkgPath(), modulePath)
	if p, known := x.known[path]; known {
		return p
	}
	p := &packageTexts{types: map[string]string{}, fields: map[string]string{}, words: map[string][]string{}}
	x.known[path] = p
	if !ours {
		return p
	}
	files, err := filepath.Glob(filepath.Join(x.module, path, "*.go"))
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || err != nil {
			continue
		}
		var file *ast.File
		if file, err = parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments); err == nil {
			p.read(file)
		}
	}
	if err != nil && x.err == nil {
		x.err = err
	}
	return p
}

func (p *packageTexts) read(file *ast.File) {
	for _, d := range file.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				p.readType(spec, d.Doc.Text()+spec.Doc.Text())
			case *ast.ValueSpec:
				p.readWord(spec)
			}
		}
	}
}

func (p *packageTexts) readType(spec *ast.TypeSpec, doc string) {
	p.types[spec.Name.Name] = oneLine(doc)
	s, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range s.Fields.List {
		for _, name := range f.Names {
			p.fields[spec.Name.Name+"."+name.Name] = oneLine(f.Doc.Text() + f.Comment.Text())
		}
	}
}

func (p *packageTexts) readWord(spec *ast.ValueSpec) {
	kind, ok := spec.Type.(*ast.Ident)
	if !ok {
		return
	}
	for _, v := range spec.Values {
		if text, ok := v.(*ast.BasicLit); ok && text.Kind == token.STRING {
			if word, err := strconv.Unquote(text.Value); err == nil {
				p.words[kind.Name] = append(p.words[kind.Name], word)
			}
		}
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func (x *texts) ofType(t reflect.Type) string { return x.of(t).types[t.Name()] }

func (x *texts) ofField(t reflect.Type, name string) string { return x.of(t).fields[t.Name()+"."+name] }

func (x *texts) words(t reflect.Type) []string { return x.of(t).words[t.Name()] }
