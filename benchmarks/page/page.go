package page

import (
	_ "embed"
	"html/template"
	"os"
	"slices"

	"github.com/fedrelay/fedrelay/benchmarks/result"
)

//go:embed page.html
var source string

var page = template.Must(template.New("page").Parse(source))

// A view is what the template shows.
type view struct {
	*result.Run
	Rows     []row
	Sections []section
	Faults   []string
}

// A section is one metric with a card for each scenario that has it.
type section struct {
	Title, Unit string
	Higher      bool
	Cards       []card
}

// Save writes the page of a run.
func Save(path string, r *result.Run) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	v := view{Run: r, Rows: rows(r), Sections: sections(r), Faults: r.Faults()}
	if err := page.Execute(f, v); err != nil {
		return err
	}
	return f.Close()
}

func sections(r *result.Run) (all []section) {
	for _, kind := range []result.Kind{result.Main, result.Detail, result.Doubt} {
		for _, m := range result.Metrics {
			s := section{Title: m.Title, Unit: m.Unit, Higher: m.Higher}
			for _, scenario := range r.Scenarios {
				if c, ok := newCard(scenario, m, r.Contestants()); ok && m.Kind == kind {
					s.Cards = append(s.Cards, c)
				}
			}
			all = append(all, s)
		}
	}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.Cards) == 0 })
}
