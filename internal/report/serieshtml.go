package report

import (
	"html/template"
	"io"

	"github.com/fedrelay/fedrelay/internal/record"
)

var seriesPage = template.Must(template.New("series").Parse(read("series.html.tmpl")))

// A seriesView is what the template shows. It escapes all of it but our own style.
type seriesView struct {
	*record.Series
	Policy   string
	Style    template.CSS
	Sections []section
}

// A section is one figure, with a card for each scenario that has it.
type section struct {
	Title  string
	Higher bool   // is better
	Alike  string // by what factor the same relay differed from itself; empty if it took part once
	Cards  []card
}

// SeriesHTML writes a series as one page that needs nothing else: no other file, no network, no
// script.
func SeriesHTML(w io.Writer, s *record.Series) error {
	return seriesPage.Execute(w, &seriesView{Series: s, Policy: policyFor(""), Style: template.CSS(style), Sections: sections(s)})
}

func sections(s *record.Series) (all []section) {
	names := s.Contestants()
	for _, kind := range []kind{kindMain, kindDetail, kindDoubt} {
		for i := range figures {
			m := &figures[i]
			if m.kind != kind {
				continue
			}
			part := section{Title: m.label(), Higher: m.better == more}
			for k := range s.Scenarios {
				if c, any := newCard(&s.Scenarios[k], m, names); any {
					part.Cards = append(part.Cards, c)
				}
			}
			if median, _, scenario := furthestApart(s, m); scenario != "" {
				part.Alike = number(median)
			}
			if len(part.Cards) > 0 {
				all = append(all, part)
			}
		}
	}
	return all
}
