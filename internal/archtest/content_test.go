package archtest

import (
	"bytes"
	"go/ast"
	"go/format"
	"regexp"
	"strings"
	"testing"
)

func TestGoFilesAreFormatted(t *testing.T) {
	goFiles(t, func(path string, content []byte, _ *ast.File) {
		formatted, err := format.Source(content)
		if err != nil || !bytes.Equal(formatted, content) {
			t.Errorf("%s: run gofmt -w on it (%v)", path, err)
		}
	})
}

// A test that sleeps is slow on one machine and wrong on another. Wait for what should happen, or use testing/synctest.
func TestTestsDoNotSleep(t *testing.T) {
	goFiles(t, func(path string, _ []byte, file *ast.File) {
		if strings.HasSuffix(path, "_test.go") && sleeps(file) {
			t.Errorf("%s calls time.Sleep", path)
		}
	})
}

func sleeps(file *ast.File) (found bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Sleep" {
			x, ok := s.X.(*ast.Ident)
			found = found || ok && x.Name == "time"
		}
		return true
	})
	return found
}

func TestMainIsSmall(t *testing.T) {
	files(t, func(path string, content []byte) {
		if lines := bytes.Count(content, []byte("\n")); path == "cmd/fedrelay/main.go" && lines > 60 {
			t.Errorf("%s has %d lines, more than 60: logic belongs into a package", path, lines)
		}
	})
}

// machinePath matches directories that exist on the machine of whoever wrote the text and nowhere else.
var machinePath = regexp.MustCompile(`(^|[^\w.-])/(work|root)/`)

func TestNoFileNamesADirectoryOfItsAuthor(t *testing.T) {
	files(t, func(path string, content []byte) {
		if bytes.IndexByte(content, 0) >= 0 {
			return // not text
		}
		for i, line := range bytes.Split(content, []byte("\n")) {
			if machinePath.Match(line) {
				t.Errorf("%s:%d: %.120s", path, i+1, bytes.TrimSpace(line))
			}
		}
	})
}

func TestMachinePathsAreRecognized(t *testing.T) {
	for text, want := range map[string]bool{
		"cd /" + "work/main":             true,
		"/" + "root/go/pkg":              true,
		"see file:///" + "root/x":        true,
		"docs/work/plan.md":              false,
		"a workflow in .github/work/x":   false,
		"/var/lib/fedrelay, /etc/rooted": false,
	} {
		if machinePath.MatchString(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
