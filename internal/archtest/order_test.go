package archtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	orderLine  = regexp.MustCompile(`(?m)^\t\{(".*")\},$`)              // of internal/lock
	docLine    = regexp.MustCompile(`(?m)^\t(\w+\.\w+(?:, \w+\.\w+)*)`) // of a section "# Locks"
	lockNames  = regexp.MustCompile(`\w+\.\w+`)
	structType = regexp.MustCompile(`(?ms)^(?:type |\t)(\w+) struct \{\n(.*?)^\t?\}`)
	classed    = regexp.MustCompile(`(?m)^\t+(\w+) +lock\.Mutex\[(\w+)\]`)
)

// lockRanks returns the line of each class in the order of internal/lock.
func lockRanks(t *testing.T) map[string]int {
	t.Helper()
	ranks := map[string]int{}
	for _, f := range files(t) {
		if f.path != "internal/lock/order_debug.go" {
			continue
		}
		for rank, line := range orderLine.FindAllSubmatch(f.content, -1) {
			for class := range strings.SplitSeq(string(line[1]), ", ") {
				ranks[strings.Trim(class, `"`)] = rank
			}
		}
	}
	return ranks
}

// lockClasses returns the class of each mutex that has one, outside of tests, by type and field:
// "Conn.reading".
func lockClasses(pkg []source) map[string]string {
	classes := map[string]string{}
	for _, s := range pkg {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		for _, body := range structType.FindAllSubmatch(s.content, -1) {
			for _, field := range classed.FindAllSubmatch(body[2], -1) {
				classes[fmt.Sprintf("%s.%s", body[1], field[1])] = fmt.Sprintf("%s.%s", s.ast.Name.Name, field[2])
			}
		}
	}
	return classes
}

// orderFaults returns where the locks of a package, or what its doc comment says of them, are not
// as ranks has it.
func orderFaults(pkg []source, ranks map[string]int) (faults []string) {
	classes := lockClasses(pkg)
	if len(classes) == 0 {
		return nil
	}
	if names := mutexes(pkg); len(names) != len(classes) {
		faults = append(faults, fmt.Sprintf("has the mutexes %q, but classes only for %v", names, classes))
	}
	for mutex, class := range classes {
		if _, ok := ranks[class]; !ok {
			faults = append(faults, fmt.Sprintf("the class of %s, %s, is not in the order", mutex, class))
		}
	}
	all := ""
	last := -1
	for _, s := range pkg {
		_, locks, _ := strings.Cut(s.ast.Doc.Text(), "# Locks\n")
		locks, _, _ = strings.Cut(locks, "\n# ")
		all += listOfLocks(locks)
		for _, line := range docLine.FindAllStringSubmatch(locks, -1) {
			for i, mutex := range strings.Split(line[1], ", ") {
				rank, ok := ranks[classes[mutex]]
				if !ok || rank < last || i > 0 && rank != last {
					faults = append(faults, fmt.Sprintf("the doc comment has %s in another place than the order", mutex))
				}
				last = rank
			}
		}
	}
	for mutex := range classes {
		if all != "" && !slices.Contains(lockNames.FindAllString(all, -1), mutex) {
			faults = append(faults, fmt.Sprintf("the doc comment says nothing of %s", mutex))
		}
	}
	return faults
}

// listOfLocks returns what a section "# Locks" has up to the last line of its list. What follows
// only mentions some of the locks.
func listOfLocks(section string) string {
	lines := docLine.FindAllStringIndex(section, -1)
	if len(lines) == 0 {
		return section
	}
	return section[:lines[len(lines)-1][1]]
}

func TestOrderOfLocksIsThatOfTheDocComments(t *testing.T) {
	ranks := lockRanks(t)
	var used []string
	for name, pkg := range byPackage(goFiles(t)) {
		for _, class := range lockClasses(pkg) {
			used = append(used, class)
		}
		for _, fault := range orderFaults(pkg, ranks) {
			t.Errorf("%s: %s (see internal/lock/order_debug.go)", name, fault)
		}
	}
	for class := range ranks {
		if !slices.Contains(used, class) {
			t.Errorf("internal/lock/order_debug.go has %s, which is the class of no mutex", class)
		}
	}
	if len(ranks) < 10 {
		t.Errorf("only %d classes found in internal/lock/order_debug.go", len(ranks))
	}
}

func TestWrongOrdersAreFound(t *testing.T) {
	content := func(lines, fields string) []source {
		return []source{parsed(t, "// Package p is.\n//\n// # Locks\n//\n"+lines+"package p\n\ntype x struct {\n"+fields+"}\n")}
	}
	const lines, fields = "//\tx.a   first\n//\tx.b, x.c\n", "\ta lock.Mutex[first]\n\tb  lock.Mutex[x]\n\tc lock.Mutex[y]\n"
	for name, c := range map[string]struct {
		pkg    []source
		faults int
	}{
		"as it is":        {content(lines, fields), 0},
		"swapped":         {content("//\tx.b, x.c\n//\tx.a\n", fields), 1},
		"no peers":        {content("//\tx.a, x.b\n//\tx.c\n", fields), 1},
		"unknown":         {content(lines+"//\tx.d\n", fields), 1},
		"left out":        {content("//\tx.a\n//\tx.b\n//\n// Mind x.c.\n", fields), 1},
		"no place":        {content("", fields+"\td lock.Mutex[z]\n"), 1},
		"without a class": {content(lines, fields+"\td sync.Mutex\n"), 1},
	} {
		if faults := orderFaults(c.pkg, map[string]int{"p.first": 0, "p.x": 1, "p.y": 1}); len(faults) != c.faults {
			t.Errorf("%s: %q", name, faults)
		}
	}
}
