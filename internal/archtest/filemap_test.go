package archtest

import (
	"path"
	"strings"
	"testing"
)

// listed returns the files of the section "File by file": below a heading for each folder, the
// first column of a table.
func listed(section string) (files map[string]bool) {
	files = map[string]bool{}
	folder := ""
	for line := range strings.Lines(section) {
		if heading, ok := strings.CutPrefix(line, "### "); ok {
			folder = strings.TrimSpace(heading)
		}
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		name, phrase := strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2])
		if strings.HasSuffix(name, ".go") && phrase != "" {
			files[path.Join(folder, name)] = true
		}
	}
	return files
}

// unlisted says which of the files the section does not explain, and what it explains beside them.
func unlisted(section string, files []string) (wrong []string) {
	all := listed(section)
	for _, f := range files {
		if !all[f] {
			wrong = append(wrong, "has no line for "+f)
		}
		delete(all, f)
	}
	for f := range all {
		wrong = append(wrong, "has a line for "+f+", which is no file")
	}
	return wrong
}

func TestEachFileIsExplained(t *testing.T) {
	var program []string
	for _, f := range goFiles(t) {
		if !strings.HasSuffix(f.path, "_test.go") {
			program = append(program, f.path)
		}
	}
	for _, wrong := range unlisted(section(t, architecture(t), "File by file"), program) {
		t.Errorf("the last section of ARCHITECTURE.md %s", wrong)
	}
}

func TestFilesAreLookedUp(t *testing.T) {
	text := "### pool\n\n| file | what is there |\n|---|---|\n| a.go | one |\n| b.go | |\n\n### wire\n| c.go | three |\n"
	if wrong := unlisted(text, []string{"pool/a.go", "wire/c.go"}); len(wrong) > 0 {
		t.Error(wrong)
	}
	if wrong := unlisted(text, []string{"pool/a.go", "pool/b.go"}); len(wrong) != 2 {
		t.Errorf("a file without a phrase, and a line without a file: %q", wrong)
	}
}
