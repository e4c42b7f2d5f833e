package relay_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// modes are the two ways to run a relay.
var modes = []string{config.CompatStrict, config.CompatPeer}

// inBothModes runs f as a subtest for each mode, and once more on the library plane.
func inBothModes(t *testing.T, f func(t *testing.T, set func(*config.Config))) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			f(t, func(c *config.Config) { c.Compat = mode })
		})
	}
	// The same messages and the same books where the NATS library reads and writes.
	t.Run("portable", func(t *testing.T) {
		t.Parallel()
		f(t, func(c *config.Config) { c.Pipeline.Portable = true })
	})
}

// A transport is a message as its receiver reads it, v1.
type transport struct {
	Protocol string `json:"protocol"`
	Data     string `json:"data"`
	Headers  struct {
		ReplyTo    string          `json:"reply-to,omitempty"`
		Sender     string          `json:"mc_sender,omitempty"`
		SeenBy     [][]string      `json:"seen-by,omitempty"`
		Federation json.RawMessage `json:"federation,omitempty"`
	} `json:"headers"`
}

func read(t *testing.T, m *nats.Msg) (v transport) {
	t.Helper()
	if err := json.Unmarshal(m.Data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// respond makes the reply of a node to what a relay published: it echoes the federation object and
// the trace, and adds its own hop, as go-choria's server does.
func respond(t *testing.T, request *nats.Msg, node, server string) string {
	t.Helper()
	v := read(t, request)
	v.Data, v.Headers.ReplyTo, v.Headers.Sender = "cmVwbHk=", "", node
	v.Headers.SeenBy = append(v.Headers.SeenBy, []string{server, node, server})
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// loop carries a request to one node and the node's reply back.
func (b *bench) loop(t *testing.T, request string) (out, back sighting) {
	t.Helper()
	one := func(from side, payload string) sighting {
		seen := b.carry(t, from, &nats.Msg{Data: []byte(payload)})
		if len(seen) != 1 {
			t.Fatalf("%d messages came of one", len(seen))
		}
		return seen[0]
	}
	out = one(federation, request)
	return out, one(collective, respond(t, out.Msg, "app7.example.net", b.networks.Collective.ClientURL()))
}

func TestConformanceC36AnySenderPassesUnchanged(t *testing.T) {
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		b := newBench(t, embedded.Options{}, set)
		odd := `bastion1 \u003cb\u003e \"é\" \\ \u2028`
		out, back := b.loop(t, strings.Replace(fill(v1fed(targets(app7)), ""), "bastion1.example.net", odd, 1))
		if want := `"mc_sender":"` + odd + `"`; !strings.Contains(string(out.Data), want) {
			t.Errorf("the sender of the request is not as it was:\n%s", out.Data)
		}
		if sender := read(t, back.Msg).Headers.Sender; sender != "app7.example.net" {
			t.Errorf("the reply comes from %q", sender)
		}
	})
}

func TestConformanceC53TheWholeLoopIsFourHops(t *testing.T) {
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		b := newBench(t, embedded.Options{}, set)
		_, back := b.loop(t, fill(v1fed(targets(app7)), ""))
		fed, col := b.networks.Federation.ClientURL(), b.networks.Collective.ClientURL()
		want := [][]string{
			{"nats://fed1.example.net:4222", "bastion1.example.net", "nats://fed1.example.net:4222"},
			{fed, "relay1 (fedrelay:london)", col},
			{col, "app7.example.net", col},
			{col, "relay1 (fedrelay:london)", fed},
		}
		if got := read(t, back.Msg).Headers.SeenBy; !equalHops(got, want) {
			t.Errorf("the trace is %q, want %q", got, want)
		}
		if back.Subject != answers {
			t.Errorf("the reply went to %s", back.Subject)
		}
	})
}

func equalHops(a, b [][]string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if strings.Join(a[i], "|") != strings.Join(b[i], "|") {
			return false
		}
	}
	return true
}
