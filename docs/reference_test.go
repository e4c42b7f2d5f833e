package docs

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/internal/telemetry"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

var write = flag.Bool("write", false, "renew the pages of docs/reference")

const notice = "<!-- Written from the code by go test ./docs -run Reference -write. Do not edit. -->\n\n"

// page holds a page of the reference to what the code says.
func page(t *testing.T, name, want string) {
	t.Helper()
	want = notice + want
	file := "reference/" + name + ".md"
	if *write {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the code says (%v); renew it with go test ./docs -run Reference -write", file, err)
	}
}

// A table is Markdown that is being written.
type table struct{ strings.Builder }

func (t *table) row(cells ...string) {
	for i := range cells {
		cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), "|", `\|`)
	}
	t.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func (t *table) head(cells ...string) {
	t.row(cells...)
	t.WriteString(strings.Repeat("|---", len(cells)) + "|\n")
}

// constants returns what a file says about each of its constants.
func constants(t *testing.T, path string) (names []string, about map[string]string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	about = map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if group, ok := n.(*ast.GenDecl); ok && group.Tok == token.CONST {
			for _, s := range group.Specs {
				spec := s.(*ast.ValueSpec)
				name, text := spec.Names[0].Name, spec.Comment.Text()
				if text == "" {
					text = spec.Doc.Text()
				}
				names, about[name] = append(names, name), strings.Join(strings.Fields(text), " ")
			}
		}
		return true
	})
	return names, about
}

func TestReferenceOfFatesAndReasons(t *testing.T) {
	var p table
	p.WriteString("# Fates and reasons\n\nEvery copy that a relay accepts meets one fate:\n\n")
	p.head("fate", "what it means")
	names, about := constants(t, "../pipeline/fate.go")
	for f := range pipeline.NumFates {
		_, means, _ := strings.Cut(about[names[f]], ": ")
		p.row("`"+f.String()+"`", means)
	}
	p.WriteString("\nA message is rejected, a target skipped or a copy refused for one reason:\n\n")
	p.head("reason", "what it means", "what to do")
	names, about = constants(t, "../wire/reason.go")
	for r := wire.OK + 1; r < wire.NumReasons; r++ {
		p.row("`"+r.String()+"`", about[names[r]], relay.Hint(r.String()))
	}
	page(t, "fates-and-reasons", p.String())
}

var exitCode = regexp.MustCompile(`(?m)^(?:const exit)?\s*[A-Za-z]+\s*= (\d+) +// (.*)$`)

func TestReferenceOfExitCodes(t *testing.T) {
	var p table
	p.WriteString("# Exit codes\n\n")
	p.head("code", "what it means")
	codes := map[string]string{}
	for _, file := range []string{"../internal/command/exit.go", "../cmd/fedrelay/exit.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range exitCode.FindAllStringSubmatch(string(text), -1) {
			codes[m[1]] = m[2]
		}
	}
	for code := range 256 {
		if means, ok := codes[fmt.Sprint(code)]; ok {
			p.row(fmt.Sprintf("%d", code), means)
		}
	}
	if len(codes) != 6 {
		t.Errorf("%d exit codes are known", len(codes))
	}
	p.WriteString("\n`fedrelay check --format nagios` has those of a Nagios plugin instead: " +
		"0 OK, 1 warning, 2 critical, 3 unknown.\n")
	page(t, "exit-codes", p.String())
}

var (
	metricHelp = regexp.MustCompile(`(?m)^# HELP (fedrelay_\S+) (.*)\n# TYPE \S+ (\S+)$`)
	metricLine = regexp.MustCompile(`(?m)^(fedrelay_\w+?)(?:\{([^}]*)\})? `)
	labelName  = regexp.MustCompile(`(\w+)="`)
)

func TestReferenceOfMetrics(t *testing.T) {
	text := scrape(t)
	labels := map[string]string{}
	for _, m := range metricLine.FindAllStringSubmatch(text, -1) {
		var names []string
		for _, l := range labelName.FindAllStringSubmatch(m[2], -1) {
			names = append(names, "`"+l[1]+"`")
		}
		name := strings.TrimSuffix(m[1], "_bucket") // of a histogram the only one with le
		if labels[name] == "" || strings.HasSuffix(m[1], "_bucket") {
			labels[name] = strings.Join(names, " ")
		}
	}
	var p table
	p.WriteString("# Metrics\n\nAll that `/metrics` shows of a relay. Those that begin with `go_` and " +
		"`process_` follow there. An edge has the label `cluster` on each of its series.\n\n")
	p.head("metric", "type", "labels", "what it is")
	found := metricHelp.FindAllStringSubmatch(text, -1)
	for _, m := range found {
		p.row("`"+m[1]+"`", m[3], labels[m[1]], m[2])
	}
	if len(found) < 30 {
		t.Errorf("only %d metrics", len(found))
	}
	page(t, "metrics", p.String())
}

// scrape reads the page of a real relay.
func scrape(t *testing.T) string {
	t.Helper()
	r := fedtest.StartRelay(t, fedtest.StartNetworks(t, embedded.Options{}).Config())
	defer r.Stop()
	s, err := telemetry.Serve("127.0.0.1:0", []telemetry.View{r.Relay}, telemetry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Shutdown(t.Context())
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + s.Addr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
