package report

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/record"
)

func trial(who string, round int, invalid string, figures map[string]float64) record.Trial {
	return record.Trial{Contestant: who, Round: round, Outcome: record.Outcome{Figures: figures, Invalid: invalid}}
}

func cpu(v float64) map[string]float64 { return map[string]float64{record.CPUPerCopy: v} }

func sample() *record.Series {
	return &record.Series{Rounds: 3, Command: "make bench", Scenarios: []record.Scenario{
		{Name: "fanout", Title: "many targets", Trials: []record.Trial{
			trial("floor", 1, "", cpu(1)), trial("floor", 2, "", cpu(2)), trial("floor", 3, "", cpu(4)),
			trial("fedrelay", 1, "", cpu(3)), trial("fedrelay", 2, "5 lost", cpu(1)), trial("fedrelay", 3, "", cpu(5)),
			trial("other", 1, "1 lost", cpu(10)),
		}},
		{Name: "one", Title: "one target", Trials: []record.Trial{
			trial("direct", 1, "", map[string]float64{record.LatencyP50: 50}), trial("fedrelay", 1, "", map[string]float64{record.LatencyP50: 80}),
			trial("direct", 2, "", map[string]float64{record.LatencyP50: 70}), trial("fedrelay", 2, "", map[string]float64{record.LatencyP50: 90}),
		}},
		{Name: "storm", Title: "many replies", Trials: []record.Trial{
			trial("floor", 1, "", map[string]float64{record.ReplyRate: 200}), trial("fedrelay", 1, "", map[string]float64{record.ReplyRate: 100}),
			trial("floor", 2, "", map[string]float64{record.ReplyRate: 100}), trial("fedrelay", 2, "", map[string]float64{record.ReplyRate: 90}),
		}},
	}}
}

func named(name string) *metric {
	for i := range figures {
		if figures[i].name == name {
			return &figures[i]
		}
	}
	panic(name)
}

func TestOnlyValidRoundsCount(t *testing.T) {
	s := &sample().Scenarios[0]
	if f, _ := figureOf(s, "fedrelay", named(record.CPUPerCopy)); f != (figure{median: 4, best: 3, worst: 5, valid: true}) {
		t.Errorf("%+v", f)
	}
	if f, _ := figureOf(s, "other", named(record.CPUPerCopy)); f != (figure{median: 10, best: 10, worst: 10}) {
		t.Errorf("%+v", f)
	}
	if _, ok := figureOf(s, "nobody", named(record.CPUPerCopy)); ok {
		t.Error("nobody has a figure")
	}
	if got := toFloor(s, "fedrelay", record.CPUPerCopy); !slices.Equal(got, []float64{3, 1.25}) {
		t.Error(got)
	}
}

func TestAddedIsTheDifferenceToNoRelay(t *testing.T) {
	s := &sample().Scenarios[1]
	if f, _ := figureOf(s, "fedrelay", named(record.AddedP50)); f.best != 30 || f.median != 25 || f.worst != 40 {
		t.Errorf("%+v", f)
	}
	if _, ok := figureOf(s, "direct", named(record.AddedP50)); ok {
		t.Error("direct adds to itself")
	}
}

func TestTablesSayWhatIsInvalid(t *testing.T) {
	var b strings.Builder
	if err := SeriesText(&b, sample(), "fedrelay"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"fedrelay/floor", "4 (3 to 5)", "2.12 (1.25 to 3)", "10!", "* ! fanout, fedrelay, round 2: 5 lost"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestATableForADocument(t *testing.T) {
	s := sample()
	s.Machine, s.Versions = map[string]string{"cores": "2"}, map[string]string{"fedrelay": "2b5efa9"}
	file := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(file, []byte("before\n"+markdownBegin+"old\n"+markdownEnd+"after\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		if err := MarkdownInto(file, s, "fedrelay"); err != nil {
			t.Fatal(err)
		}
	}
	content, _ := os.ReadFile(file)
	text := string(content)
	for _, want := range []string{
		"before\n<!--", "Without TLS:\n\n| scenario", "| fanout | CPU per copy us | 2 (1 to 4) | 4 (3 to 5) | 10! | - | 2.12 (1.25 to 3) |", "-->\nafter\n", "`make bench`",
		"cores 2", "fedrelay 2b5efa9", "! fanout, fedrelay, round 2: 5 lost",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "old") {
		t.Error("the old table is still there")
	}
}

func TestATableHasOnePlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	const place = markdownBegin + "old\n" + markdownEnd
	for name, text := range map[string]string{
		"none": "", "no end": markdownBegin, "no beginning": markdownEnd, "the wrong way round": markdownEnd + markdownBegin,
		"two": place + place, "two ends": place + markdownEnd,
	} {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		err := MarkdownInto(file, sample(), "fedrelay")
		if content, _ := os.ReadFile(file); err == nil || string(content) != text {
			t.Errorf("%s: wrote a table: %v", name, err)
		}
	}
}

func TestThePageOfASeriesIsWholeAndNeedsNothingElse(t *testing.T) {
	s := sample()
	s.Scenarios[0].Title = "many <targets>"
	var b strings.Builder
	if err := SeriesHTML(&b, s); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"<svg", `class="s1"`, "many &lt;targets&gt;", "10 !", "5 lost", "</html>", "script-src &#39;none&#39;"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	if outside := regexp.MustCompile(`src=|url\(|https?:`).FindString(page); outside != "" {
		t.Errorf("the page needs %s", outside)
	}
}
