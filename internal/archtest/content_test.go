package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"regexp"
	"strings"
	"testing"
)

func TestGoFilesAreFormatted(t *testing.T) {
	for _, f := range goFiles(t) {
		formatted, err := format.Source(f.content)
		if err != nil || !bytes.Equal(formatted, f.content) {
			t.Errorf("%s: run gofmt -w on it (%v)", f.path, err)
		}
	}
}

// A test that sleeps is slow on one machine and wrong on another. Wait for what should happen, or
// use testing/synctest.
func TestTestsDoNotSleep(t *testing.T) {
	for _, f := range goFiles(t) {
		if strings.HasSuffix(f.path, "_test.go") && sleeps(f.ast) {
			t.Errorf("%s calls time.Sleep", f.path)
		}
	}
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
	for _, f := range files(t) {
		if lines := bytes.Count(f.content, []byte("\n")); f.path == "cmd/fedrelay/main.go" && lines > 60 {
			t.Errorf("%s has %d lines, more than 60: logic belongs into a package", f.path, lines)
		}
	}
}

// largest is how many lines a file has, but for one in ten.
const largest = 300

func TestFilesAreSmall(t *testing.T) {
	var large []string
	all := goFiles(t)
	for _, s := range all {
		if lines := strings.Count(string(s.content), "\n"); lines > largest {
			large = append(large, fmt.Sprintf("%s (%d)", s.path, lines))
		}
	}
	if 10*len(large) > len(all) {
		t.Errorf("%d of %d files have more than %d lines: %s", len(large), len(all), largest, strings.Join(large, ", "))
	}
}

// machinePath matches directories that exist on the machine of whoever wrote the text and nowhere
// else.
var machinePath = regexp.MustCompile(`(^|[^\w.-])/(work|root)/`)

func TestNoFileNamesADirectoryOfItsAuthor(t *testing.T) {
	for _, f := range files(t) {
		if bytes.IndexByte(f.content, 0) >= 0 {
			continue // a program or a picture
		}
		for i, line := range bytes.Split(f.content, []byte("\n")) {
			if machinePath.Match(line) {
				t.Errorf("%s:%d: %.120s", f.path, i+1, bytes.TrimSpace(line))
			}
		}
	}
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
