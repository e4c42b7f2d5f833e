package report

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/record"
)

func htmlOf(t testing.TB, run *record.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestThePageNeedsNothingElse(t *testing.T) {
	page := htmlOf(t, synthetic(200, 3, 1))
	// The script of uPlot says where it comes from.
	page = strings.ReplaceAll(page, "https://github.com/leeoniya/uPlot", "")
	for _, foreign := range []string{"http://", "https://", "//cdn", "@import", "url(", "src=", "fetch(", "XMLHttpRequest", "import("} {
		if i := strings.Index(page, foreign); i >= 0 {
			t.Errorf("%s in ...%s...", foreign, page[max(0, i-40):i+40])
		}
	}
	for _, link := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if link[1] != "data:," {
			t.Error(link[0])
		}
	}
}

// The policy names the very script and style of the page: neither would work otherwise.
func TestThePolicyAllowsOnlyOurScriptAndStyle(t *testing.T) {
	page := htmlOf(t, synthetic(5, 1, 1))
	policy := between(t, page, `http-equiv="Content-Security-Policy" content="`, `"`)
	policy = strings.NewReplacer("&#39;", "'", "&#43;", "+").Replace(policy)
	for _, want := range []string{
		"default-src 'none'",
		"script-src " + digest(between(t, page, "<script>", "</script>")),
		"style-src " + digest(between(t, page, "<style>", "</style>")),
	} {
		if !strings.Contains(policy, want+";") {
			t.Errorf("no %s in %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Error(policy)
	}
	if found := regexp.MustCompile(` (on[a-z]+|style)=`).FindString(page); found != "" {
		t.Errorf("the policy forbids%s", found)
	}
}

func between(t *testing.T, text, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, from)
	inside, _, ends := strings.Cut(rest, to)
	if !found || !ends {
		t.Fatalf("no %s", from)
	}
	return inside
}

func TestHostileNamesStayText(t *testing.T) {
	const evil = `</script><img onerror=alert(1) src=x>`
	run := synthetic(3, 2, 1)
	for i := range run.Nodes {
		run.Nodes[i] = evil
	}
	run.Meta.Relay, run.Meta.Version, run.Meta.Command = evil, evil, []string{evil}
	run.Meta.Settings[evil] = evil
	run.Totals.GeneratorBound, run.Totals.Why = true, evil
	run.Relay[0].Path = evil
	run.Totals.Lost++
	page := htmlOf(t, run)
	if strings.Contains(page, "<img") {
		t.Error("an element of a name")
	}
	if n := strings.Count(page, "</script>"); n != 2 {
		t.Errorf("%d ends of scripts", n)
	}
	var data struct{ Nodes struct{ Names []string } }
	text := between(t, page, `<script type="application/json" id="data">`, "</script>")
	if err := json.Unmarshal([]byte(text), &data); err != nil || data.Nodes.Names[0] != evil {
		t.Error(err, data)
	}
}

func TestThePageIsSmall(t *testing.T) {
	if size := len(htmlOf(t, synthetic(10_000, 10, 1))); size > 1e6 {
		t.Errorf("%d bytes for 10,000 nodes", size)
	}
}

func TestNodesAreInTheirWorstState(t *testing.T) {
	run := &record.Run{
		Nodes: []string{"fine", "lost", "late", "silent", "double", "stray", "idle"},
		Requests: []record.Request{
			{Targets: []uint32{0, 1, 2, 3, 4}, Replies: []uint32{5, 0, 0, 0, 7}, Marks: []record.Mark{
				{Node: 2, What: record.Late}, {Node: 3, What: record.Silent}, {Node: 4, What: record.Duplicated},
				{Node: 5, What: record.Misdelivered}, {Node: 0, What: 99},
			}},
			{Targets: []uint32{0, 1}, Replies: []uint32{9, 1}},
		},
	}
	nodes := nodesOf(run)
	want := []fate{fateReplied, fateLost, fateLate, fateSilent, fateDuplicated, fateMisdelivered, fateIdle}
	for i := range nodes {
		if got := nodes[i].fate(); got != want[i] {
			t.Errorf("%s: %s", nodes[i].Name, fateNames[got])
		}
	}
	if n := nodes[0]; n.Asked != 2 || n.Replied != 2 || n.Mean() != 6 || n.Slowest != 8 {
		t.Errorf("%+v", n)
	}
	// All have one fault. This one was the slowest, too.
	if first := worst(nodes, 1)[0].Name; first != "double" {
		t.Error(first)
	}
}
