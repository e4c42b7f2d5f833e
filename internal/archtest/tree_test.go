package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/fedrelay/fedrelay"

// root is the directory of the repository, seen from the directory in which the tests of this package run.
const root = "../.."

// files calls visit with the path of every file of the repository, relative to root and with slashes.
func files(t *testing.T, visit func(path string, content []byte)) {
	t.Helper()
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path, err := filepath.Rel(root, at)
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		if d.IsDir() && slices.Contains([]string{".git", "bin"}, path) {
			return fs.SkipDir
		}
		if !d.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(at)
		if os.IsNotExist(err) {
			return nil // a test beside this one made it and removed it
		}
		if err == nil {
			visit(path, content)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// goFiles calls visit with every Go file that parses, whatever its build tags; one that does not fails the test.
func goFiles(t *testing.T, visit func(path string, content []byte, file *ast.File)) {
	t.Helper()
	files(t, func(path string, content []byte) {
		if !strings.HasSuffix(path, ".go") || strings.Contains(path, "testdata/") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, content, parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			return
		}
		visit(path, content, file)
	})
}
