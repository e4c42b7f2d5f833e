package deploy

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/fedrelay/fedrelay/internal/tools"
)

const (
	alertsFile     = "prometheus/alerts.yml"
	alertTestsFile = "prometheus/alerts_test.yml"
	tablePage      = "../docs/how-to/grafana.md"
	runbook        = "../docs/runbook.md"
)

var write = flag.Bool("write", false, "renew the table of alerts in docs/how-to/grafana.md")

// A rule is an alert, or a record.
type rule struct {
	Alert, Record, Expr string
	Labels, Annotations map[string]string
}

func rules(t *testing.T) (all []rule) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	text, err := os.ReadFile(alertsFile)
	if err == nil {
		err = yaml.Unmarshal(text, &file)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

func alerts(t *testing.T) (all []rule) {
	t.Helper()
	return slices.DeleteFunc(rules(t), func(r rule) bool { return r.Alert == "" })
}

// run runs promtool.
func run(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), tools.Need(t, "promtool"), args...).CombinedOutput()
	if err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPromtoolLikesTheAlerts(t *testing.T) {
	run(t, "check", "rules", alertsFile)
	run(t, "test", "rules", alertTestsFile)
}

// Each alert fires for some series, and for others it does not.
func TestEachAlertIsTried(t *testing.T) {
	var file struct {
		Tests []struct {
			Cases []struct {
				Name   string      `yaml:"alertname"`
				Expect []yaml.Node `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}
	text, err := os.ReadFile(alertTestsFile)
	if err == nil {
		err = yaml.Unmarshal(text, &file)
	}
	if err != nil {
		t.Fatal(err)
	}
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, test := range file.Tests {
		for _, c := range test.Cases {
			if len(c.Expect) > 0 {
				fires[c.Name] = true
			} else {
				silent[c.Name] = true
			}
		}
	}
	for _, a := range alerts(t) {
		if !fires[a.Alert] || !silent[a.Alert] {
			t.Errorf("%s: tried with series for which it fires %v, for which it does not %v", a.Alert, fires[a.Alert], silent[a.Alert])
		}
	}
}

// Whoever is woken by an alert finds out what to do.
func TestEachAlertIsExplained(t *testing.T) {
	text, err := os.ReadFile(runbook)
	if err != nil {
		t.Fatal(err)
	}
	headings := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^## (Fedrelay\w+)$`).FindAllStringSubmatch(string(text), -1) {
		headings[m[1]] = true
	}
	for _, a := range alerts(t) {
		if a.Annotations["summary"] == "" || a.Annotations["description"] == "" || a.Labels["severity"] == "" {
			t.Errorf("%s lacks a summary, a description or a severity", a.Alert)
		}
		if !strings.HasSuffix(a.Annotations["runbook_url"], "/docs/runbook.md#"+strings.ToLower(a.Alert)) {
			t.Errorf("%s: %s", a.Alert, a.Annotations["runbook_url"])
		}
		if !headings[a.Alert] {
			t.Errorf("%s has no section in the runbook", a.Alert)
		}
		delete(headings, a.Alert)
	}
	if len(headings) > 0 {
		t.Errorf("the runbook explains alerts that do not exist: %v", slices.Sorted(maps.Keys(headings)))
	}
}

const (
	tableBegins = "<!-- alerts: written by go test ./deploy -run Table -write, do not edit -->\n"
	tableEnds   = "<!-- end of alerts -->\n"
)

func table(t *testing.T) string {
	var b strings.Builder
	b.WriteString("\n| alert | severity | PromQL |\n|---|---|---|\n")
	for _, a := range alerts(t) {
		name := fmt.Sprintf("[%s](../runbook.md#%s)", a.Alert, strings.ToLower(a.Alert))
		fmt.Fprintf(&b, "| %s | %s | `%s` |\n", name, a.Labels["severity"], strings.ReplaceAll(a.Expr, "|", `\|`))
	}
	return b.String() + "\n"
}

func TestTheTableOfAlertsIsThatOfTheFile(t *testing.T) {
	text, err := os.ReadFile(tablePage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), tableBegins)
	now, after, ends := strings.Cut(rest, tableEnds)
	if !found || !ends {
		t.Fatal("the page has no table of alerts")
	}
	want := table(t)
	if now == want {
		return
	}
	if !*write {
		t.Fatalf("it is not; renew it by go test ./deploy -run Table -write. It should be\n%s", want)
	}
	if err := os.WriteFile(tablePage, []byte(before+tableBegins+want+tableEnds+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
