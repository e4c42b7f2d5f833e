package chaos

import (
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/fedrelay/fedrelay/internal/report"
)

// Table is what is printed of all results.
func Table(results []Result) report.Table {
	rows := [][]string{{"fault", "what happens", "times", "requests", "replies", "lost", "duplicated", "unaccounted", "time", ""}}
	for _, r := range results {
		verdict := "ok"
		if len(r.Problems) > 0 {
			verdict = strings.Join(r.Problems, "; ")
		}
		rows = append(rows, []string{
			r.Fault.Name, r.Fault.What, fmt.Sprint(r.Times), count(r.Requests), count(r.Replies), count(r.Lost),
			count(r.Duplicated), count(r.Unaccounted), r.Took.Round(100 * time.Millisecond).String(), verdict,
		})
	}
	return report.Table{Title: "What became of requests and replies:", Left: 2, Rows: rows}
}

func count(n int64) string { return humanize.Comma(n) }
