package wan

import (
	"fmt"
	"math"
	"slices"

	"github.com/fedrelay/fedrelay/internal/report"
)

// tables are all that a series says, but for the goals.
func (r results) tables() []report.Table {
	at, short := r.reference(), r.shortest()
	all := []report.Table{
		r.table(fmt.Sprintf("Bytes on the line, of all copies or replies together (%s):", at), []Cell{at}, []column{
			{"to the nodes", named(bytesUp), worthwhile}, {"to the client", named(bytesDown), worthwhile},
		}),
		r.table("Milliseconds until the last copy is at its node, or the last reply at the client:", r.cells(), []column{
			{"", named(lastMS), 0},
		}),
		r.table(fmt.Sprintf("CPU time of each end in microseconds a copy or reply (%s). Near are the clients' NATS and the edge, "+
			"far the relay and the NATS beside it:", short), []Cell{short}, []column{{"near", nearEnd, 0}, {"far", farEnd, 0}}),
		r.table(fmt.Sprintf("Of that, the relay and the edge (%s):", short), []Cell{short}, []column{
			{"relay", named(cpu + theRelay), 0}, {"edge", named(cpu + theEdge), 0},
		}),
	}
	return slices.DeleteFunc(all, func(t report.Table) bool { return len(t.Rows) == 1 })
}

// A column is a figure that a table has for each line and phase, in a row of its own.
type column struct {
	name   string
	figure func(map[string]float64) float64
	least  float64 // what is less is not compared
}

// worthwhile is how many bytes are worth to be compared. Less is PINGs and PONGs.
const worthwhile = 1000

func (r results) table(title string, cells []Cell, figures []column) report.Table {
	t := report.Table{Title: title, Left: 2, Rows: [][]string{append([]string{"", "line"}, r.contestants()...)}}
	if figures[0].name != "" {
		t.Rows[0][1] = ""
	}
	for _, c := range cells {
		for _, p := range phaseNames {
			for _, f := range figures {
				second := f.name
				if second == "" {
					second = c.String()
				}
				if row := r.beside(c, p, f); slices.ContainsFunc(row, known) {
					t.Rows = append(t.Rows, append([]string{p, second}, row...))
				}
			}
		}
	}
	return t
}

func known(cell string) bool { return cell != report.Number(math.NaN()) }

// beside has a column for each contestant: the median, and but for the first one its ratio to that.
func (r results) beside(at Cell, phase string, of column) (row []string) {
	scenario, first := at.Name()+"/"+phase, ""
	for _, name := range r.contestants() {
		row = append(row, report.Number(r.median(scenario, name, of.figure)))
		if first == "" {
			first = name
		} else if r.median(scenario, first, of.figure) >= of.least {
			row[len(row)-1] += factor(r.ratio(scenario, name, first, of.figure))
		}
	}
	return row
}

// factor is a ratio; what is less than half is written as a fraction.
func factor(ratio float64) string {
	switch {
	case math.IsNaN(ratio) || math.IsInf(ratio, 0):
		return ""
	case ratio > 0 && ratio < 0.5:
		return " (1/" + report.Number(1/ratio) + ")"
	}
	return " (x" + report.Number(ratio) + ")"
}
