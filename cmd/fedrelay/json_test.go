package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/state"
)

// hostile is a name that some terminals obey.
const hostile = "\u009b31mred\u0085\x7f\x1b[2J\u202e"

// A hostileSource has names of that kind wherever it can.
type hostileSource struct{ remembering }

func (h *hostileSource) Instance() state.Instance {
	i := h.remembering.Instance()
	i.Version, i.Warnings = hostile, []string{hostile}
	return i
}

func (h *hostileSource) Requests(int) []state.Summary {
	return []state.Summary{{ID: h.request.ID, Sender: hostile}}
}

func (h *hostileSource) Probe(context.Context, string) state.Probe {
	return state.Probe{Identity: hostile, Detail: hostile, Subscribed: state.Unknown, Federation: state.Reach{Subscribed: true}, Collective: state.Reach{Up: true}}
}

// Whatever others call themselves, no verb's JSON holds what a terminal would obey.
func TestNoJSONHoldsWhatATerminalObeys(t *testing.T) {
	s := fedtest.StartServer(t, embedded.Options{})
	h := &hostileSource{remembering{name: "relay1"}}
	h.request = state.Request{Schema: state.Schema, ID: "8f2a", Cluster: fedtest.Cluster, Identity: hostile, Sender: hostile, First: came, Messages: 1, Names: []string{hostile}}
	h.rejected = []state.Rejection{{At: came, Cluster: fedtest.Cluster, Identity: hostile, Sender: hostile, Subject: hostile}}
	launch(t, s, "relay1", h)
	awaitAnswer(t, fedtest.Connect(t, s))
	file := filepath.Join(t.TempDir(), "a\u009b31m.yaml")
	if err := os.WriteFile(file, []byte("cluster: london\nidentity: r\nfederation: {servers: [127.0.0.1:1]}\ncollective: {servers: [127.0.0.1:1]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := []string{"--cluster", fedtest.Cluster, "--federation", s.ClientURL(), "--timeout", "1s", "--json"}
	for verb, args := range map[string][]string{
		"explain": at, "explain 8f2a": at, "rejects": at, "observe": at, "trace web1": at, "version": {"--json"},
		"config show": {"--json", "-c", file}, "check": {"--json", "-c", file}, "check --connect": {"--json", "-c", file},
	} {
		var out, errs string // of the last time: a busy machine answers late
		fedtest.Eventually(t, verb+" prints a document with the names in it", func() bool {
			out, errs, _ = says(t, append(strings.Fields(verb), args...)...)
			shown := strings.Contains(out, `\u009b31m`) || verb == "observe" && strings.Contains(out, "?31mred") || verb == "version"
			return json.Valid([]byte(out)) && shown
		})
		for _, r := range out + errs {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("%s: U+%04X in %q", verb, r, out+errs)
				break
			}
		}
	}
}
