package wan

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/record"
)

// synthetic is a series in which each contestant needs a fixed share of what JSON does. In its last
// round the edge is invalid, and absurdly good.
func synthetic() *Series {
	s := &Series{Rounds: 3, Machine: map[string]string{}, Versions: map[string]string{}}
	share := map[string]float64{plainJSON: 1, "leaf-s2_fast": 0.1, bestLeaf: 0.04, edged: 0.01}
	add := func(name string, figures func(share float64) map[string]float64) {
		of := record.Scenario{Name: name}
		for round := 1; round <= s.Rounds; round++ {
			for who, size := range share {
				o := record.Outcome{Figures: figures(size * float64(round))}
				if who == edged && round == 3 {
					o = record.Outcome{Figures: figures(1e-9), Invalid: "1 lost"}
				}
				of.Trials = append(of.Trials, record.Trial{Contestant: who, Round: round, Outcome: o})
			}
		}
		s.Scenarios = append(s.Scenarios, of)
	}
	for _, c := range Cells() {
		for _, p := range phaseNames {
			add(c.Name()+"/"+p, func(share float64) map[string]float64 {
				return map[string]float64{bytesUp: 1e6 * share, bytesDown: 2e7 * share, lastMS: 1000 * share, cpu + theRelay: 200 * share}
			})
		}
	}
	add(oneReply, func(share float64) map[string]float64 { return map[string]float64{latency: 500 * share} })
	add(encoding+"replies-v1", func(share float64) map[string]float64 { return map[string]float64{encode: 100 * share} })
	return s
}

func TestMediansAndRatiosAreThoseOfValidRounds(t *testing.T) {
	r := results{synthetic()}
	at := Cells()[0].Name() + "/replies-v1"
	if got := r.median(at, edged, named(bytesDown)); got != 300_000 {
		t.Errorf("median of two rounds: %g", got)
	}
	if got := r.ratio(at, plainJSON, edged, named(bytesDown)); math.Abs(got-100) > 1e-6 {
		t.Errorf("%g", got)
	}
	for _, none := range []float64{r.median("no such", edged, named(lastMS)), r.median(at, "nobody", named(lastMS)), r.median(at, edged, named("none"))} {
		if !math.IsNaN(none) {
			t.Errorf("%g out of nothing", none)
		}
	}
}

func TestGoalsAreJudged(t *testing.T) {
	text := results{synthetic()}.goalTable().Text()
	for _, want := range []string{
		"replies-v1: times fewer bytes than JSON", "at least 55  100  met", // 1 of 100
		"request-hex: share of the bytes with leaf nodes, s2_best", "at most 0.500  0.250  met",
		"0.300  0.010  met", "1.10  0.010  met",
		"beside what compact takes to write them, us a reply", "at most 2  1.50  met", // (1+2)/2
		"at most 150  -743  met",
	} {
		if !strings.Contains(strings.Join(strings.Fields(text), "  "), strings.Join(strings.Fields(want), "  ")) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "replies-v2: CPU") {
		t.Error("a goal is judged that nobody measured")
	}
}

func TestTheTablesHaveEveryLineAndContestant(t *testing.T) {
	var b strings.Builder
	if err := Text(&b, synthetic()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"250ms, 1000 Mbit/s", "leaf-s2_fast", "request-ip", "(1/100)", "edge, round 3: 1 lost"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestThePictureIsAnSVG(t *testing.T) {
	for name, s := range map[string]*Series{"full": synthetic(), "empty": {Rounds: 1}} {
		file := filepath.Join(t.TempDir(), "picture.svg")
		if err := Draw(file, s); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), "NaN") || strings.Contains(string(content), "Inf") {
			t.Errorf("%s: a number that is none", name)
		}
		for d := xml.NewDecoder(strings.NewReader(string(content))); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(name, err)
			}
		}
		if bars := strings.Count(string(content), "<title>"); name == "full" && bars != 4*(len(phaseNames)+len(Cells())-1) {
			t.Errorf("%d bars", bars)
		}
	}
}

func TestMarkdownStandsBetweenItsLines(t *testing.T) {
	file := filepath.Join(t.TempDir(), "doc.md")
	doc := "before\n<!-- figures: written by benchmarks -markdown, do not edit -->\nold\n<!-- end of figures -->\nafter\n"
	if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Markdown(file, synthetic()); err != nil {
		t.Fatal(err)
	}
	content, _ := os.ReadFile(file)
	text := string(content)
	if !strings.HasPrefix(text, "before\n") || !strings.HasSuffix(text, "after\n") || strings.Contains(text, "old") || !strings.Contains(text, "| replies-v2 |") {
		t.Errorf("%s", text)
	}
	if Markdown(filepath.Join(t.TempDir(), "none"), synthetic()) == nil {
		t.Error("there is no such file")
	}
}

func TestTheMatrixHasEachLineOnce(t *testing.T) {
	var names []string
	for _, c := range Cells() {
		names = append(names, c.Name())
	}
	slices.Sort(names)
	if len(names) != 11 || len(slices.Compact(names)) != 11 || Cells()[0].String() != "100ms, 100 Mbit/s" {
		t.Errorf("%q", names)
	}
}
