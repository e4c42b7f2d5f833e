package telemetry

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/wire"
)

func TestOnlyGetAndHeadAreServed(t *testing.T) {
	s := start(t, &fakeView{}, Options{})
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "BREW"} {
		a := do(t, request(t, s, method, "/metrics"))
		if a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: status %d, %v", method, a.status, a.header)
		}
	}
	for _, path := range []string{"/", "/metrics", "/healthz", "/readyz", "/stats"} {
		if a := do(t, request(t, s, http.MethodHead, path)); a.status != http.StatusOK || a.body != "" {
			t.Errorf("HEAD %s: status %d, %q", path, a.status, a.body)
		}
	}
	if n := s.rejected.read()[wrongMethod]; n != 5 {
		t.Errorf("%d counted", n)
	}
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	s := start(t, &fakeView{}, Options{})
	paths := []string{
		"/metrics/", "//metrics", "/METRICS", "/-/reload", "/index.html", "/../../etc/passwd", "/%2e%2e/metrics",
		"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline",
	}
	for _, path := range paths {
		if a := get(t, s, path); a.status != http.StatusNotFound {
			t.Errorf("%s: status %d, %q", path, a.status, a.body)
		}
	}
	if n := scrapeOf(t, s).sum("fedrelay_http_rejected_total", "reason", "path"); n != float64(len(paths)) {
		t.Errorf("%v counted", n)
	}
}

func TestALoopbackServerRejectsForeignHosts(t *testing.T) {
	s := start(t, &fakeView{}, Options{})
	_, port, _ := net.SplitHostPort(s.Addr().String())
	for host, want := range map[string]int{
		"localhost":             200,
		"LocalHost.:" + port:    200,
		"127.0.0.1:1":           200,
		"[::1]":                 200,
		"[::1]:8280":            200,
		"evil.example.net":      403,
		"evil.example.net:8280": 403,
		"127.0.0.1.example.net": 403,
		"localhost.example.net": 403,
		"10.0.0.1:" + port:      403,
	} {
		r := request(t, s, http.MethodGet, "/metrics")
		r.Host = host
		if a := do(t, r); a.status != want {
			t.Errorf("Host %s: status %d, want %d", host, a.status, want)
		}
	}
	if n := s.rejected.read()[foreignHost]; n != 5 {
		t.Errorf("%d counted", n)
	}
}

func TestAServerForOthersAnswersToAnyHost(t *testing.T) {
	all := &net.TCPAddr{IP: net.IPv4zero, Port: 8280}
	if !hostAllowed(allowedHosts(":8280", all), "relay1.ldn.example.net:8280") {
		t.Error("refused")
	}
	local := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8280}
	if !hostAllowed(allowedHosts("relay1.ldn.example.net:8280", local), "relay1.ldn.example.net:8280") {
		t.Error("the name it was told to listen on is refused")
	}
}

func TestAnHTTP10ProbeWithoutHostIsServed(t *testing.T) {
	s := start(t, &fakeView{}, Options{})
	if line := firstLine(t, dial(t, s), "GET /healthz HTTP/1.0\r\n\r\n"); !strings.Contains(line, "200") {
		t.Error(line)
	}
}

func TestProfilesAreServedWhenAsked(t *testing.T) {
	s := start(t, &fakeView{}, Options{Pprof: true})
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/goroutine?debug=1", "/debug/pprof/heap", "/debug/pprof/trace?seconds=0.01"} {
		if a := get(t, s, path); a.status != http.StatusOK || a.body == "" {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
}

func TestAddressInUseSaysWhatToDo(t *testing.T) {
	s := start(t, &fakeView{}, Options{})
	_, err := Serve(s.Addr().String(), []View{&fakeView{}}, Options{})
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatalf("%v", err)
	}
	for _, word := range []string{s.Addr().String(), "address already in use", "--http"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is not in %q", word, err)
		}
	}
}

