package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ofCommand is how a line begins that somebody would copy into a shell.
var ofCommand = regexp.MustCompile(`(?m)^(?:[A-Z_]+=\S+ )?(?:bin/)?(?:fedrelay|fedrelay-demo|loadgen|make|nats-server|nats|nsc|choria|curl|systemctl|apt|dnf|docker|podman|puppet|chgrp|runuser|go) [a-z-]`)

// A block of commands without a word behind its fence would not run, and nobody would notice.
func TestCommandsAreMarked(t *testing.T) {
	for _, file := range documents(t) {
		for _, b := range blocks(t, file, "") {
			if line := ofCommand.FindString(b.text); line != "" {
				t.Errorf("%s:%d: %q: begin the block with sh, or with \"sh not run: why\"", b.file, b.line, line)
			}
		}
	}
}

// shown are command lines of our programs: in blocks that do not run, and within sentences.
var shown = regexp.MustCompile("(?m)(?:`|^ *(?:\\$ )?)(?:bin/)?((?:fedrelay|fedrelay-demo|loadgen) [^`\n#|>&]*)")

// What is shown and does not run has verbs and flags that there are.
func TestCommandsThatAreOnlyShownExist(t *testing.T) {
	if err := build(); err != nil {
		t.Fatal(err)
	}
	helps, seen := map[string]string{}, 0
	for _, file := range documents(t) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := regexp.MustCompile(`\\\n *`).ReplaceAllString(string(content), "")
		text = regexp.MustCompile("(`[^`\n]*)\n *([^`\n]*`)").ReplaceAllString(text, "$1 $2") // wrapped
		for _, m := range shown.FindAllStringSubmatch(text, -1) {
			if isProse(m[0]) {
				continue
			}
			seen++
			if why := unknownIn(helps, strings.Fields(m[1])); why != "" {
				t.Errorf("%s: %q: %s", filepath.Base(file), m[1], why)
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d commands were found", seen)
	}
}

// isProse reports whether a line only begins with the name of a program.
func isProse(line string) bool {
	return !strings.HasPrefix(line, "`") && !strings.Contains(line, " --") && !strings.HasPrefix(strings.TrimSpace(line), "$")
}

var (
	flagWord = regexp.MustCompile(`^--?[a-z][a-z0-9-]*`)
	verbWord = regexp.MustCompile(`^[a-z][a-z-]*$`)
	ofTwin   = regexp.MustCompile(`^--(col|line)-`)
)

// unknownIn says what help does not know of a command line.
func unknownIn(helps map[string]string, words []string) string {
	verbs := words[1:]
	if len(verbs) > 0 && verbs[0] == "help" {
		verbs = verbs[1:]
	}
	n := 0
	for n < len(verbs) && verbWord.MatchString(verbs[n]) && (n == 0 || isGroup(verbs[n-1])) {
		n++
	}
	help, err := helpOf(helps, words[0], verbs[:n])
	if err != nil {
		return err.Error()
	}
	known := strings.FieldsFunc(help, func(r rune) bool { return strings.ContainsRune(" \n,;", r) })
	for _, w := range verbs {
		f := flagWord.FindString(w)
		if f != "" && !slices.Contains(known, f) && !slices.Contains(known, ofTwin.ReplaceAllString(f, "--fed-")) {
			return "there is no flag " + f
		}
	}
	return ""
}

// isGroup reports whether a verb has verbs of its own.
func isGroup(verb string) bool { return verb == "config" || verb == "keys" || verb == "completion" }

// helpOf asks a program for the help of a verb, once.
func helpOf(helps map[string]string, program string, verbs []string) (string, error) {
	key := program + " help " + strings.Join(verbs, " ")
	if helps[key] == "" {
		cmd := exec.Command(filepath.Join(programsDir, program), slices.Concat([]string{"help"}, verbs)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("%w: %s", err, out)
		}
		helps[key] = string(out)
	}
	return helps[key], nil
}
