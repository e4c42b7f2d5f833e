package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
)

const textWidth = 100 // columns

// Text writes a report for a terminal of 100 columns or more: what was run, whether the books
// agree, latencies, costs.
func Text(w io.Writer, run *record.Run) error {
	t := measure(run)
	s := summarize(run, t)
	var b strings.Builder
	b.WriteString(heading(&s))
	b.WriteString(banner(&s))
	b.WriteString(ledgerText(&s))
	b.WriteString(ladderText(t))
	b.WriteString(histogramText(t.reply))
	b.WriteString(ratesText(&s))
	b.WriteString(costsText(&s))
	b.WriteString(notesText(notes(&s)))
	_, err := io.WriteString(w, b.String())
	return err
}

func heading(s *Summary) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s, %s; started %s, took %s s\n",
		plural(s.Requests, "request"), plural(s.Targets, "target"), plural(s.Nodes, "node"),
		s.Started.UTC().Format("2006-01-02 15:04:05 MST"), number(s.Elapsed))
	const indent = 11
	line := func(name, text string) {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%-*s%s", indent, name, text), " ") + "\n")
	}
	line("command", shell(s.Command))
	line("settings", wrapped(settings(s), "  ", indent, textWidth))
	relay := "not watched"
	if s.Relay != "" {
		relay = plain(s.Relay)
	}
	line("relay", relay)
	where := "in another process"
	if s.InProcess {
		where = "in the generator"
	}
	line("machine", plural(s.CPUs, "CPU")+"; nodes "+where)
	line("generator", plain(s.Version))
	return b.String()
}

// settings returns name=value of all, sorted.
func settings(s *Summary) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(s.With)) {
		all = append(all, plain(name)+"="+quoted(s.With[name]))
	}
	return all
}

func banner(s *Summary) string {
	if !s.GeneratorBound {
		return ""
	}
	rule := strings.Repeat("!", textWidth)
	return "\n" + rule + "\nTHE GENERATOR WAS THE BOTTLENECK: these numbers say little of the relay.\n" +
		plain(s.GeneratorWhy) + "\n" + rule + "\n"
}

func notesText(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nnotes\n")
	for _, n := range notes {
		b.WriteString("  " + wrapped(strings.Fields(n), " ", 2, textWidth) + "\n")
	}
	return b.String()
}
