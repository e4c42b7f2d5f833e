package client_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/client"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// expand returns the JSON of a request, which may be compact.
func expand(t *testing.T, m []byte) (messages []string) {
	t.Helper()
	if !compact.Is(m) {
		return []string{string(m)}
	}
	var d compact.Decoder
	if _, reason := d.Open(m, compact.Limits{Bytes: 16 << 20, Messages: 10_000, Targets: 50_000}); reason != wire.OK {
		t.Fatal(reason)
	}
	text, places := d.Append(nil, nil)
	for _, place := range places {
		messages = append(messages, string(place.Of(text)))
	}
	return messages
}

func names(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("node%05d.example.net", i))
	}
	return all
}

func TestACompactRequestStandsForTheSameMessages(t *testing.T) {
	r := &client.Request{ID: id, Secure: secure(), Nodes: names(10_000)}
	var sent [2][]string
	for i, o := range []client.Options{{}, {Compact: true}} {
		p := newPage(t, o, embedded.Options{})
		call := start(t, p.client, r)
		for range call.Close().Sent.Messages {
			for _, m := range expand(t, p.request().Data) {
				_, rest, _ := strings.Cut(m, `"federation"`) // the trace names the server
				sent[i] = append(sent[i], rest)
			}
		}
	}
	equal(t, "compact", sent[1], sent[0])
	equal(t, "messages", len(sent[0]), 50)
}

func TestMessagesFitTheServer(t *testing.T) {
	for _, compact := range []bool{false, true} {
		p := newPage(t, client.Options{Compact: compact}, embedded.Options{MaxPayload: 4000})
		r := &client.Request{ID: id, Secure: secure(), Nodes: names(3000)}
		result := start(t, p.client, r).Close()
		var targets []string
		for range result.Sent.Messages {
			for _, m := range expand(t, p.request().Data) {
				for _, target := range open(t, m).Headers.Federation.Targets1 {
					targets = append(targets, strings.TrimPrefix(target, "mcollective.node."))
				}
			}
		}
		equal(t, "targets", targets, r.Nodes)
		r.Secure = slices.Repeat(secure(), 100)
		r.Version = client.V1
		_, err := p.client.Ask(t.Context(), r)
		wantError(t, err, "too large", "4000", "max_payload")
	}
}

func TestABadNameCostsItselfOnly(t *testing.T) {
	p := newPage(t, client.Options{}, embedded.Options{})
	r := &client.Request{ID: id, Secure: secure(), Nodes: []string{
		"web1", "", "web 2", "*", "web3.>", "a..b", "wéb", strings.Repeat("x", 300), "web1", "web4\r\nPUB x 1", `web"`,
	}}
	result := start(t, p.client, r).Close()
	equal(t, "targets", open(t, string(p.request().Data)).Headers.Federation.Targets1, []string{"mcollective.node.web1"})
	var reasons []string
	for _, s := range result.Skipped {
		reasons = append(reasons, s.Reason)
	}
	equal(t, "reasons", reasons, []string{
		"empty_token", "bad_subject", "wildcard", "wildcard", "empty_token", "bad_subject", "subject_too_long", "duplicate_target",
		"bad_subject", "bad_subject",
	})
	equal(t, "silent", result.Silent, []string{"web1"})
}

func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v: want %q", err, word)
		}
	}
}

func TestWrongOptionsAreExplained(t *testing.T) {
	nc := fedtest.Connect(t, fedtest.StartServer(t, embedded.Options{}))
	_, err := client.New(nil, client.Options{})
	wantError(t, err, "nats.Connect")
	_, err = client.New(nc, client.Options{})
	wantError(t, err, "Caller is empty", "Clusters is empty")
	_, err = client.New(nc, client.Options{Caller: "a", Clusters: []string{"lon.don", "*", ""}, Identity: "a b", Collective: "a.b", Group: -1})
	wantError(t, err, `"lon.don"`, `"*"`, `""`, "Identity", "Collective", "Group")
}

func TestWrongRequestsAreExplained(t *testing.T) {
	p := newPage(t, client.Options{}, embedded.Options{})
	for _, c := range []struct {
		request client.Request
		words   []string
	}{
		{client.Request{}, []string{"protocol", "Version"}},
		{client.Request{Version: 3}, []string{"Version 3"}},
		{client.Request{Version: client.V2}, []string{"one of them, not 0", "ID is empty", "Secure is empty"}},
		{client.Request{Secure: secure(), ID: "a b", Agent: "a", Service: "b", Wait: -1}, []string{"not 2", "bad_subject", "negative"}},
		{client.Request{Secure: secure(), ID: id, Agent: "a.b"}, []string{"agent", `"a.b"`, "not_allowed"}},
		{client.Request{Secure: secure(), ID: id, Nodes: []string{"*", "b c"}}, []string{"none of 2", "wildcard"}},
	} {
		_, err := p.client.Ask(t.Context(), &c.request)
		wantError(t, err, c.words...)
	}
	if len(p.asked) > 0 {
		t.Error("something was sent")
	}
}

func TestWhatIsNotSentWholeIsSaid(t *testing.T) {
	p := newPage(t, client.Options{}, embedded.Options{})
	nc := fedtest.Connect(t, fedtest.StartServer(t, embedded.Options{}))
	c := newClient(t, nc, client.Options{})
	nc.Close()
	_, err := c.Ask(t.Context(), &client.Request{ID: id, Secure: secure(), Agent: "rpcutil"})
	wantError(t, err, "connection closed")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = p.client.Ask(ctx, &client.Request{ID: id, Secure: secure(), Agent: "rpcutil"})
	wantError(t, err, "canceled")
}

// What a request to 10,000 nodes costs the caller, and how many bytes it takes.
func BenchmarkAsk(b *testing.B) {
	nc := fedtest.Connect(b, fedtest.StartServer(b, embedded.Options{}))
	document := []byte(`{"protocol":"choria:secure:request:1","message":"`)
	for random := rand.NewPCG(1, 2); len(document) < 3000; {
		document = fmt.Appendf(document, "%x", random.Uint64())
	}
	document = append(document, `"}`...)
	for form, o := range map[string]client.Options{"json": {}, "compact": {Compact: true}} {
		b.Run(form, func(b *testing.B) {
			c := newClient(b, nc, o)
			r := &client.Request{ID: id, Secure: document, Nodes: names(10_000)}
			var sent client.Traffic
			b.ReportAllocs()
			for b.Loop() {
				call, err := c.Ask(b.Context(), r)
				if err != nil {
					b.Fatal(err)
				}
				sent = call.Close().Sent
			}
			b.ReportMetric(float64(sent.Bytes), "bytes/request")
		})
	}
}
