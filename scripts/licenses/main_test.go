package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Files that are no Go module are all listed, by what they are for and not as LICENSE.
func TestFurtherLicensesHaveNames(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	another := filepath.Join(t.TempDir(), "another", "LICENSE")
	if err := os.Mkdir(filepath.Dir(another), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(another, []byte("Anybody may do anything."), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(&b, []string{"-also", "../../internal/uplot/LICENSE", "-also", another, program}); err != nil {
		t.Fatal(err)
	}
	list, texts, _ := strings.Cut(b.String(), "\n====")
	if !strings.Contains(list, "\n  uplot\n  another\n") || !strings.Contains(texts, "do anything") || !strings.Contains(list, "\n  Go go") || !strings.Contains(texts, "Leon Sorokin") {
		t.Errorf("%.500s", b.String())
	}
}