func dial(t *testing.T, s *Server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

// firstLine sends text and returns the first line of the answer, "" if the connection ends before.
func firstLine(t *testing.T, c net.Conn, text string) string {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	return line
}

func TestClientsThatSendSlowlyAreCutOff(t *testing.T) {
	s, err := listen("127.0.0.1:0", []View{&fakeView{}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.http.ReadHeaderTimeout != 3*time.Second || s.http.WriteTimeout != 30*time.Second || s.http.ReadTimeout == 0 || s.http.IdleTimeout == 0 {
		t.Errorf("timeouts: %+v", s.http)
	}
	s.http.ReadHeaderTimeout = 20 * time.Millisecond // so that the test is short
	go s.serve()
	stopAtEnd(t, s)

	c := dial(t, s)
	if line := firstLine(t, c, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: "); strings.Contains(line, "200") {
		t.Error(line)
	}
	if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("still connected")
	}
}

func TestHugeHeadersAndQueriesAreRejected(t *testing.T) {
	s := start(t, &fakeView{}, Options{})
	huge := strings.Repeat("x", 64<<10)
	for _, text := range []string{
		"GET /metrics?" + huge + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Huge: " + huge + "\r\n\r\n",
	} {
		if line := firstLine(t, dial(t, s), text); !strings.Contains(line, "431") {
			t.Errorf("%q", line)
		}
	}
}

func TestConnectionsBeyondTheCapAreClosedAtOnce(t *testing.T) {
	s := start(t, &fakeView{}, Options{MaxConnections: 2})
	const question = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
	first, second := dial(t, s), dial(t, s)
	for _, c := range []net.Conn{first, second} {
		if line := firstLine(t, c, question); !strings.Contains(line, "200") {
			t.Fatal(line)
		}
	}
	third := dial(t, s)
	if _, err := third.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the third: %v", err)
	}
	if n := s.rejected.read()[tooManyConnections]; n != 1 {
		t.Errorf("%d counted", n)
	}

	// A place that becomes free is given to the next one.
	first.Close()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if line, err := ask(s, question); err == nil && strings.Contains(line, "200") {
			return
		}
	}
	t.Error("no place comes free")
}

func TestTheCapLeavesDescriptorsToNATS(t *testing.T) {
	for descriptors, want := range map[uint64]int{0: 1, 64: 16, 256: 64, 1024: 128, math.MaxUint64: 128} {
		if n := connectionsFor(descriptors); n != want {
			t.Errorf("%d descriptors: %d connections, want %d", descriptors, n, want)
		}
	}
}

func ask(s *Server, question string) (string, error) {
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := io.WriteString(c, question); err != nil {
		return "", err
	}
	return bufio.NewReader(c).ReadString('\n')
}

func TestScrapesRunSideBySideAndCountersNeverFall(t *testing.T) {
	v := &fakeView{sides: exampleSides()}
	s := start(t, v, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	var traffic, scrapers sync.WaitGroup
	traffic.Go(func() {
		for l := &v.ledgers[0]; ctx.Err() == nil; {
			l.Receive(2)
			l.Accept(1, 3)
			l.Settle(0, wire.OK, 3)
			l.Reject(wire.Loop)
		}
	})
	for range 4 {
		scrapers.Go(func() {
			var last float64
			for range 5 {
				e := scrapeOf(t, s)
				received := e.sum("fedrelay_messages_received_total")
				if received < last || e.sum("fedrelay_messages_in_parse") < 0 || e.sum("fedrelay_copies_in_flight") < 0 {
					t.Errorf("received %v after %v", received, last)
				}
				last = received
				if known := e.sum("fedrelay_messages_total") + e.sum("fedrelay_messages_in_parse"); known != received {
					t.Errorf("%v messages are known, %v received", known, received)
				}
			}
		})
	}
	scrapers.Wait()
	cancel()
	traffic.Wait()
}

// blockingView returns from Stats when it is told to.
type blockingView struct {
	fakeView
	asked, release chan struct{}
}

func (v *blockingView) Stats() any {
	close(v.asked)
	<-v.release
	return "late"
}

func TestShutdownWaitsForAnswersUntilItsContextEnds(t *testing.T) {
	v := &blockingView{asked: make(chan struct{}), release: make(chan struct{})}
	s, err := Serve("127.0.0.1:0", []View{v}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, s)
	if _, err := io.WriteString(c, "GET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-v.asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	close(v.release)
	if _, err := net.Dial("tcp", s.Addr().String()); err == nil {
		t.Error("it still listens")
	}
}
