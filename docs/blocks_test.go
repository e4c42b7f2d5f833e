package docs

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A block is what stands between two fences of a document.
type block struct {
	file, info string // info is what stands behind the fence
	line       int
	text       string
}

// documents are all that have blocks that must be true.
func documents(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"../README.md", "../SECURITY.md", "../benchmarks/README.md", "../scripts/*/README.md", "../deploy/*/*/README.md", "*.md", "how-to/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 5 {
		t.Fatalf("only %v", files)
	}
	return files
}

// blocks returns those of a document whose fence begins with a word.
func blocks(t *testing.T, file, word string) (all []block) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var open *block
	indent := ""
	for i, line := range strings.Split(string(content), "\n") {
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && open == nil:
			indent = line[:strings.Index(line, "```")]
			open = &block{file: file, info: fence, line: i + 1}
		case isFence:
			if first, _, _ := strings.Cut(open.info, " "); first == word {
				all = append(all, *open)
			}
			open = nil
		case open != nil:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		}
	}
	if open != nil {
		t.Errorf("%s:%d: a block without an end", file, open.line)
	}
	return all
}

func TestBlocksAreFound(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.md")
	text := "a\n```sh\none\n```\n\n  ```yaml\n  a:\n    b: c\n  ```\n```sh not run: no\nx\n```\n```\nshown\n```\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := slices.Concat(blocks(t, file, "sh"), blocks(t, file, "yaml"))
	want := []block{
		{file, "sh", 2, "one\n"}, {file, "sh not run: no", 10, "x\n"}, {file, "yaml", 6, "a:\n  b: c\n"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

// No document has carriage returns or tabs in front, which would change what a block is.
func TestDocumentsAreLines(t *testing.T) {
	for _, file := range documents(t) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsRune(content, '\r') || bytes.Contains(content, []byte("\n\t```")) {
			t.Errorf("%s has carriage returns, or fences behind tabs", file)
		}
	}
}
