package deploy

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/telemetry"
)

// scraper keeps no connections that would outlive a test.
var scraper = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// A scrape is what Prometheus has seen of an instance.
type scrape struct {
	at     time.Time
	series map[string]string // values by name and labels
}

var line = regexp.MustCompile(`(?m)^([a-z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$`)

// scrapeOf reads a real page.
func scrapeOf(t *testing.T, s *telemetry.Server, instance string) scrape {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Addr().String()+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := scraper.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response.Status, err)
	}
	found := scrape{time.Now(), map[string]string{}}
	for _, m := range line.FindAllStringSubmatch(string(text), -1) {
		labels := `job="fedrelay",instance="` + instance + `"`
		if m[2] != "" {
			labels = m[2] + "," + labels
		}
		found.series[m[1]+"{"+labels+"}"] = m[3]
	}
	return found
}

// at returns the value of a series as if the page had been read so long after 1970, when the tests
// of promtool begin. Without the series it is "_", which is how promtool calls no sample.
func (s scrape) value(series string, after time.Duration) string {
	value, ok := s.series[series]
	if !ok {
		return "_"
	}
	name, _, _ := strings.Cut(series, "{")
	seconds, err := strconv.ParseFloat(value, 64)
	if err == nil && strings.HasSuffix(name, "_timestamp_seconds") && seconds > 0 {
		return strconv.FormatFloat(seconds-float64(s.at.Unix())+after.Seconds(), 'f', 0, 64)
	}
	return value
}

// serve shows relays as the program does.
func serve(t *testing.T, o telemetry.Options, views ...telemetry.View) *telemetry.Server {
	t.Helper()
	s, err := telemetry.Serve("127.0.0.1:0", views, o)
	if err != nil {
		t.Fatal(err)
	}
	closeAtEnd(t, s)
	return s
}

func closeAtEnd(t *testing.T, s *telemetry.Server) {
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
}
