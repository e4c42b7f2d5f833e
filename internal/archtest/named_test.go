package archtest

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What ARCHITECTURE.md names exists. Each text in backticks is one of these:
//
//   - with a slash or the end of a file name: a file or folder, from the root or from internal/.
//     One whose first element has a dot is a package of a module that go.mod requires.
//   - one word, or words with dots between: a Go symbol as Name, Type.Member, package.Name or
//     package.Type.Member, a key of the configuration, or one of otherWords. What is called may
//     have its parentheses.
//   - anything else, because it has a blank, a sign or a slash in front: a command, a line of the
//     protocol, an address. It is not looked up.

// otherWords are single words that ARCHITECTURE.md puts in backticks and that are not of Go.
var otherWords = []string{
	"write", "writev", // of the kernel
	"demo", "check", // verbs of fedrelay
	"data", "headers", "protocol", // of an envelope
	"skipped", // a fate, as metrics have it
}

var (
	span       = regexp.MustCompile("`([^`]+)`")
	fenced     = regexp.MustCompile("(?ms)^```.*?^```")
	call       = regexp.MustCompile(`\([^)]*\)$`)
	pathLike   = regexp.MustCompile(`^[\w.-]+(/[\w.-]*)+$|^[\w-]+\.(go|md|mod|json|yaml)$`)
	symbolLike = regexp.MustCompile(`^\w+(\.\w+)*$`)
)

// unknown returns what the text puts in backticks that should exist and does not.
func (h *house) unknown(text string) (names []string) {
	for _, m := range span.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		if name := call.ReplaceAllString(m[1], ""); !h.knows(name) {
			names = append(names, m[1])
		}
	}
	return names
}

func (h *house) knows(name string) bool {
	switch {
	case pathLike.MatchString(name):
		return h.hasPath(strings.TrimSuffix(name, "/"))
	case symbolLike.MatchString(name):
		return h.symbols[name] || slices.Contains(otherWords, name) || h.hasKey(name)
	}
	return true
}

func (h *house) hasPath(name string) bool {
	if first, _, below := strings.Cut(name, "/"); below && strings.Contains(first, ".") && !h.paths[first] {
		return slices.ContainsFunc(h.modules, func(m string) bool { return name == m || strings.HasPrefix(name, m+"/") })
	}
	return h.paths[name] || h.paths["internal/"+name]
}

// hasKey reports whether each word of a name is one of a key of the configuration.
func (h *house) hasKey(name string) bool {
	for word := range strings.SplitSeq(name, ".") {
		if !h.keys[word] {
			return false
		}
	}
	return true
}

// architecture returns the text of ARCHITECTURE.md.
func architecture(t *testing.T) string {
	t.Helper()
	for _, f := range files(t) {
		if f.path == "ARCHITECTURE.md" {
			return string(f.content)
		}
	}
	t.Fatal("there is no ARCHITECTURE.md")
	return ""
}

// section returns what stands below a heading, up to the next of the same level.
func section(t *testing.T, text, heading string) string {
	t.Helper()
	_, below, ok := strings.Cut(text, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("ARCHITECTURE.md has no section %q", heading)
	}
	below, _, _ = strings.Cut(below, "\n## ")
	return below
}

func TestWhatArchitectureNamesExists(t *testing.T) {
	text := architecture(t)
	if n := len(span.FindAllString(text, -1)); n < 50 {
		t.Errorf("only %d names in backticks", n)
	}
	for _, name := range theHouse(t).unknown(text) {
		t.Errorf("ARCHITECTURE.md names `%s`, which is no file, folder, Go symbol or key of the configuration", name)
	}
}

func TestNamesAreLookedUp(t *testing.T) {
	h := theHouse(t)
	for name, known := range map[string]bool{
		"wire/skip.go": true, "relay/drain.go": true, "internal/relay": true, "pool/": true, "go.mod": true,
		"Pipeline": true, "Pipeline.Take": true, "wire.Scan": true, "pipeline.Pipeline.Take(b)": true,
		"pipeline.portable": true, "golang.org/x/net/proxy": true,
		"PUB subject size": true, "-tags pooldebug": true, "/metrics": true, "ws://": true, "${file:PATH}": true,

		"wire/skap.go": false, "relay/drain": false, "internal/rely": false, "skip.go": false, "nats.go": false,
		"Pipelines": false, "Pipeline.Tak": false, "wire.Scam": false, "Scan.wire": false, "relay.Pipeline.Take()": false,
		"pipeline.portabel": false, "golang.org/x/not": false, "nothingofthatname": false,
	} {
		text := "```\na drawing\n```\n\nA line with `" + name + "` in it, and `relay/drain.go`.\n"
		if found := len(h.unknown(text)) == 0; found != known {
			t.Errorf("`%s`: %v", name, found)
		}
	}
}
