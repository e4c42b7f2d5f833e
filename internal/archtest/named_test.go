package archtest

import (
	"maps"
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
	if architectureIsBehind {
		t.Skip("ARCHITECTURE.md is being written anew")
	}
	for _, f := range files(t) {
		if f.path == "ARCHITECTURE.md" {
			return string(f.content)
		}
	}
	t.Fatal("there is no ARCHITECTURE.md")
	return ""
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

// items returns the items of a list, each on one line.
func items(text string) (all []string) {
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "* "):
			all = append(all, strings.TrimSpace(line[2:]))
		case strings.HasPrefix(line, "  ") && len(all) > 0:
			all[len(all)-1] += " " + strings.TrimSpace(line)
		}
	}
	return all
}

// heldBy is the end of an item that is not obvious: the tests that hold it, by package.
var heldBy = regexp.MustCompile(`\(((?:[a-z][\w/]*: (?:Test|Fuzz)\w+(?:, (?:Test|Fuzz)\w+)*(?:; )?)+)\)\.?$`)

// unheld says what is wrong with the tests that an item names.
func (h *house) unheld(item string) (wrong []string) {
	m := heldBy.FindStringSubmatch(item)
	if m == nil {
		return []string{`ends with no test, as "(relay: TestDrain, TestStop)"`}
	}
	for group := range strings.SplitSeq(m[1], "; ") {
		pkg, tests, _ := strings.Cut(group, ": ")
		for test := range strings.SplitSeq(tests, ", ") {
			if !h.tests[pkg+": "+test] && !h.tests["internal/"+pkg+": "+test] {
				wrong = append(wrong, "names "+test+", which is no test of "+pkg)
			}
		}
	}
	return wrong
}

func TestWhatIsNotObviousIsHeldByTests(t *testing.T) {
	all := items(section(t, architecture(t), "Not obvious"))
	if len(all) < 10 {
		t.Errorf("only %d things are not obvious", len(all))
	}
	for _, item := range all {
		for _, wrong := range theHouse(t).unheld(item) {
			t.Errorf("ARCHITECTURE.md: %.60s... %s", item, wrong)
		}
	}
}

func TestTestsAreLookedUp(t *testing.T) {
	h := theHouse(t)
	own := "TestTestsAreLookedUp"
	for item, held := range map[string]bool{
		"A thing. (archtest: " + own + ")":                                 true,
		"A thing. (internal/archtest: " + own + ", TestNamesAreLookedUp)":  true,
		"A thing (archtest: " + own + "; archtest: TestNamesAreLookedUp).": true,
		"A thing.":                                            false,
		"A thing. (" + own + ")":                              false,
		"A thing. (relay: " + own + ")":                       false,
		"A thing. (archtest: " + own + ", TestNobody)":        false,
		"A thing. (archtest: " + own + "; relay: TestNobody)": false,
		"A thing. (archtest: " + own + ") And more.":          false,
		"A thing (`x.go`).":                                   false,
	} {
		if (len(h.unheld(item)) == 0) != held {
			t.Errorf("%q: %v", item, h.unheld(item))
		}
	}
}

// rows returns the folders in the first column of a table.
func rows(table string) (folders []string) {
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, m := range span.FindAllStringSubmatch(cells[1], -1) {
				folders = append(folders, m[1])
			}
		}
	}
	return folders
}

// misplaced compares the rows of a table with the packages there are. A row with a slash at its end
// covers what is below it, too.
func misplaced(rows, packages []string) (wrong []string) {
	for _, pkg := range packages {
		if !slices.ContainsFunc(rows, func(row string) bool { return covers(row, pkg) }) {
			wrong = append(wrong, "has no row for "+pkg)
		}
	}
	for _, row := range rows {
		if !slices.ContainsFunc(packages, func(pkg string) bool { return covers(row, pkg) }) {
			wrong = append(wrong, "has a row for "+row+", where no package is")
		}
	}
	return wrong
}

func covers(row, pkg string) bool {
	return row == pkg || strings.HasSuffix(row, "/") && strings.HasPrefix(pkg+"/", row)
}

func TestEachPackageHasARow(t *testing.T) {
	table := rows(section(t, architecture(t), "Where things are"))
	for _, wrong := range misplaced(table, slices.Sorted(maps.Keys(imports(t)))) {
		t.Errorf("the table of ARCHITECTURE.md %s", wrong)
	}
}

func TestRowsAreCompared(t *testing.T) {
	table := rows("| folder | x |\n|---|---|\n| `pool/` | `not this` |\n| `internal/a` `internal/b` | |\n")
	packages := []string{"pool", "pool/deep", "internal/a", "internal/b"}
	if wrong := misplaced(table, packages); len(wrong) > 0 {
		t.Error(wrong)
	}
	if wrong := misplaced(table, append(packages, "internal/c", "internal/a/deep")); len(wrong) != 2 {
		t.Errorf("packages without a row: %q", wrong)
	}
	if wrong := misplaced(append(table, "internal/c", "internal/"), packages); len(wrong) != 1 {
		t.Errorf("a row without a package: %q", wrong)
	}
}
