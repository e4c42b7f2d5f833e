package screen

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/fedrelay/fedrelay/internal/observe"
	"github.com/fedrelay/fedrelay/internal/state"
)

var update = flag.Bool("update", false, "write what is seen into testdata")

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

var sizes = []Size{{80, 24}, {200, 60}}

// scenes are what the view is tried with.
func scenes() map[string]observe.Snapshot {
	return map[string]observe.Snapshot{
		"three":   three(),
		"empty":   empty(),
		"two":     two(),
		"extreme": extreme(),
		"crowd":   crowd(),
		"lost":    lost(),
	}
}

func snapshot(clusters ...observe.Cluster) observe.Snapshot {
	return observe.Snapshot{
		Schema: observe.Schema, At: noon, Clusters: clusters,
		Connection: observe.Connection{Up: true, URL: "nats://fed1.example.net:4222", Since: noon.Add(-time.Minute)},
	}
}

func flow(n int64) observe.Flow {
	return observe.Flow{
		Received: n, Sent: 12 * n, ReceivedPercent: 52.1, SentPercent: 50.4, ReceivedRate: float64(n) / 10, SentRate: 1.2 * float64(n),
		Latency: observe.Latency{Count: n, P50: 0.00012, P99: 0.0043, Recent: true}, Queue: n % 10,
		Books: observe.Books{
			Copies: 12*n + 10, Fates: map[string]int64{"confirmed": 12*n - 10, "denied": 5, "skipped": 5}, InFlight: 10,
			Rejected: map[string]int64{"bad_envelope": 3, "too_large": 1},
		},
	}
}

func member(name string, n int64) observe.Member {
	return observe.Member{
		Name: name, Kind: observe.Relay, Version: "1.4.0", Started: noon.Add(-3*time.Hour - 12*time.Minute), Heard: noon,
		Request: flow(n), Reply: flow(n),
		Instance: &state.Instance{
			Schema: 1, Identity: name, Version: "1.4.0", Ready: true, Now: noon, Started: noon.Add(-3 * time.Hour),
			Sides: []state.Side{
				{Name: "federation", Up: true, Subscribed: true, URL: "nats://fed1.example.net:4222", Server: "fed1", Since: noon.Add(-time.Hour)},
				{
					Name: "collective", Up: true, Subscribed: true, URL: "nats://nats1.london.example.net:4222", Since: noon.Add(-time.Minute),
					LastError: "read tcp 192.0.2.1:4222: connection reset by peer", LastErrorAt: noon.Add(-2 * time.Minute),
					LastDenied: "mcollective.node.web7.example.net", LastDeniedAt: noon.Add(-12 * time.Second),
				},
			},
		},
	}
}

// history has a wave, and a second without anything.
func history(n int) (all []observe.Sample) {
	for i := range n {
		h := state.Histogram{Bounds: []float64{0.0001, 0.001, 0.01, 0.1, 1}, Counts: []int64{int64(i % 5), 90, 20, int64(i % 2), 0, 0}}
		m := observe.Moment{Received: float64(i%20) * 10, Sent: float64(i%20) * 100, Latency: h}
		if i == n-5 {
			m = observe.Moment{}
		}
		all = append(all, observe.Sample{At: noon.Add(time.Duration(i-n) * time.Second), Request: m, Reply: m})
	}
	return all
}

// three instances, of which one is stopped and one is a broker of 2017.
func three() observe.Snapshot {
	stopped := member("fb2.london.example.net", 491)
	stopped.Silent, stopped.Heard = 12, noon.Add(-12*time.Second)
	stopped.Request.ReceivedRate, stopped.Request.SentRate = 0, 0
	old := observe.Member{
		Name: "3 @ fb3.london.example.net", Kind: observe.Broker, Version: "0.0.25", Started: noon.Add(-48 * time.Hour), Heard: noon.Add(-4 * time.Second),
		Request: observe.Flow{Received: 31, Sent: 6100, ReceivedPercent: 2.9}, Reply: observe.Flow{Received: 5096, Sent: 5096},
		Statistics: &state.Statistics{Status: "OK", Federation: state.StatisticsSide{ConnectedServer: "nats://fed1.example.net:4222"}},
	}
	return snapshot(observe.Cluster{
		Cluster: "london", Answering: 2, Request: flow(1055), Reply: flow(1055), History: history(90),
		Members: []observe.Member{member("fb1.london.example.net", 533), stopped, old},
	})
}

