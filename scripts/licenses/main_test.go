package main

import (
	"os"
	"strings"
	"testing"
)

// A file that is no Go module is listed by what it is for, and not as LICENSE.
func TestFurtherLicensesHaveNames(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := write(&b, []string{program}, []string{"../../internal/uplot/LICENSE"}); err != nil {
		t.Fatal(err)
	}
	list, texts, _ := strings.Cut(b.String(), "\n====")
	if !strings.Contains(list, "\n  uplot\n") || !strings.Contains(list, "\n  Go go") || !strings.Contains(texts, "Leon Sorokin") {
		t.Errorf("%.500s", b.String())
	}
}
