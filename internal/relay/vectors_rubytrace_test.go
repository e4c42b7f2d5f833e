package relay_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// A route is what `mco federation trace` draws: names and servers of each way, from left to right.
// A server stands there once if both of its neighbours are connected to it, otherwise twice.
type route struct{ request, reply, brokers []string }

// rubyRoute computes what the Ruby client makes of the trace of a reply. It takes nothing but five
// entries: client, broker, node, broker, client.
func rubyRoute(hops [][]string) (r route, ok bool) {
	if len(hops) != 5 {
		return r, false
	}
	between := func(left, right []string) []string {
		if l, r := left[len(left)-1], right[0]; l != r {
			return []string{l, r}
		}
		return right[:1]
	}
	ways := [][]string{{hops[0][0]}, between(hops[0], hops[1]), {hops[1][1]}, between(hops[1], hops[2]), {hops[2][1]}}
	r.request = slices.Concat(ways...)
	last := hops[4]
	ways = [][]string{{hops[2][1]}, between(hops[2], hops[3]), {hops[3][1]}, between(hops[3], last), {last[len(last)-1]}}
	r.reply = slices.Concat(ways...)
	r.brokers = []string{hops[1][1], hops[3][1]}
	slices.Sort(r.brokers)
	r.brokers = slices.Compact(r.brokers)
	return r, true
}

// drawing is what surrounds names in what mco prints: escape sequences and lines.
var drawing = regexp.MustCompile("\x1b\\[[0-9;]*m|[└─┐┌│]+")

// drawnRoutes reads the federated routes in what mco has printed.
func drawnRoutes(text string) (all []route) {
	for _, part := range strings.Split(text, "Reported Route:")[1:] {
		if !strings.Contains(part, "Request:") {
			continue // without a federation
		}
		var r route
		var into *[]string
		for line := range strings.Lines(part) {
			name := strings.TrimSpace(drawing.ReplaceAllString(line, ""))
			switch {
			case name == "Request:":
				into = &r.request
			case name == "Reply:":
				into = &r.reply
			case strings.HasPrefix(name, "Federation Brokers Instances"):
				into = &r.brokers
			case strings.HasPrefix(name, "Known "), strings.HasPrefix(name, "[") && strings.Contains(name, "Client"):
				into = nil
			case into != nil && strings.TrimSpace(line) != "":
				*into = append(*into, name)
			}
		}
		all = append(all, r)
	}
	return all
}

func traceOf(t *testing.T, payload []byte) (hops [][]string) {
	t.Helper()
	var m struct {
		Headers struct {
			Trace [][]string `json:"seen-by"`
		} `json:"headers"`
	}
	if err := json.Unmarshal(payload, &m); err != nil {
		t.Fatal(err)
	}
	return m.Headers.Trace
}

// What a relay carries today draws in the Ruby client as it did when the recordings were made.
func TestRubyReadsTheTrace(t *testing.T) {
	skipWithoutVectors(t)
	b := newBench(t, embedded.Options{}, func(c *config.Config) { c.Identity = "vm" })
	as := strings.NewReplacer(
		b.networks.Federation.ClientURL(), "nats://127.0.0.1:46422", b.networks.Collective.ClientURL(), "nats://127.0.0.1:46423")
	for _, name := range []string{"ruby-0.12.1-signed-go-nodes", "ruby-0.19-insecure-go-nodes", "ruby-nodes-nats-choria", "ruby-nodes-nats-ssl-yaml"} {
		text, err := os.ReadFile(filepath.Join(vectorsDir, rubyDir, name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		drawn := drawnRoutes(string(text))
		if len(drawn) != 1 {
			t.Fatalf("%s: %d routes printed", name, len(drawn))
		}
		requests, replies := 0, 0
		for _, l := range readLines[recorded](t, filepath.Join(rubyDir, name+".jsonl")) {
			if b.subjects[l.Side] != l.Subject {
				continue
			}
			// Go clients begin with the server.
			if hops := traceOf(t, l.msg().Data); len(hops) == 0 || hops[0][0] != "bastion1.fed.example.net" {
				continue
			}
			for _, s := range b.carry(t, l.Side, l.msg()) {
				hops := traceOf(t, []byte(as.Replace(string(s.Data))))
				if s.side == collective {
					requests++
					if len(hops) != 2 || len(hops[0]) != 2 {
						t.Errorf("%s: the request has the hops %q", name, hops)
					}
					continue
				}
				replies++
				got, ok := rubyRoute(append(hops, []string{"nats://127.0.0.1:46422", "bastion1.fed.example.net"}))
				if !ok || !slices.Equal(got.request, drawn[0].request) || !slices.Equal(got.reply, drawn[0].reply) || !slices.Equal(got.brokers, drawn[0].brokers) {
					t.Errorf("%s: hops %q\ndraw as %q\nprinted %q", name, hops, got, drawn[0])
				}
			}
		}
		if requests != 1 || replies != 1 {
			t.Errorf("%s: %d requests and %d replies with a trace", name, requests, replies)
		}
	}
	if _, ok := rubyRoute(make([][]string, 7)); ok {
		t.Error("the Ruby client draws a way through an edge, which has seven entries")
	}
}