func empty() observe.Snapshot {
	return snapshot(observe.Cluster{Cluster: "lodnon", Members: []observe.Member{}, Advice: []string{
		`nobody listens at "choria.federation.lodnon.fedrelay.state"`,
		`is the cluster called "lodnon"? does a relay of it run, connected to this federation?`,
		"has that relay service.enabled: true, and may its login subscribe to this subject?",
	}})
}

// two clusters.
func two() observe.Snapshot {
	s := three()
	unready := member("1", 7)
	unready.Instance.Ready = false
	unready.Instance.Reasons = []string{"collective: not connected: dial tcp 192.0.2.7:4222: connect: connection refused"}
	unready.Instance.Warnings = []string{"federation: the certificate ends in 3 days"}
	unready.Instance.Sides[1].Up = false
	s.Clusters = append(s.Clusters, observe.Cluster{
		Cluster: "tokyo", Answering: 1, Request: flow(7), Reply: flow(0), Members: []observe.Member{unready},
	})
	return s
}

// extreme has long names, large numbers and much to say.
func extreme() observe.Snapshot {
	long := strings.Repeat("a-very-long-name.", 20)
	m := member(long, 1<<59)
	m.Version = long
	m.Instance.Reasons, m.Instance.Warnings = []string{long, long}, []string{long + " " + long}
	m.Instance.Sides[0].LastError = long + " " + long
	m.Request.Books.Fates["expired"] = 1
	m.Reply.Latency.P99 = 1e9
	m.Silent = 1e9
	c := observe.Cluster{
		Cluster: long, Request: flow(1 << 59), Reply: flow(1 << 59), Members: []observe.Member{m, m, m}, History: history(1000),
		Advice: []string{long, long, long + " " + long, long, long, long, long, long, long},
	}
	c.Request.Books.Unaccounted, c.Request.Books.Dropped = 1<<60, 1<<60
	return snapshot(c, c, c)
}

// crowd has more members than any screen has lines.
func crowd() observe.Snapshot {
	s := three()
	for n := range 200 {
		s.Clusters[0].Members = append(s.Clusters[0].Members, member(fmt.Sprintf("fb%d", n+4), int64(n)))
	}
	return s
}

// lost has lost its connection.
func lost() observe.Snapshot {
	s := three()
	s.Connection = observe.Connection{Since: noon.Add(-7 * time.Second), Error: "dial tcp 192.0.2.1:4222: connect: connection refused"}
	s.Clusters[0].Advice = []string{"not connected to the federation: dial tcp 192.0.2.1:4222: connect: connection refused; trying again"}
	return s
}

// plain returns a frame as text without looks.
func plain(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(strings.TrimRight(l.Text(), " ") + "\n")
	}
	return b.String()
}

func TestFrames(t *testing.T) {
	for name, s := range scenes() {
		for _, size := range sizes {
			path := filepath.Join("testdata", fmt.Sprintf("%s-%dx%d.txt", name, size.Columns, size.Rows))
			got := plain(Frame(Unicode, s, Choice{}, size))
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got; -update writes):\n%s", path, diff)
			}
		}
	}
}

// All characters that are drawn are one column wide, so that counting them measures a line.
func TestCharactersAreOneColumnWide(t *testing.T) {
	for _, r := range drawn {
		if w := lipgloss.Width(string(r)); w != 1 {
			t.Errorf("%q is %d columns wide", r, w)
		}
	}
}

// drawn are all characters beside ASCII.
const drawn = "…─●○█■▒░▁▂▃▄▅▆▇▓"

