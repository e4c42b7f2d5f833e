package pipeline_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

func TestTheTestsThatTheDocumentNamesExist(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests []byte
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tests = append(tests, source...)
	}
	for _, name := range regexp.MustCompile(`\bTest[A-Z]\w+`).FindAllString(string(doc), -1) {
		if !regexp.MustCompile(`(?m)^func ` + name + `\(`).Match(tests) {
			t.Errorf("there is no %s", name)
		}
	}
}
