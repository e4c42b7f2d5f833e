package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/telemetry"
)

const dashboardFile = "grafana/fedrelay.json"

// A dashboard is what this package reads of one.
type dashboard struct {
	Title, UID string
	Templating struct {
		List []struct{ Name, Type, Definition string }
	}
	Panels []struct {
		Title, Type, Description string
		ID                       int
		Targets                  []struct{ Expr, LegendFormat string }
	}
}

func theDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	text, err := os.ReadFile(dashboardFile)
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// expressions returns what the panels ask for, by the panel, with the variables of Grafana filled
// in.
func (d dashboard) expressions() map[string]string {
	filled := strings.NewReplacer("$__rate_interval", "5m", "$job", ".*", "$instance", ".*")
	all := map[string]string{}
	for _, p := range d.Panels {
		for i, target := range p.Targets {
			all[fmt.Sprintf("%s, query %d of panel %d", p.Title, i+1, p.ID)] = filled.Replace(target.Expr)
		}
	}
	return all
}

var metric = regexp.MustCompile(`\b(?:fedrelay|choria|go|process)_\w+`)

// everything is what pages of a relay and of an edge show that have all there is to have.
func everything(t *testing.T) (relay, edge scrape) {
	t.Helper()
	authority := natstest.NewAuthority(t, "an authority for an hour")
	n := fedtest.StartLine(t, embedded.Options{TLS: authority.Server(natstest.Soon(), "127.0.0.1")})
	trust := func(c config.Config) config.Config {
		for _, side := range []*config.Side{&c.Federation, &c.Collective, &c.Line} {
			side.TLS.CA = authority.Path
		}
		return c
	}
	r := fedtest.StartRelay(t, trust(n.Config()))
	e := fedtest.StartProcess(t, trust(n.EdgeConfig()), nil)
	page := serve(t, telemetry.Options{ChoriaMetrics: true}, r.Relay)
	cert, key := authority.Issue(natstest.Soon(), "127.0.0.1")
	remote, err := telemetry.ServeRemote(telemetry.Remote{
		Address: "127.0.0.1:0", Cert: natstest.File(t, "cert.pem", cert), Key: natstest.File(t, "key.pem", key),
	}, []telemetry.View{r.Relay}, telemetry.Options{}, page)
	if err != nil {
		t.Fatal(err)
	}
	closeAtEnd(t, remote)
	fedtest.Eventually(t, "the relays have looked at their files", func() bool {
		return len(r.Sides()[0].Expiry) > 0 && len(e.Views()[0].Sides()[0].Expiry) > 0
	})
	return scrapeOf(t, page, "relay1"), scrapeOf(t, serve(t, telemetry.Options{}, e.Views()...), "edge1")
}

// Whatever the files ask for is there on real pages, and what they ask has an answer.
func TestWhatAlertsAndDashboardAskForExists(t *testing.T) {
	d := theDashboard(t)
	if d.Title == "" || d.UID == "" || len(d.Panels) < 20 {
		t.Fatalf("%q %q: %d panels", d.Title, d.UID, len(d.Panels))
	}
	relay, edge := everything(t)
	names := map[string]bool{}
	for _, page := range []scrape{relay, edge} {
		for series := range page.series {
			name, _, _ := strings.Cut(series, "{")
			names[name] = true
		}
	}
	asked := d.expressions()
	for _, v := range d.Templating.List {
		asked["variable "+v.Name] = v.Definition
	}
	for _, r := range rules(t) {
		asked[r.Alert+r.Record] = r.Expr
	}
	for where, expr := range asked {
		for _, name := range metric.FindAllString(expr, -1) {
			if !names[name] {
				t.Errorf("%s asks for %s, which no page has", where, name)
			}
		}
	}
	answered(t, d, relay, edge)
}

// silent are queries that have no answer where nothing is wrong.
var silent = regexp.MustCompile(`> 0\)|< 1e15`)

// answered lets promtool ask what the panels ask.
func answered(t *testing.T, d dashboard, pages ...scrape) {
	t.Helper()
	var file strings.Builder
	file.WriteString("evaluation_interval: 1m\ntests:\n  - interval: 1m\n    input_series:\n")
	all := broken{before: scrape{pages[0].at, map[string]string{}}}
	for _, page := range pages {
		maps.Copy(all.before.series, page.series)
	}
	for series := range all.before.series {
		value := all.before.value(series, later)
		fmt.Fprintf(&file, "      - {series: %q, values: '%sx20'}\n", series, value)
	}
	file.WriteString("    promql_expr_test:\n")
	for _, expr := range d.expressions() {
		// A query that has no answer where all is well must at least be one.
		ask, samples := "count("+expr+") > bool 0", "[{labels: '{}', value: 1}]"
		if silent.MatchString(expr) {
			ask = "count((" + expr + ") or vector(0)) > bool 0"
		}
		fmt.Fprintf(&file, "      - {expr: %q, eval_time: %s, exp_samples: %s}\n", ask, later, samples)
	}
	path := filepath.Join(t.TempDir(), "dashboard.yml")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "test", "rules", path)
}

// A panel without words is for nobody but its author.
func TestPanelsHaveNamesAndNumbersOfTheirOwn(t *testing.T) {
	numbers, titles := map[int]bool{}, map[string]bool{}
	for _, p := range theDashboard(t).Panels {
		if p.Title == "" || numbers[p.ID] || titles[p.Title+p.Type] {
			t.Errorf("%q (%d) is there twice, or has no name", p.Title, p.ID)
		}
		numbers[p.ID], titles[p.Title+p.Type] = true, true
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("%s shows nothing", p.Title)
		}
	}
}

// The time of a scrape does not matter: what is shown is relative to it.
func TestTimesAreShiftedToThoseOfPromtool(t *testing.T) {
	s := scrape{time.Unix(1_800_000_000, 0), map[string]string{
		`fedrelay_last_error_timestamp_seconds{side="a"}`: "1799999940", `fedrelay_last_denial_timestamp_seconds{path="a"}`: "0",
		`fedrelay_lanes{path="a"}`: "3",
	}}
	for series, want := range map[string]string{
		`fedrelay_last_error_timestamp_seconds{side="a"}`: "660", `fedrelay_last_denial_timestamp_seconds{path="a"}`: "0",
		`fedrelay_lanes{path="a"}`: "3", `fedrelay_lanes{path="b"}`: "_",
	} {
		if got := s.value(series, later); got != want {
			t.Errorf("%s: %s, want %s", series, got, want)
		}
	}
}
