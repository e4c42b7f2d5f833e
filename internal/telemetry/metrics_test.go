package telemetry

import (
	"compress/gzip"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/tools"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

func ownSeries(e exposition) []series {
	return slices.DeleteFunc(slices.Clone(e.series), func(s series) bool { return !strings.HasPrefix(s.name, "fedrelay_") })
}

func scrapeOf(t *testing.T, s *Server) exposition {
	t.Helper()
	a := get(t, s, "/metrics")
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/plain; version=0.0.4; charset=utf-8" {
		t.Fatalf("status %d, %v", a.status, a.header)
	}
	return parse(t, a.body)
}

func TestMetricsHaveExactlyTheDocumentedNamesAndLabels(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	row := regexp.MustCompile(`(?m)^\t(fedrelay_\w+)(?:\{(.*)\})?`)
	for _, m := range row.FindAllStringSubmatch(file.Doc.Text(), -1) {
		documented[m[1]+"{"+m[2]+"}"] = true
	}
	server := start(t, &endingView{}, Options{})
	server.certificates.Store(endingCertificate(t))
	e := scrapeOf(t, server)
	served, found := map[string]bool{}, map[string]bool{}
	for _, s := range ownSeries(e) {
		served[s.name+"{"+s.keys+"}"] = true
		family := s.name
		if of, _, ok := strings.Cut(s.name, "_seconds_"); ok {
			family = of + "_seconds"
		}
		found[family] = true
		counts := strings.HasSuffix(s.name, "_total")
		kind := e.types[family]
		if counts && kind != "counter" || !counts && kind != "gauge" && family == s.name || family != s.name && kind != "histogram" {
			t.Errorf("%s is a %q", s.name, kind)
		}
	}
	if !maps.Equal(documented, served) || len(found) != len(families) {
		t.Errorf("documented %v\nserved %v", slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(served)))
	}
	for _, name := range []string{"process_resident_memory_bytes", "go_goroutines", "process_open_fds"} {
		if e.sum(name) <= 0 {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestExpiryOfCredentials(t *testing.T) {
	sides := exampleSides()
	sides[0].Expiry = map[string]time.Time{"creds": time.Unix(1800000000, 0), "tls_cert": time.Unix(1900000000, 0)}
	e := scrapeOf(t, start(t, &fakeView{sides: sides}, Options{}))
	const name = "fedrelay_credential_expiry_timestamp_seconds"
	found := 0
	for _, s := range ownSeries(e) {
		if s.name == name {
			found++
		}
	}
	if found != 2 || e.sum(name) != 3700000000 {
		t.Errorf("%d series, sum %v", found, e.sum(name))
	}
}

func TestAllSeriesExistFromTheStartWithZero(t *testing.T) {
	e := scrapeOf(t, start(t, &emptyView{}, Options{}))
	for _, s := range ownSeries(e) {
		if s.value != 0 && s.name != "fedrelay_ready" && s.name != "fedrelay_build_info" && s.name != "fedrelay_config_last_reload_successful" {
			t.Errorf("%s%v is %v", s.name, s.labels, s.value)
		}
	}
	reasons, fates, targetReasons := int(wire.NumReasons)-1, int(pipeline.NumFates), 7
	for name, want := range map[string]int{
		"fedrelay_messages_total":          len(PathNames) * (1 + reasons),
		"fedrelay_copies_total":            len(PathNames) * (fates - 2 + reasons + targetReasons),
		"fedrelay_queue_bytes":             len(PathNames),
		"fedrelay_side_up":                 2,
		"fedrelay_connection_events_total": 2 * (len(EventNames) + 1),
		"fedrelay_http_rejected_total":     int(numRejections),
	} {
		got := 0
		for _, s := range e.series {
			if s.name == name {
				got++
			}
		}
		if got != want {
			t.Errorf("%s has %d series, want %d", name, got, want)
		}
	}
}

// timedView has figures that a fakeView has not.
type timedView struct{ fakeView }

func (v *timedView) Paths() []Path {
	p := v.fakeView.Paths()
	p[1].BufferLimit, p[1].Lanes, p[1].LastDeniedAt = 8000, 4, time.Unix(1700000001, 0)
	return p
}

func TestTimesAndLimitsAreOnThePage(t *testing.T) {
	e := scrapeOf(t, start(t, &timedView{fakeView{sides: exampleSides()}}, Options{}))
	for _, want := range []struct {
		value float64
		name  string
		of    [2]string
	}{
		{8000, "fedrelay_buffer_limit_bytes", [2]string{"path", "reply"}},
		{4, "fedrelay_lanes", [2]string{"path", "reply"}},
		{0, "fedrelay_last_denial_timestamp_seconds", [2]string{"path", "request"}},
		{1700000001, "fedrelay_last_denial_timestamp_seconds", [2]string{"path", "reply"}},
		{0, "fedrelay_last_error_timestamp_seconds", [2]string{"side", "federation"}},
		{1777636800, "fedrelay_last_error_timestamp_seconds", [2]string{"side", "collective"}},
	} {
		if got := e.sum(want.name, want.of[0], want.of[1]); got != want.value {
			t.Errorf("%s%q is %v, want %v", want.name, want.of, got, want.value)
		}
	}
}

func TestTheBooksBalanceOnThePage(t *testing.T) {
	v := &fakeView{sides: exampleSides()}
	l := &v.ledgers[0]
	l.Receive(10)
	l.Accept(1, 200)
	l.Accept(1, 3)
	l.Reject(wire.Wildcard)
	l.Reject(wire.Wildcard)
	l.Reject(wire.TooDeep)
	l.Settle(pipeline.Confirmed, wire.OK, 150)
	l.Settle(pipeline.Refused, wire.Loop, 2)
	l.Settle(pipeline.Skipped, wire.BadSubject, 5)
	l.Settle(pipeline.Refused, wire.OK, 1)       // not to be expected, and yet
	l.Settle(pipeline.Expired, wire.TooLarge, 4) // counted like everything
	l.Drop(11)
	e := scrapeOf(t, start(t, v, Options{}))

	for _, want := range []struct {
		value  float64
		name   string
		labels []string
	}{
		{10, "fedrelay_messages_received_total", nil},
		{2, "fedrelay_messages_total", []string{"fate", "accepted", "reason", ""}},
		{2, "fedrelay_messages_total", []string{"fate", "rejected", "reason", "wildcard"}},
		{1, "fedrelay_messages_total", []string{"reason", "too_deep"}},
		{5, "fedrelay_messages_in_parse", nil},
		{5, "fedrelay_messages_total", nil},
		{203, "fedrelay_copies_accepted_total", nil},
		{162, "fedrelay_copies_total", nil},
		{5, "fedrelay_copies_total", []string{"fate", "skipped", "reason", "bad_subject"}},
		{150, "fedrelay_copies_total", []string{"fate", "confirmed"}},
		{2, "fedrelay_copies_total", []string{"fate", "refused", "reason", "loop"}},
		{41, "fedrelay_copies_in_flight", nil},
		{11, "fedrelay_ingest_dropped_total", nil},
		{3, "fedrelay_queue_messages", nil},
		{4096, "fedrelay_queue_bytes", nil},
		{5, "fedrelay_buffers_in_use", nil},
		{6000, "fedrelay_buffer_bytes", nil},
	} {
		if got := e.sum(want.name, append(want.labels, "path", "request")...); got != want.value {
			t.Errorf("%s%v = %v, want %v", want.name, want.labels, got, want.value)
		}
	}
	if e.sum("fedrelay_messages_received_total", "path", "reply") != 0 || e.sum("fedrelay_unaccounted", "path", "reply") != 7 {
		t.Error("the reply path shows other books")
	}
}

func TestSidesAreOnThePage(t *testing.T) {
	e := scrapeOf(t, start(t, &fakeView{sides: exampleSides(), reasons: []string{"collective: down"}}, Options{}))
	for side, want := range map[string][]float64{"federation": {1, 1, 2, 3, 0}, "collective": {0, 0, 1, 0, 2}} {
		got := []float64{
			e.sum("fedrelay_side_up", "side", side),
			e.sum("fedrelay_side_subscribed", "side", side),
			e.sum("fedrelay_connections", "side", side),
			e.sum("fedrelay_connection_events_total", "side", side, "event", "connected"),
			e.sum("fedrelay_connection_events_total", "side", side, "event", "other"),
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", side, got, want)
		}
	}
	if e.sum("fedrelay_ready") != 0 {
		t.Error("ready, but it is not")
	}
	if e.sum("fedrelay_build_info", "version", "1.2.3", "cluster", "london", "identity", `relay "1"\`) != 1 {
		t.Error("build info is missing")
	}
}

func bucketBounds() (all []string) {
	for _, bounds := range [][]time.Duration{NodeBounds, LatencyBounds} {
		for i := range len(bounds) + 1 {
			all = append(all, bound(bounds, i))
		}
	}
	return all
}

// strangeView has paths, sides and events of unknown names, which must not become values of labels.
type strangeView struct{ fakeView }

func (*strangeView) Paths() []Path { return []Path{{Name: "mcollective.node.x"}, {Name: "request"}} }
func (*strangeView) Sides() []Side {
	return []Side{{Name: "sender=bob", Events: map[string]int64{"x": 1}}, {Name: "federation", Events: map[string]int64{"x\ny": 1}}}
}

func TestLabelValuesComeFromEnums(t *testing.T) {
	reasons := []string{""}
	for r := range wire.NumReasons {
		reasons = append(reasons, r.String())
	}
	for r := range numRejections {
		reasons = append(reasons, r.String())
	}
	fates := []string{"accepted", "rejected"}
	for f := range pipeline.NumFates {
		fates = append(fates, f.String())
	}
	enums := map[string][]string{
		"le": bucketBounds(), "path": PathNames[:], "side": SideNames[:], "event": append(EventNames[:], "other"), "fate": fates, "reason": reasons,
		"result": {"changed", "unchanged", "refused"},
	}
	for _, s := range ownSeries(scrapeOf(t, start(t, &strangeView{}, Options{}))) {
		if s.name == "fedrelay_build_info" {
			continue
		}
		for label, value := range s.labels {
			if !slices.Contains(enums[label], value) {
				t.Errorf("%s has %s=%q", s.name, label, value)
			}
		}
	}
}

func TestMetricsAreCompressedForWhoTakesIt(t *testing.T) {
	s := start(t, &fakeView{}, Options{})
	r := request(t, s, http.MethodGet, "/metrics")
	r.Header.Set("Accept-Encoding", "zstd, gzip")
	a := do(t, r)
	if a.header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("%v", a.header)
	}
	unzipped, err := gzip.NewReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	if e := parse(t, string(text)); len(ownSeries(e)) < 100 {
		t.Errorf("%d series", len(e.series))
	}
}

// edgeView is that of an edge.
type edgeView struct {
	fakeView
	cluster string
}

func (v *edgeView) Info() Info { return Info{Cluster: v.cluster, Identity: "edge1", Edge: true} }

// The page of an edge has more series, and none of them twice.
func TestPromtoolFindsNothingToSay(t *testing.T) {
	promtool := tools.Need(t, "promtool")
	for name, views := range map[string][]View{
		"relay": {&fakeView{sides: exampleSides()}},
		"edge":  {&edgeView{cluster: "london"}, &edgeView{cluster: "tokyo"}},
	} {
		check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
		check.Stdin = strings.NewReader(string(pageOf(t, views, Options{ChoriaMetrics: true})))
		if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func pageOf(t *testing.T, views []View, o Options) []byte {
	t.Helper()
	s, err := Serve("127.0.0.1:0", views, o)
	if err != nil {
		t.Fatal(err)
	}
	stopAtEnd(t, s)
	return []byte(get(t, s, "/metrics").body)
}
