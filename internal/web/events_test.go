package web

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/internal/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve serves sources until the test ends. Tests may change the hub before they ask.
func serve(t *testing.T, sources ...state.Source) (*Page, *httptest.Server) {
	t.Helper()
	p := New(sources, func() {})
	p.hub.every = 5 * time.Millisecond
	mux := http.NewServeMux()
	for path, h := range p.Routes() {
		mux.Handle(path, h)
	}
	mux.Handle("/", Index())
	s := httptest.NewServer(mux)
	t.Cleanup(func() {
		p.Close()
		s.Close()
	})
	return p, s
}

// A listener reads a stream of events.
type listener struct {
	t     *testing.T
	lines *bufio.Scanner
}

func listenTo(t *testing.T, s *httptest.Server, query string) *listener {
	t.Helper()
	r := get(t, s, "/api/v1/events"+query, nil)
	if kind := r.Header.Get("Content-Type"); r.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("%s, %s", r.Status, kind)
	}
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 4<<20)
	return &listener{t, lines}
}

func get(t *testing.T, s *httptest.Server, path string, header http.Header) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

// next returns the data of the next event of a name, and false at the end of the stream.
func (l *listener) next(name string, data any) bool {
	l.t.Helper()
	for l.lines.Scan() {
		if l.lines.Text() != "event: "+name || !l.lines.Scan() {
			continue
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(l.lines.Text(), "data: ")), data); err != nil {
			l.t.Fatal(err)
		}
		return true
	}
	return false
}

func TestABrowserIsToldWhatChanges(t *testing.T) {
	f := newFake("london")
	_, s := serve(t, f)
	l := listenTo(t, s, "")
	var instances []state.Instance
	if !l.next("state", &instances) || instances[0].Cluster != "london" {
		t.Fatalf("%+v", instances)
	}
	f.change(func() { f.instance.Request.Received = 7 })
	for instances[0].Request.Received != 7 {
		if !l.next("state", &instances) {
			t.Fatal("the stream ended")
		}
	}
	f.change(func() {
		f.requests = []state.Request{asked("r1", 2)}
		f.rejections = []state.Rejection{{Reason: "no_header", At: time.Now()}}
	})
	var recent []Recent
	for len(recent) == 0 && l.next("requests", &recent) {
	}
	var rejected []state.Rejection
	for len(rejected) == 0 && l.next("rejections", &rejected) {
	}
	if len(recent) != 1 || recent[0].ID != "r1" || recent[0].Cluster != "london" || len(rejected) != 1 {
		t.Errorf("%+v, %+v", recent, rejected)
	}
}

func TestAWatchedRequestFills(t *testing.T) {
	f := newFake("london")
	r := asked("r1", 5)
	f.requests = []state.Request{r}
	_, s := serve(t, f)
	for query, want := range map[string]string{"?request=r1&cluster=london": "r1", "?request=latest": "r1"} {
		l := listenTo(t, s, query)
		var e gridEvent
		if !l.next("grid", &e) || !e.Whole || e.Request.ID != want || e.Count != 5 || e.Request.Names != nil {
			t.Fatalf("%s: %+v", query, e)
		}
		f.change(func() {
			answer(&r, len(r.Answered))
			f.requests = []state.Request{r}
		})
		e = gridEvent{}
		if !l.next("grid", &e) || e.Whole || len(e.Changes) != 1 || e.Request.Replies != int64(len(r.Answered)) {
			t.Errorf("%s: %+v", query, e)
		}
	}
}

func TestTheNewestRequestIsFollowed(t *testing.T) {
	f := newFake("london")
	f.requests = []state.Request{asked("r1", 5)}
	var w watch
	w.want.id = latest
	w.grid, _ = w.read([]state.Source{f})
	f.requests = append([]state.Request{asked("r2", 5)}, f.requests...)
	w.read([]state.Source{f})
	if w.id != "r1" {
		t.Errorf("%s at once: nobody would see r1 fill", w.id)
	}
	w.since = time.Now().Add(-holdFor)
	if g, changed := w.read([]state.Source{f}); !changed || g.id != "r2" {
		t.Errorf("%q is followed", g.id)
	}
}

func TestNothingRunsWhileNobodyListens(t *testing.T) {
	f := newFake("london")
	p, s := serve(t, f)
	if f.reads != 0 {
		t.Error("read before somebody listens")
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/v1/events?request=latest", nil)
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	bufio.NewReader(answer.Body).ReadString('\n')
	cancel()
	answer.Body.Close()
	eventually(t, "the hub forgets the browser", func() bool {
		p.hub.mu.Lock()
		defer p.hub.mu.Unlock()
		return len(p.hub.clients) == 0 && len(p.hub.watches) == 0 && p.hub.idle == nil
	})
}

func TestListenersAreBounded(t *testing.T) {
	_, s := serve(t, newFake("london"))
	for range maxClients {
		listenTo(t, s, "")
	}
	r := get(t, s, "/api/v1/events", nil)
	text, _ := io.ReadAll(r.Body)
	if r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(text), "16 browsers") {
		t.Errorf("%s: %s", r.Status, text)
	}
}

func TestPagesFromElsewhereMayNotListen(t *testing.T) {
	p, s := serve(t, newFake("london"))
	r := get(t, s, "/api/v1/events", http.Header{"Sec-Fetch-Site": {"cross-site"}})
	if r.StatusCode != http.StatusForbidden || len(p.hub.clients) != 0 {
		t.Error(r.Status)
	}
}

func TestCloseEndsStreamsAtOnce(t *testing.T) {
	p, s := serve(t, newFake("london"))
	l := listenTo(t, s, "")
	var instances []state.Instance
	l.next("state", &instances)
	p.Close()
	p.Close() // does no harm
	for l.next("state", &instances) {
	}
	if r := get(t, s, "/api/v1/events", nil); r.StatusCode != http.StatusServiceUnavailable {
		t.Error(r.Status)
	}
}

// A stream ends now and then, so that browsers that are stopped do not keep their places.
func TestAStreamDoesNotLastForEver(t *testing.T) {
	p, s := serve(t, newFake("london"))
	p.hub.lifetime = 20 * time.Millisecond
	l := listenTo(t, s, "")
	var nothing struct{}
	if !l.next("bye", &nothing) || l.next("state", &nothing) {
		t.Error("it goes on")
	}
}

// U11, without a browser: somebody who asks and reads nothing is cut off, nobody waits for it, and
// nothing is kept for it.
func TestABrowserThatReadsNothingIsCutOff(t *testing.T) {
	f := newFake("london")
	f.requests = []state.Request{asked("r1", 2000)}
	p, s := serve(t, f)
	p.hub.patience = 50 * time.Millisecond
	f.instance.Warnings = []string{strings.Repeat("x", 1<<20)} // fills all buffers on the way soon
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "GET /api/v1/events?request=latest HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	listeners := func() int {
		p.hub.mu.Lock()
		defer p.hub.mu.Unlock()
		return len(p.hub.clients)
	}
	eventually(t, "it listens", func() bool { return listeners() == 1 })
	live := listenTo(t, s, "")
	var instances []state.Instance
	for listeners() > 1 { // another one is told all the while
		if !live.next("state", &instances) {
			t.Fatal("the stream of another one ended")
		}
	}
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatal("not within 10 s: " + what)
		}
		<-time.After(time.Millisecond)
	}
}
