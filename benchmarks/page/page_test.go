package page

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/benchmarks/result"
)

func TestThePageIsWholeAndNeedsNothingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.html")
	r := &result.Run{Rounds: 1, Command: "make bench", Scenarios: []result.Scenario{{Name: "x", Title: "many <targets>", Trials: []result.Trial{
		{Contestant: "floor", Round: 1, Outcome: result.Outcome{Metrics: map[string]float64{result.CPUCopy: 1, result.Lost: 0}}},
		{Contestant: "fedrelay", Round: 1, Outcome: result.Outcome{Metrics: map[string]float64{result.CPUCopy: 3}, Invalid: "7 lost"}},
	}}}}
	r.Derive("fedrelay")
	if err := Save(path, r); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := string(content)
	for _, want := range []string{"<svg", `class="s1"`, "many &lt;targets&gt;", "3.00 !", "7 lost", "</html>"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	if strings.Count(page, "<svg") != 1 { // nothing was lost by floor: no card for that
		t.Error("cards without bars")
	}
	if outside := regexp.MustCompile(`(src|href)=|url\(|https?:`).FindString(page); outside != "" {
		t.Errorf("the page needs %s", outside)
	}
}
