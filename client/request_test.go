package client_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/client"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// A recorded line is one message of a conversation between stock clients and nodes.
type recorded struct {
	Side, Leg, Broker, Subject, Data string
	DataSameAs                       int `json:"data_same_as"`
}

// requestsOf returns what a recorded client published.
func requestsOf(t *testing.T, file string) (all []recorded) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if r.Side == "federation" && r.Leg == "request" {
			all = append(all, r)
		}
	}
	return all
}

// An opened message is a recorded request, taken apart as far as a client needs to know it.
type opened struct {
	Data    []byte
	Headers struct {
		Reply1     string `json:"reply-to"`
		Reply2     string `json:"reply"`
		Federation struct {
			ID1      string   `json:"req"`
			ID2      string   `json:"request"`
			Targets1 []string `json:"target"`
			Targets2 []string `json:"targets"`
		}
	}
}

func TestRequestsAreThoseOfARecordedClient(t *testing.T) {
	files, err := filepath.Glob("../../shared/vectors/conversations/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Skip("no recorded traffic here")
	}
	server := fedtest.StartServer(t, embedded.Options{})
	nc := fedtest.Connect(t, server)
	tap := fedtest.NewTap(t, server)
	for _, file := range files {
		byID := map[string][]recorded{}
		for _, r := range requestsOf(t, file) {
			o := open(t, r.Data)
			f := o.Headers.Federation
			byID[f.ID1+f.ID2] = append(byID[f.ID1+f.ID2], r)
		}
		for _, messages := range byID {
			if strings.Contains(file, "batched") {
				for _, m := range messages {
					repeat(t, nc, tap, []recorded{m}) // each batch is a request of its own
				}
				continue
			}
			repeat(t, nc, tap, messages)
		}
	}
}

func open(t *testing.T, text string) (o opened) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// repeat asks what messages ask, and compares what is published.
func repeat(t *testing.T, nc *nats.Conn, tap *fedtest.Tap, messages []recorded) {
	t.Helper()
	o := open(t, messages[0].Data)
	r := &client.Request{ID: o.Headers.Federation.ID1 + o.Headers.Federation.ID2, Secure: o.Data}
	clusters := map[string]bool{}
	want := map[string]int{}
	for _, m := range messages {
		clusters[strings.Split(m.Subject, ".")[2]] = true
		want[m.Subject+m.Data]++
		if m.Subject != messages[0].Subject {
			continue
		}
		f := open(t, m.Data).Headers.Federation
		for _, target := range append(f.Targets1, f.Targets2...) {
			parts := strings.SplitN(target, ".", 3)
			if parts[1] == "node" {
				r.Nodes = append(r.Nodes, parts[2])
			} else {
				r.Agent = strings.TrimPrefix(parts[2], "agent.")
			}
		}
	}
	options := client.Options{
		Caller: recordedCaller(t, o), Clusters: slices.Sorted(maps.Keys(clusters)), Identity: "bastion1.fed.example.net", SingleReplies: true,
	}
	c, err := client.New(nc, options)
	if err != nil {
		t.Fatal(err)
	}
	start(t, c, r)
	for range messages {
		m := tap.Next()
		text := strings.ReplaceAll(string(m.Data), nc.ConnectedUrlRedacted(), "nats://127.0.0.1:4310")
		want[m.Subject+text]--
	}
	for text, n := range want {
		if n != 0 {
			t.Errorf("%+d times: %s", n, text)
		}
	}
}

// recordedCaller finds the caller in a signed request.
func recordedCaller(t *testing.T, o opened) string {
	t.Helper()
	var document struct {
		Message string
		Request []byte
	}
	var request struct {
		Caller   string
		Envelope struct{ CallerID string }
	}
	if err := json.Unmarshal(o.Data, &document); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(append([]byte(document.Message), document.Request...), &request); err != nil {
		t.Fatal(err)
	}
	return request.Caller + request.Envelope.CallerID
}

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
