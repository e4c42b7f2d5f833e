package telemetry

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

func TestHealthzIsOKWhateverTheRelayDoes(t *testing.T) {
	s := start(t, &fakeView{reasons: []string{"draining"}}, Options{})
	for _, path := range []string{"/healthz", "/-/healthy"} {
		if a := get(t, s, path); a.status != http.StatusOK || a.body != "ok\n" {
			t.Errorf("%s: %d %q", path, a.status, a.body)
		}
	}
}

func TestReadyzSaysWhatTheRelaySays(t *testing.T) {
	ready := start(t, &fakeView{}, Options{})
	notReady := start(t, &fakeView{reasons: []string{"collective: not connected:\nnats://u:pw@h:1", "draining"}}, Options{})
	for _, path := range []string{"/readyz", "/-/ready"} {
		if a := get(t, ready, path); a.status != http.StatusOK || a.body != "ok\n" {
			t.Errorf("%s: %d %q", path, a.status, a.body)
		}
		want := "collective: not connected: nats://h:1\ndraining\n"
		if a := get(t, notReady, path); a.status != http.StatusServiceUnavailable || a.body != want {
			t.Errorf("%s: %d %q", path, a.status, a.body)
		}
	}
}

func TestReadyzAsJSON(t *testing.T) {
	s := start(t, &fakeView{sides: exampleSides(), reasons: []string{"draining"}}, Options{})
	verbose := get(t, s, "/readyz?verbose")
	r := request(t, s, http.MethodGet, "/readyz")
	r.Header.Set("Accept", "application/json")
	if accepted := do(t, r); accepted.body != verbose.body {
		t.Errorf("%q", accepted.body)
	}
	var got readiness
	if err := json.Unmarshal([]byte(verbose.body), &got); err != nil {
		t.Fatal(err)
	}
	if verbose.status != http.StatusServiceUnavailable || got.Ready || len(got.Reasons) != 1 || len(got.Sides) != 2 {
		t.Errorf("%d %+v", verbose.status, got)
	}
	if side := got.Sides[1]; side.Name != "collective" || side.Up || side.LastError == "" || side.LastErrorAt.IsZero() {
		t.Errorf("%+v", side)
	}
	empty := get(t, start(t, &emptyView{}, Options{}), "/readyz?verbose")
	if want := "{\n  \"ready\": true,\n  \"reasons\": [],\n  \"warnings\": [],\n  \"sides\": []\n}\n"; empty.body != want {
		t.Errorf("%q", empty.body)
	}
}

func TestWarningsAreShownAlsoWhereTheRelayIsReady(t *testing.T) {
	s := start(t, &fakeView{warnings: []string{"the token ends\nsoon"}}, Options{})
	if a := get(t, s, "/readyz"); a.status != http.StatusOK || a.body != "ok\nwarning: the token ends soon\n" {
		t.Errorf("%d %q", a.status, a.body)
	}
	if a := get(t, s, "/readyz?verbose"); !strings.Contains(a.body, `"the token ends soon"`) {
		t.Errorf("%q", a.body)
	}
	if a := get(t, s, "/"); !strings.Contains(a.body, "ready: yes\n  warning: the token ends soon\n") {
		t.Errorf("%q", a.body)
	}
}

func TestStatsAreJSONAndCounted(t *testing.T) {
	var requests atomic.Int64
	s := start(t, &fakeView{}, Options{CountStats: func() { requests.Add(1) }})
	get(t, s, "/stats")
	a := get(t, s, "/stats")
	var document map[string]string
	if err := json.Unmarshal([]byte(a.body), &document); err != nil || document["cluster"] != "london" {
		t.Errorf("%v %q", err, a.body)
	}
	if a.header.Get("Content-Type") != "application/json" || requests.Load() != 2 {
		t.Errorf("%v, %d requests", a.header, requests.Load())
	}
}

// unwritableView has statistics that JSON cannot hold.
type unwritableView struct{ fakeView }

func (*unwritableView) Stats() any { return func() {} }

func TestStatsThatCannotBeWrittenAreAnError(t *testing.T) {
	if a := get(t, start(t, &unwritableView{}, Options{}), "/stats"); a.status != http.StatusInternalServerError {
		t.Errorf("%d %q", a.status, a.body)
	}
}

func TestTheIndexShowsBothSidesAndNoSecrets(t *testing.T) {
	s := start(t, &fakeView{sides: exampleSides(), reasons: []string{"collective: down"}}, Options{})
	a := get(t, s, "/")
	for _, want := range []string{
		"fedrelay 1.2.3", "cluster london", "ready: no", "  collective: down\n", "federation: up", "collective: down, subscribed: no",
		"nats://c1.fed.example.net:4222", "nats://c1.ldn.example.net:4222", "connection refused at 2026-05-01T12:00:00Z",
		"/metrics", "/healthz", "/readyz", "/stats",
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("%q is not in\n%s", want, a.body)
		}
	}
	for _, path := range []string{"/", "/readyz?verbose", "/metrics"} {
		if strings.Contains(get(t, s, path).body, "s3cr3t") {
			t.Errorf("%s shows a password", path)
		}
	}
	if strings.Contains(a.body, "pprof") {
		t.Error("profiles are listed but not served")
	}
}
