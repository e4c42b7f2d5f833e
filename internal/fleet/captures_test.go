package fleet

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// captures are recorded conversations of the real client and nodes. They lie beside the checkout
// and are not part of it.
const captures = "../../../shared/vectors/conversations"

type captured struct {
	Side, Leg, Broker, Subject, Data string
}

func load(t *testing.T, file string) []captured {
	t.Helper()
	f, err := os.Open(filepath.Join(captures, file))
	if err != nil {
		t.Log("the recorded conversations are not beside this checkout: message bytes are NOT compared with the real ones")
		t.Skip(err)
	}
	defer f.Close()
	var out []captured
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c captured
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

func pick(all []captured, leg, broker string) []captured {
	return slices.DeleteFunc(slices.Clone(all), func(c captured) bool { return c.Leg != leg || c.Broker != broker })
}

var conversations = []struct {
	file    string
	version Version
	secure  bool // signed: the secure layer has what ours has not
}{
	{"v1-insecure-ping.jsonl", V1, false},
	{"v1-insecure-request-2-nodes.jsonl", V1, false},
	{"v1-secure-request-2-nodes.jsonl", V1, true},
	{"v2-ping.jsonl", V2, true},
	{"v2-request-2-nodes.jsonl", V2, true},
}

// Asked the same by the same client at the same time, ours writes the same bytes.
func TestRequestsAreTheRealOnes(t *testing.T) {
	for _, c := range conversations {
		t.Run(c.file, func(t *testing.T) {
			d := c.version.dialect()
			for _, want := range pick(load(t, c.file), "request", "input") {
				data, h := mustUnmarshal(t, d, want.Data)
				q := must(d.unseal(data))
				got := string(d.marshal(data, h))
				compare(t, "transport", got, want.Data)
				body := requestBody(q.agent, rpcAction(q.body), 0)
				compare(t, "body", body, q.body)
				compare(t, "secure request", shape(t, string(d.seal(q))), shape(t, string(data)))
				if !c.secure {
					compare(t, "insecure request", string(d.seal(q)), string(data))
				}
			}
		})
	}
}

// The real client, asked for 450 nodes, wrote these three messages.
func TestGroupsAreTheRealOnes(t *testing.T) {
	all := pick(load(t, "v1-insecure-request-450-nodes.jsonl"), "request", "input")
	var names []string
	for _, m := range all {
		_, h := mustUnmarshal(t, v1{}, m.Data)
		for _, target := range h.Federation.Targets {
			names = append(names, strings.TrimPrefix(target, "mcollective.node."))
		}
	}
	data, h := mustUnmarshal(t, v1{}, all[0].Data)
	q := must(v1{}.unseal(data))
	r := must(NewRoster(names))
	c := newClient(ClientOptions{Roster: r, Identity: h.Sender, Caller: q.caller, Agent: q.agent, Action: rpcAction(q.body)})
	got := must(c.messages(h.Trace[0][0], h.Federation.Request, r.Directed(nil), q.asked))
	if len(got) != len(all) {
		t.Fatalf("%d messages, want %d", len(got), len(all))
	}
	for i := range got {
		compare(t, "message", string(got[i]), all[i].Data)
	}
}

// Given a captured request, ours answers with the bytes that the captured node answered with.
func TestRepliesAreTheRealOnes(t *testing.T) {
	const server = "nats://127.0.0.1:4311"
	for _, c := range conversations {
		t.Run(c.file, func(t *testing.T) {
			d := c.version.dialect()
			all := load(t, c.file)
			request := pick(all, "request", "output")[0].Data
			for _, want := range pick(all, "reply", "input") {
				data, h := mustUnmarshal(t, d, want.Data)
				at := replyTime(t, c.version, data)
				tmpl := must(newTemplate(d, []byte(request), server, 0, at))
				got := string(tmpl.append(nil, h.Sender, newWorkspace()))
				gotData, _ := mustUnmarshal(t, d, got)
				compare(t, "transport", cutData(got), cutData(want.Data))
				if tmpl.subject != want.Subject {
					t.Errorf("reply goes to %s, want %s", tmpl.subject, want.Subject)
				}
				answer := must(d.check(gotData))
				if answer.sender != h.Sender || answer.id != must(d.check(data)).id {
					t.Errorf("checked reply: %+v", answer)
				}
				compare(t, "secure reply", shape(t, string(gotData)), shape(t, string(data)))
				if strings.Contains(c.file, "insecure-ping") {
					compare(t, "whole reply", got, want.Data)
				}
			}
		})
	}
}

func mustUnmarshal(t *testing.T, d dialect, raw string) ([]byte, Headers) {
	t.Helper()
	data, h, err := d.unmarshal([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return data, h
}

func compare(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s differs\n got %s\nwant %s", what, got, want)
	}
}

func rpcAction(body string) string {
	var r rpcRequest
	_ = json.Unmarshal([]byte(body), &r)
	return r.Action
}

// cutData removes the payload from a transport.
func cutData(raw string) string {
	before, rest, _ := strings.Cut(raw, `"data":"`)
	_, after, _ := strings.Cut(rest, `"`)
	return before + after
}

func replyTime(t *testing.T, v Version, data []byte) time.Time {
	t.Helper()
	if v == V2 {
		var s v2SecureReply
		var r v2Reply
		mustJSONDecode(t, data, &s)
		mustJSONDecode(t, must(b64.DecodeString(s.Reply)), &r)
		return time.Unix(0, r.Time)
	}
	var s v1SecureReply
	var r v1Reply
	mustJSONDecode(t, data, &s)
	mustJSONDecode(t, []byte(s.Message), &r)
	return time.Unix(r.Envelope.Time, 0)
}

func mustJSONDecode(t *testing.T, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}
