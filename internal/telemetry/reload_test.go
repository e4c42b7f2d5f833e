package telemetry

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A reload needs POST, from this machine, and from no page of another origin.
func TestReloadIsForThisMachineAndNoBrowser(t *testing.T) {
	asked := 0
	var outcome Reload
	s := &Server{options: Options{Reload: func() Reload { asked++; return outcome }}, shared: &shared{}}
	s.paths = s.routes()
	for _, c := range []struct {
		name, method, path, from, header, value string
		outcome                                 Reload
		status                                  int
		text                                    string
	}{
		{name: "GET", method: "GET", status: 405, text: "only POST"},
		{name: "POST elsewhere", path: "/metrics", status: 405, text: "only GET and HEAD"},
		{name: "another machine", from: "192.0.2.1:99", status: 403, text: "only this machine"},
		{name: "another site", header: "Sec-Fetch-Site", value: "cross-site", status: 403, text: "cross-origin"},
		{name: "another origin", header: "Origin", value: "http://evil.example.net", status: 403, text: "cross-origin"},
		{name: "a change", outcome: Reload{Changes: []string{"trace: preserve -> never"}}, status: 200, text: "trace: preserve -> never\n"},
		{name: "no change", status: 200, text: "there was nothing to change\n"},
		{name: "as JSON", header: "Accept", value: "application/json", status: 200, text: `"refused": []`},
		{name: "a refusal", outcome: Reload{Refused: []string{"cluster: needs a restart"}}, status: 400, text: "nothing has changed, because:\ncluster: needs a restart\n"},
		{name: "too late", outcome: Reload{Refused: []string{"the relay ends"}, Ending: true}, status: 409, text: "the relay ends"},
		{name: "over IPv6", from: "[::1]:99", status: 200, text: "there was nothing to change\n"},
	} {
		asked, outcome = 0, c.outcome
		method, path := c.method, c.path
		if method == "" {
			method = http.MethodPost
		}
		if path == "" {
			path = "/-/reload"
		}
		r := httptest.NewRequest(method, "http://127.0.0.1"+path, nil)
		r.RemoteAddr = "127.0.0.1:99"
		if c.from != "" {
			r.RemoteAddr = c.from
		}
		if c.header != "" {
			r.Header.Set(c.header, c.value)
		}
		w := httptest.NewRecorder()
		s.dispatch(w, r)
		served := c.status == 200 || c.status == 400 || c.status == 409
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.text) || (asked == 1) != served {
			t.Errorf("%s: %d %q, asked %d times", c.name, w.Code, w.Body, asked)
		}
	}
	if counts := s.rejected.read(); counts[otherMachine] != 1 || counts[otherOrigin] != 2 || counts[wrongMethod] != 2 {
		t.Errorf("rejected %v", counts)
	}
}

func TestReloadsAreMetrics(t *testing.T) {
	s := &scrape{reloads: Reloads{Changed: 2, Refused: 1, LastRefused: true, InForceSince: time.Unix(1700000000, 0)}}
	got := string(metricsPage(s))
	for _, want := range []string{
		`fedrelay_config_last_reload_successful 0`,
		`fedrelay_config_last_reload_success_timestamp_seconds 1700000000`,
		`fedrelay_config_reloads_total{result="changed"} 2`, `fedrelay_config_reloads_total{result="refused"} 1`,
	} {
		if !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("%s is not there", want)
		}
	}
}

func TestWithoutAReloadThereIsNoPath(t *testing.T) {
	s := &Server{shared: &shared{}}
	s.paths = s.routes()
	w := httptest.NewRecorder()
	s.dispatch(w, httptest.NewRequest(http.MethodPost, "http://127.0.0.1/-/reload", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}
