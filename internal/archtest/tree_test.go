package archtest

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/fedrelay/fedrelay"

// root is the directory of the repository, seen from the directory in which the tests of this
// package run.
const root = "../.."

// A text is one file of the repository.
type text struct {
	path    string // relative to root, with slashes
	content []byte
}

// A source is a Go file, whatever its build tags.
type source struct {
	text
	ast *ast.File
}

// files returns all files of the repository, also those that git does not know yet.
func files(t *testing.T) []text {
	t.Helper()
	all, err := readTree()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// goFiles returns all files of Go code, apart from those that tests read as data.
func goFiles(t *testing.T) []source {
	t.Helper()
	files(t)
	sources, err := parseTree()
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// positions knows where in its file each node of a source is.
var positions = token.NewFileSet()

var readTree = sync.OnceValues(func() (all []text, err error) {
	err = filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(filepath.ToSlash(at), root+"/")
		if d.IsDir() && slices.Contains([]string{".git", "bin"}, name) {
			return fs.SkipDir
		}
		if !d.Type().IsRegular() || name == ".git" { // a file in a second work tree of a repository
			return nil
		}
		content, err := os.ReadFile(at)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a test of another package made it and has removed it
		}
		all = append(all, text{name, content})
		return err
	})
	return all, err
})

var parseTree = sync.OnceValues(func() (sources []source, err error) {
	all, err := readTree()
	for _, f := range all {
		if !strings.HasSuffix(f.path, ".go") || strings.Contains(f.path, "testdata/") {
			continue
		}
		file, parseErr := parser.ParseFile(positions, f.path, f.content, parser.ParseComments|parser.SkipObjectResolution)
		err = errors.Join(err, parseErr)
		sources = append(sources, source{f, file})
	}
	return sources, err
})

// byPackage sorts sources by their folders.
func byPackage(sources []source) map[string][]source {
	packages := map[string][]source{}
	for _, s := range sources {
		packages[path.Dir(s.path)] = append(packages[path.Dir(s.path)], s)
	}
	return packages
}

// parsed returns a source that stands in no file.
func parsed(t *testing.T, content string) source {
	t.Helper()
	file, err := parser.ParseFile(positions, "x.go", content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return source{text{"x.go", []byte(content)}, file}
}
