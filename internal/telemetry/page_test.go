package telemetry

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
)

// plainSource is an instance that knows of nothing.
type plainSource struct{}

func (plainSource) Instance() state.Instance                      { return state.Instance{Cluster: "london"} }
func (plainSource) Requests(int) []state.Summary                  { return nil }
func (plainSource) Request(string) (state.Request, bool)          { return state.Request{}, false }
func (plainSource) Rejections(int) []state.Rejection              { return nil }
func (plainSource) Probe(context.Context, string) (p state.Probe) { return p }

func TestBrowsersGetAPageAndOthersText(t *testing.T) {
	s := start(t, &fakeView{}, Options{Sources: []state.Source{plainSource{}}})
	r := request(t, s, http.MethodGet, "/")
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	if a := do(t, r); !strings.Contains(a.body, "<!DOCTYPE html>") || !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%v %s", a.header, a.body)
	}
	if a := get(t, s, "/"); !strings.HasPrefix(a.body, "fedrelay 1.2.3") || !strings.Contains(a.body, "/api/v1/state") {
		t.Error(a.body)
	}
	if a := get(t, s, "/api/v1/state"); a.status != http.StatusOK || !strings.Contains(a.body, `"cluster":"london"`) {
		t.Error(a.status, a.body)
	}
	r = request(t, s, http.MethodGet, "/api/v1/events")
	r.Host = "evil.example.net"
	if a := do(t, r); a.status != http.StatusForbidden {
		t.Error("a foreign host:", a.status)
	}
	r = request(t, s, http.MethodGet, "/api/v1/events")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if a := do(t, r); a.status != http.StatusForbidden || scrapeOf(t, s).sum("fedrelay_http_rejected_total", "reason", "events") != 1 {
		t.Error("a page from elsewhere:", a.status)
	}
}

// A browser that listens has no answer that ends, and must not delay the end of a drain.
func TestShutdownDoesNotWaitForBrowsers(t *testing.T) {
	s, err := Serve("127.0.0.1:0", []View{&fakeView{}}, Options{Sources: []state.Source{plainSource{}}})
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, s)
	if line := firstLine(t, c, "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"); !strings.Contains(line, "200") {
		t.Fatal(line)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	began := time.Now()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
	if _, err := io.Copy(io.Discard, bufio.NewReader(c)); err != nil {
		t.Error(err)
	}
}
