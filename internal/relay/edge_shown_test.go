package relay_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/internal/telemetry"
)

// A single reply shows that a relay reads JSON only. It is carried; requests may get lost.
func TestSingleRepliesAreCarriedAndWarnedOf(t *testing.T) {
	for _, form := range []string{config.WireCompact, config.WireJSON} {
		n := fedtest.StartLine(t, embedded.Options{})
		var log logBook
		e := fedtest.LaunchRelayWith(t, edgeConfig(n, "edge1", form), relay.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		e.WaitReady()
		clients, line := fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Line)
		const single = `{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"mc_sender":"n1"}}`
		for range 3 {
			line.Send(edgeAddress+"."+fedtest.ReplySubject("q"), single)
			if m := clients.Next(); m.Subject != fedtest.ReplySubject("q") || string(m.Data) != single {
				t.Errorf("%s: %s", m.Subject, m.Data)
			}
		}
		settle(t, e)
		warnings, warned := strings.Join(e.Warnings(), "\n"), form == config.WireCompact
		if strings.Contains(warnings, "(3 replies, the last one at ") != warned || strings.Contains(warnings, "set edge.wire to json") != warned {
			t.Errorf("%s: %q", form, warnings)
		}
		if n := e.Paths()[1].SingleReplies; n != 3 {
			t.Errorf("%d are counted", n)
		}
		if got := log.count("a relay replies in JSON"); got != map[bool]int{true: 1, false: 0}[warned] {
			t.Errorf("%s: %d lines", form, got)
		}
	}
}

// A page of metrics with two clusters is valid, and says which is which.
func TestWhatAnEdgeShows(t *testing.T) {
	n := fedtest.StartLine(t, embedded.Options{})
	c := n.EdgeConfig()
	c.Edge.Clusters = []string{"london", "tokyo"}
	p, _ := startProcess(t, c)
	page := served(t, p.Views()...)
	for _, want := range []string{
		`fedrelay_copies_accepted_total{cluster="london",path="request"} 0`,
		`fedrelay_side_up{cluster="tokyo",side="line"} 1`,
		`fedrelay_ready{cluster="tokyo"} 1`,
		`,cluster="london",identity="edge1"} 1`,
	} {
		if strings.Count(page("/metrics"), want) != 1 {
			t.Errorf("not once in the metrics: %s", want)
		}
	}
	if strings.Contains(page("/metrics"), "collective") {
		t.Error("an edge has no collective")
	}
	seen := map[string]bool{}
	for _, line := range strings.Split(page("/metrics"), "\n") {
		if series, _, _ := strings.Cut(line, "} "); strings.HasPrefix(line, "fedrelay_") && seen[series] {
			t.Errorf("twice: %s", line)
		} else {
			seen[series] = true
		}
	}
	if got := page("/readyz"); got != "ok\n" {
		t.Error(got)
	}
	n.Line.Stop()
	fedtest.Eventually(t, "both clusters say what is wrong", func() bool {
		got := page("/readyz")
		return strings.Contains(got, "cluster london: line: not connected") && strings.Contains(got, "cluster tokyo: line: not connected")
	})
	if got := page("/stats"); strings.Count(got, `"cluster": "`) != 2 || got[0] != '[' {
		t.Error(got)
	}
	if got := page("/"); !strings.Contains(got, "edge for cluster london") || !strings.Contains(got, "\nline: down") {
		t.Error(got)
	}
}

// served serves views until the test ends, and returns a function that reads a page.
func served(t *testing.T, views ...telemetry.View) func(path string) string {
	t.Helper()
	s, err := telemetry.Serve("127.0.0.1:0", views, telemetry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Shutdown(context.Background()) })
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return func(path string) string {
		answer, err := client.Get("http://" + s.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
}
