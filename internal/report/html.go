package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io"
	"strings"

	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/internal/uplot"
)

//go:embed page
var pageFiles embed.FS

var (
	script = uplot.Inline() + read("common.js") + read("grid.js") + read("heat.js") + read("rates.js")
	style  = uplot.Style + "\n" + read("page.css")
	page   = template.Must(template.New("page").Funcs(template.FuncMap{
		"count": optionalCount, "number": optional, "whole": whole, "ms": pageMilliseconds,
		"plural": plural,
	}).Parse(read("page.html.tmpl")))
)

func read(name string) string {
	text, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		panic("report: BUG: " + err.Error())
	}
	return string(text)
}

// HTML writes a report as one page that needs nothing else: no other file, no network.
func HTML(w io.Writer, run *record.Run) error {
	t := measure(run)
	s := summarize(run, t)
	nodes := nodesOf(run)
	data, err := json.Marshal(map[string]any{
		"nodes": gridOf(nodes), "fates": fateNames, "heat": heatOf(run, t.reply), "flow": flowOf(run),
	})
	if err != nil {
		return err
	}
	v := view{
		Summary: &s, Policy: policyFor(script), Style: template.CSS(style), Script: template.JS(script), Data: template.JS(data),
		CommandLine: shell(s.Command), Settings: settings(&s), Bar: barOf(&s), Fates: countFates(nodes),
		Ladder: ladderRows(t), Costs: costRows(&s), Worst: worst(nodes, 10), Notes: notes(&s),
	}
	if len(s.RelayLedger) > 0 {
		v.RelayRows = relayRows(&s)
	}
	return page.Execute(w, &v)
}

// policyFor returns a Content-Security-Policy: a page may use its own script and style, and load
// nothing.
func policyFor(script string) string {
	scripts := "'none'"
	if script != "" {
		scripts = digest(script)
	}
	return strings.Join([]string{
		"default-src 'none'", "script-src " + scripts, "style-src " + digest(style), "img-src data:",
		"base-uri 'none'", "form-action 'none'",
	}, "; ")
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
