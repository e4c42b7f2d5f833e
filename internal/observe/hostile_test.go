package observe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

// Whoever may subscribe to questions may answer them, with anything.
func TestHostileDocumentsAreShown(t *testing.T) {
	for name, document := range map[string]string{
		"more counts than bounds": `{"request":{"added_latency":{"bounds":[1],"counts":[0,0,1,1]}}}`,
		"no bounds":               `{"request":{"added_latency":{"counts":[0,0,1,1]}}}`,
		"bounds without end":      `{"request":{"added_latency":{"bounds":[-1.7e308,1.7e308],"counts":[-5,9,1],"sum":1.7e308}}}`,
		"large sums":              `{"reply":{"added_latency":{"bounds":[1.7e308],"counts":[9223372036854775807,9223372036854775807],"sum":1.7e308}}}`,
		"counts below zero":       `{"request":{"received":-9223372036854775808,"fates":{"confirmed":-9223372036854775808,"denied":-1}}}`,
		"a year that is none":     `{"started":"9999-12-31T23:59:59-23:00"}`,
		"escape sequences":        `{"request":{"skipped":{"\u001b[2J":1}},"sides":[{"expiry":{"\u001b[2J":"2026-01-01T00:00:00Z"}}]}`,
	} {
		s := newScene(t)
		for n := range 3 {
			var text map[string]any
			if err := json.Unmarshal([]byte(document), &text); err != nil {
				t.Fatal(name, err)
			}
			text["cluster"], text["identity"] = "production", fmt.Sprint("relay", n%2)
			s.hear(service.Answer, text)
			s.pass(time.Second)
			s.Tick()
		}
		var b bytes.Buffer
		if err := WriteJSON(&b, s.Snapshot()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(b.String(), `\u001b`) {
			t.Errorf("%s: %s", name, b.String())
		}
		if err := WriteText(&b, s.Snapshot()); err != nil || strings.Contains(b.String(), "\x1b") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABrokerOfAnotherAge(t *testing.T) {
	s := newScene(t)
	for n, started := range []int64{1 << 62, -1 << 62, 1 << 40} {
		s.hear(service.Statistics, state.Statistics{Cluster: "production", Instance: fmt.Sprint("fb", n), StartTime: started})
	}
	if err := WriteJSON(io.Discard, s.Snapshot()); err != nil {
		t.Error(err)
	}
}

// Many large answers under many names must not fill the memory, and not push out who is real.
func TestTheBytesOfAnswersAreBounded(t *testing.T) {
	s := newScene(t)
	c := s.clusters[0]
	c.most = 1 << 20
	long := strings.Repeat("x", 400)
	large := state.Instance{Warnings: slices.Repeat([]string{long}, 100)}
	for n := range 60 {
		s.say(state.Instance{Identity: "relay1"})
		large.Identity = fmt.Sprint("invented", n)
		s.say(large)
		s.hear(service.Statistics, state.Statistics{Cluster: "production", Instance: fmt.Sprint("fb", n), Status: long})
		sum := 0
		for _, mb := range c.members {
			sum += mb.size()
		}
		if c.bytes > c.most || sum != c.bytes {
			t.Fatalf("%d bytes are kept, %d counted", sum, c.bytes)
		}
	}
	text := strings.Join(s.cluster().Advice, "\n")
	if !strings.Contains(text, "because more than 1.0 MiB have been said in the name of this cluster") || len(c.named["relay1"]) != 1 || len(c.named["fb7"]) != 1 {
		t.Errorf("%s; %d members", text, len(c.members))
	}
	for name, document := range map[string]string{
		"sides": `{"cluster":"production","identity":"a","sides":[{}` + strings.Repeat(",{}", 30_000) + `]}`,
		"texts": `{"cluster":"production","identity":"b","reasons":[""` + strings.Repeat(`,""`, 30_000) + `]}`,
		"keys":  `{"cluster":"production","identity":"c","request":{"fates":{` + keys(300) + `}}}`,
	} {
		before := c.unreadable
		s.Hear(service.News{Kind: service.Answer, Cluster: "production", Data: []byte(document)})
		if c.unreadable != before+1 {
			t.Errorf("%s: kept", name)
		}
	}
}

func keys(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"%d":1`, i))
	}
	return strings.Join(all, ",")
}

// A flood of answers must not fill the memory, nor keep the view from being drawn.
func TestAFloodOfAnswersIsBounded(t *testing.T) {
	s := newScene(t)
	for range 500 {
		s.pass(10 * time.Millisecond)
		s.say(state.Instance{Identity: "relay1"})
	}
	if n := len(s.clusters[0].members[0].window); n > 110 {
		t.Errorf("%d points are kept", n)
	}
	for n := range 150 {
		s.say(state.Instance{Identity: "relay2", Started: noon.Add(time.Duration(n) * time.Second)})
	}
	if n := len(s.clusters[0].named["relay2"]); n > 100 {
		t.Errorf("%d members have one name", n)
	}
}