// Whatever there is to see, in whatever size: no line is wider than the screen, and there are not
// too many.
func TestEveryLineFits(t *testing.T) {
	choices := []Choice{{}, {Detail: true, Cluster: 1}, {Help: true}}
	for name, s := range scenes() {
		for columns := 1; columns < 220; columns += 18 {
			for rows := 1; rows < 70; rows += 9 {
				for _, c := range choices {
					checkFrame(t, name, Frame(Unicode, s, c, Size{columns, rows}), Size{columns, rows}, drawn)
					checkFrame(t, name, Frame(ASCII, s, c, Size{columns, rows}), Size{columns, rows}, "")
				}
			}
		}
	}
}

func TestASmallTerminalIsToldHowLargeItMustBe(t *testing.T) {
	lines := Frame(Unicode, observe.Snapshot{}, Choice{}, Size{20, 5})
	if len(lines) == 0 || lines[0].Text() != "want 40 by 10" {
		t.Errorf("%v", lines)
	}
}

func checkFrame(t *testing.T, name string, lines []Line, size Size, allowed string) {
	t.Helper()
	if len(lines) > size.Rows {
		t.Fatalf("%s: %d lines in %v", name, len(lines), size)
	}
	for i, l := range lines {
		strange := func(r rune) bool { return (r < ' ' || r > '~') && !strings.ContainsRune(allowed, r) }
		if n := strings.IndexFunc(l.Text(), strange); n >= 0 {
			t.Fatalf("%s in %v: a character of line %d is not known to be one column wide: %q", name, size, i, l.Text()[n:])
		}
		if wide := l.Width(); wide > size.Columns || wide == size.Columns && size.Columns >= Least.Columns {
			t.Fatalf("%s in %v: line %d is %d columns wide: %q", name, size, i, wide, l.Text())
		}
	}
}

// Nothing is told by colour alone: without looks, different states read differently.
func TestSignsBesideColours(t *testing.T) {
	ready, unready, warned, silent := member("1", 1), member("1", 1), member("1", 1), member("1", 1)
	unready.Instance.Ready, silent.Silent = false, 5
	warned.Instance.Warnings = []string{"x"}
	old := observe.Member{Name: "1", Kind: observe.Broker, Statistics: &state.Statistics{}}
	for _, signs := range []Signs{Unicode, ASCII} {
		seen := map[string]bool{}
		for _, m := range []observe.Member{ready, unready, warned, silent, old} {
			seen[signs.sign(m).text+stateCell(signs, m).text] = true
		}
		if len(seen) != 5 {
			t.Errorf("%v", seen)
		}
	}
}

func TestLedgerAlwaysSumsUp(t *testing.T) {
	for _, b := range []observe.Books{
		{Copies: 3, Fates: map[string]int64{"confirmed": 1, "denied": 1}, InFlight: 1},
		{Copies: 1_000_001, Fates: map[string]int64{"confirmed": 1_000_000}, InFlight: 1},
		{Copies: 8, Fates: map[string]int64{"confirmed": 1, "denied": 1, "skipped": 1, "expired": 1, "refused": 1, "abandoned": 1, "unconfirmed": 1}, InFlight: 1},
	} {
		for cells := 8; cells < 200; cells++ {
			line := bar(Unicode.parts(b), cells)
			if line.Width() != cells {
				t.Fatalf("%d cells for %d: %q", line.Width(), cells, line.Text())
			}
			for _, s := range line {
				if s.text == "" {
					t.Fatalf("a part of %+v is not to be seen in %d cells", b, cells)
				}
			}
		}
		if l := Unicode.ledger("requests", b, 200); strings.Contains(l[1].Text(), "UNACCOUNTED") {
			t.Errorf("%s", l[1].Text())
		}
	}
	if l := Unicode.ledger("requests", observe.Books{Copies: 5, Fates: map[string]int64{"confirmed": 3}}, 80); !strings.Contains(l[1].Text(), "UNACCOUNTED 2") {
		t.Errorf("%s", l[1].Text())
	}
}
