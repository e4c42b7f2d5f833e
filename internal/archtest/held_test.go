package archtest

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

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
var heldBy = regexp.MustCompile(`\(((?:[a-z][\w/-]*: (?:Test|Fuzz)\w+(?:, (?:Test|Fuzz)\w+)*(?:; )?)+)\)\.?$`)

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

// Each row of the table says in its last cell which tests hold it.
func TestWhatAUserMayExpectIsHeldByTests(t *testing.T) {
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(section(t, string(text), "What a user may expect")) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || !strings.Contains(cells[3], "Test") {
			continue
		}
		rows++
		for _, wrong := range theHouse(t).unheld("(" + strings.TrimSpace(cells[3]) + ")") {
			t.Errorf("CONTRIBUTING.md: %s... %s", cells[2], wrong)
		}
	}
	if rows < 13 {
		t.Errorf("only %d rows name tests", rows)
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
