package preflight

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/fedrelay/fedrelay/internal/state"
)

// Formats returns the names of the forms in which Write writes a report.
func Formats() []string { return []string{"text", "json", "nagios", "prometheus"} }

// Write writes a report in one of Formats.
func (r *Report) Write(w io.Writer, format string) error {
	switch format {
	case "json":
		return state.WriteJSON(w, r)
	case "nagios":
		return r.writeNagios(w)
	case "prometheus":
		return r.writePrometheus(w)
	}
	return r.writeText(w)
}

// signs stand in front of checks, so that a level needs no colour.
var signs = map[Level]string{OK: "OK", Warning: "??", Critical: "!!", Note: "--"}

func (r *Report) writeText(w io.Writer) error {
	var b strings.Builder
	b.WriteString(r.Config + "\n")
	last := ""
	for _, c := range r.Checks {
		if h := heading(c); h != last {
			b.WriteString("\n" + h + "\n")
			last = h
		}
		c.writeText(&b)
	}
	b.WriteString("\n" + r.verdict() + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func heading(c Check) string {
	switch {
	case c.ID == IDConfig:
		return "configuration"
	case c.Side == "":
		return "both sides"
	}
	return c.Side
}

func (c Check) writeText(b *strings.Builder) {
	where := ""
	if c.Where != "" && c.Level != OK {
		where = c.Where + ": "
	}
	fmt.Fprintf(b, "  %s  %s%s\n", signs[c.Level], where, c.Text)
	for _, line := range c.Fix {
		b.WriteString("        " + line + "\n")
	}
}

// verdict is one line about all checks.
func (r *Report) verdict() string {
	passed := fmt.Sprintf("%d passed", r.Count(OK))
	switch r.Level {
	case Critical:
		return fmt.Sprintf("!! %d failed, %d to look at, %s", r.Count(Critical), r.Count(Warning), passed)
	case Warning:
		return fmt.Sprintf("?? %d to look at, %s", r.Count(Warning), passed)
	}
	return "OK " + passed
}

// nagiosCodes are the exit codes and words of Nagios's plugins.
var nagiosCodes = map[Level]struct {
	code int
	word string
}{OK: {0, "OK"}, Warning: {1, "WARNING"}, Critical: {2, "CRITICAL"}}

// NagiosCode is the exit code of a Nagios plugin for the report.
func (r *Report) NagiosCode() int { return nagiosCodes[r.Level].code }

// writeNagios writes the worst check on the first line, with performance data, and all that did not
// pass below.
func (r *Report) writeNagios(w io.Writer) error {
	var b strings.Builder
	about := r.verdict()[3:]
	if c, ok := r.worst(); ok {
		about = c.oneLine()
	}
	fmt.Fprintf(&b, "FEDRELAY %s - %s | passed=%d warning=%d critical=%d seconds=%ss\n", nagiosCodes[r.Level].word, plain(about),
		r.Count(OK), r.Count(Warning), r.Count(Critical), strconv.FormatFloat(r.Seconds, 'f', 3, 64))
	for _, c := range r.Checks {
		if c.Level == Warning || c.Level == Critical {
			fmt.Fprintf(&b, "%s: %s\n", nagiosCodes[c.Level].word, plain(c.oneLine()))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// worst returns the first check with the level of the report, unless all is well.
func (r *Report) worst() (Check, bool) {
	for _, c := range r.Checks {
		if c.Level == r.Level && r.Level != OK {
			return c, true
		}
	}
	return Check{}, false
}

func (c Check) oneLine() string {
	if c.Side == "" {
		return c.Text
	}
	return c.Side + ": " + c.Text
}

// plain takes out what separates texts from performance data in Nagios.
func plain(text string) string { return strings.NewReplacer("|", "/", "\n", " ").Replace(text) }

// writePrometheus writes metrics for the textfile collector of the node exporter.
func (r *Report) writePrometheus(w io.Writer) error {
	var b strings.Builder
	gauge := func(name, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name) }
	label := fmt.Sprintf("{cluster=%s}", labelValue(r.Cluster))
	gauge("fedrelay_check_level", "How a check has ended, the worst where there are several of a kind: 0 ok, 1 to look at, 2 failed.")
	for _, s := range r.series() {
		fmt.Fprintf(&b, "fedrelay_check_level{cluster=%s,side=%q,check=%q} %d\n", labelValue(r.Cluster), s.side, s.id, s.level)
	}
	gauge("fedrelay_check_success", "1 if no check has failed.")
	fmt.Fprintf(&b, "fedrelay_check_success%s %d\n", label, boolInt(r.Level != Critical))
	gauge("fedrelay_check_duration_seconds", "How long the checks took.")
	fmt.Fprintf(&b, "fedrelay_check_duration_seconds%s %s\n", label, strconv.FormatFloat(r.Seconds, 'f', 3, 64))
	gauge("fedrelay_check_timestamp_seconds", "When the checks began.")
	fmt.Fprintf(&b, "fedrelay_check_timestamp_seconds%s %d\n", label, r.At.Unix())
	_, err := io.WriteString(w, b.String())
	return err
}

// labelValue quotes a text of the configuration as Prometheus does, which knows three escapes. It
// may be anything: a name with mistakes is reported, too.
func labelValue(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(text, "?")) + `"`
}

type series struct {
	side, id string
	level    int
}

// series returns the worst level of each kind of check of each side. Notes have none.
func (r *Report) series() (all []series) {
	for _, c := range r.Checks {
		if c.Level == Note {
			continue
		}
		i := 0
		for i < len(all) && (all[i].side != c.Side || all[i].id != c.ID) {
			i++
		}
		if i == len(all) {
			all = append(all, series{side: c.Side, id: c.ID})
		}
		all[i].level = max(all[i].level, rank(c.Level))
	}
	return all
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
