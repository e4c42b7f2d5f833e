package trace

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/client"
	"github.com/fedrelay/fedrelay/internal/natstrace"
	"github.com/fedrelay/fedrelay/internal/sign"
	"github.com/fedrelay/fedrelay/internal/state"
)

// met is a cluster of which relays have answered.
func met(t *testing.T, probes ...state.Probe) *cluster {
	t.Helper()
	signer, err := sign.Unsigned(caller)
	if err != nil {
		t.Fatal(err)
	}
	return &cluster{
		options: Options{Signer: signer, Node: web1, Collective: "mcollective"}, name: "london", target: "mcollective.node." + web1, denied: &denials{},
		way:    natstrace.Result{Complete: true, Servers: []natstrace.Server{{Name: "f1", To: []natstrace.Egress{{Name: "relay"}}}}},
		probes: probes,
	}
}

// serving is a relay that takes requests.
func serving(name string, s state.Subscribed) state.Probe {
	up := state.Reach{Name: "collective", Up: true, Server: "l1"}
	return state.Probe{Identity: name, Ready: true, Federation: state.Reach{Name: "federation", Up: true, Subscribed: true}, Collective: up, Subscribed: s}
}

func TestWhatIsRememberedCountsMost(t *testing.T) {
	yes := serving("relay1", state.Listened)
	for name, c := range map[string]struct {
		seen state.Request
		want state.Outcome
		says string
	}{
		"a reply":      {state.Request{Identity: "relay1", Messages: 1, Replies: 1, ReplyTo: "mcollective.reply.x"}, state.ReplyLost, "mcollective.reply.x"},
		"a rejection":  {state.Request{Identity: "relay1", Rejected: []state.Rejection{{Reason: "not_allowed"}}}, state.Rejected, "not_allowed"},
		"a denied one": {state.Request{Identity: "relay1", Messages: 1, Copies: map[string]int64{"denied": 1}}, state.CopyDenied, "mcollective.node.>"},
		"a copy":       {state.Request{Identity: "relay1", Messages: 1, Copies: map[string]int64{"confirmed": 1}}, state.Silent, "not signed"},
	} {
		k := met(t, yes)
		k.seen = []state.Request{c.seen}
		v := k.judge(state.Trace{Node: web1})
		if v.Outcome != c.want || !strings.Contains(v.Detail+v.Advice, c.says) {
			t.Errorf("%s: %s, %s; %s", name, v.Outcome, v.Detail, v.Advice)
		}
	}
}

func TestWhoCarriedTheRequestIsBelieved(t *testing.T) {
	one, other := serving("relay1", state.Listened), serving("relay2", state.Denied)
	if v := met(t, one, other).judge(state.Trace{}); v.Outcome != state.CopyDenied {
		t.Errorf("if nobody remembers, the worst counts: %s", v.Outcome)
	}
	k := met(t, one, other)
	k.seen = []state.Request{{Identity: "relay1", Messages: 1}}
	if v := k.judge(state.Trace{}); v.Outcome != state.Silent {
		t.Errorf("relay1 has carried it: %s", v.Outcome)
	}
}

// A node is not blamed for a relay that hangs and takes part of the messages.
func TestWhoTellsNothingIsSuspected(t *testing.T) {
	for says, seen := range map[string][]state.Request{
		"no instance that answers has had the request": nil,
		"or its answer is with one of those":           {{Identity: "relay1", Messages: 1}},
	} {
		k := met(t, serving("relay1", state.Listened))
		k.seen, k.silent = seen, []string{"relay2", "relay3"}
		if v := k.judge(state.Trace{}); v.Outcome != state.Unclear || !strings.Contains(v.Detail, says) || !strings.HasSuffix(v.Detail, "tell nothing: relay2, relay3") {
			t.Errorf("%s, %s", v.Outcome, v.Detail)
		}
	}
}

func TestRelaysThatDoNotServe(t *testing.T) {
	idle := serving("relay1", state.Listened)
	idle.Federation.Subscribed, idle.Ready, idle.Reasons = false, false, []string{"draining"}
	if v := met(t, idle).judge(state.Trace{}); v.Outcome != state.NotServed || !strings.Contains(v.Detail, "draining") {
		t.Errorf("%s, %s", v.Outcome, v.Detail)
	}
	unknown := serving("relay1", state.Unknown)
	unknown.Detail = "the server has version 2.10"
	v := met(t, unknown).judge(state.Trace{})
	if v.Outcome != state.Unclear || !strings.Contains(v.Detail, "2.10") {
		t.Errorf("%s, %s", v.Outcome, v.Detail)
	}
	strange := met(t, serving("relay1", state.Listened))
	strange.result = &client.Result{UnaskedNames: []string{"web2\x1b[2J"}}
	if v := strange.judge(state.Trace{}); v.Outcome != state.Unclear || strings.Contains(v.Detail, "\x1b") || !strings.Contains(v.Detail, "web2") {
		t.Errorf("%s, %q", v.Outcome, v.Detail)
	}
}

// Times of one clock only are subtracted.
func TestLegs(t *testing.T) {
	start := time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	both := state.Request{Identity: "relay1", Messages: 1, Replies: 1, First: at(1000), FirstReply: at(1006)}
	k := met(t)
	k.reply, k.sent = &client.Reply{Sender: web1, Received: at(10)}, start
	for name, c := range map[string]struct {
		seen []state.Request
		legs int
	}{
		"one instance":        {[]state.Request{both}, 4},
		"two instances":       {[]state.Request{{Identity: "relay1", Messages: 1, First: at(1)}, {Identity: "relay2", Replies: 1, FirstReply: at(5)}}, 2},
		"a clock that jumped": {[]state.Request{{Identity: "relay1", Messages: 1, Replies: 1, First: at(0), FirstReply: at(60)}}, 2},
		"nobody remembers":    {nil, 2},
	} {
		k.seen = c.seen
		v := k.judge(state.Trace{Node: web1, Server: "nats://f1:4222", Client: "client1"})
		if len(v.Legs) != c.legs || v.Seconds != 0.01 {
			t.Errorf("%s: %+v", name, v.Legs)
		}
		if c.legs == 4 && (v.Legs[2].Seconds != 0.006 || v.Legs[2].Clock != "relay1" || v.Legs[3].Seconds < 0.0039 || v.Legs[3].Seconds > 0.0041) {
			t.Errorf("%+v", v.Legs)
		}
		var b bytes.Buffer
		if err := WriteText(&b, state.Trace{Clusters: []state.TracedCluster{v}}); err != nil || strings.Contains(b.String(), "other parts are not known") != (c.legs < 4) {
			t.Errorf("%s: %v\n%s", name, err, b.String())
		}
	}
}

// A message that crosses a cluster of servers is drawn with both of them, and servers as a tree. A
// URL into which a client has written its user is no other server.
func TestAWayAcrossServers(t *testing.T) {
	c := state.TracedCluster{
		Cluster: "london", Outcome: state.Answered,
		Path: []state.Hop{
			{By: "client1", To: ""}, {From: "nats://f2:4222", By: "fb1 (choria_nats_ingest:1)", To: "nats://l1:4222"},
			{From: "nats://web1:xxxxx@l2:4222", By: web1, To: "nats://l2:4222"}, {From: "nats://l2:4222", By: "fb1 (x)", To: "nats://f2:4222"}, {From: "nats://f1:4222", By: "client1"},
		},
		Way: []state.TraceHop{{Server: "f1", To: []string{"route f2"}}, {Server: "f2", Place: "1", Cluster: "c", To: []string{"client fb1"}, Error: "late"}},
	}
	var b bytes.Buffer
	if err := WriteText(&b, state.Trace{Node: web1, Clusters: []state.TracedCluster{c}}); err != nil {
		t.Fatal(err)
	}
	want := `  client1                              this program
   │  nats://f2:4222
   │  └─ f1 to route f2
   │     └─ f2 (cluster c) to client fb1: late
  fb1                                  federation broker, on the way there
   │  nats://l1:4222
   │  nats://l2:4222
  web1.example.net                     the node
   │  nats://l2:4222
  fb1                                  federation broker, on the way back
   │  nats://f2:4222
   │  nats://f1:4222
  client1                              this program
`
	if !strings.Contains(b.String(), want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// Which member of a queue group gets a message is chosen anew each time.
func TestAnotherMemberIsNoted(t *testing.T) {
	c := state.TracedCluster{
		Outcome: state.Answered, Path: []state.Hop{{By: "client1"}, {By: "relay1 (fedrelay:london)"}, {By: web1}},
		Way: []state.TraceHop{{Server: "f1", To: []string{"client fedrelay london relay1 federation receive of queue group g"}}},
	}
	for _, relay := range []string{"relay1", "relay2"} {
		c.Path[1].By = relay + " (fedrelay:london)"
		var b bytes.Buffer
		if err := WriteText(&b, state.Trace{Node: web1, Clusters: []state.TracedCluster{c}}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "another member") != (relay == "relay2") {
			t.Error(b.String())
		}
	}
}

func TestWhoListensIsSaid(t *testing.T) {
	for want, p := range map[string]state.Probe{
		"web1 listens to a.node.web1":               {Subscribed: state.Listened, Listeners: []string{"web1"}},
		"nobody listens to a.node.web1":             {Subscribed: state.Unheard},
		"nobody listens to f":                       {Subscribed: state.Unheard, Asked: "f"},
		"denied: why":                               {Subscribed: state.Denied, Detail: "why"},
		"not known who listens to a.node.web1: why": {Subscribed: state.Unknown, Detail: "why"},
	} {
		p.Target = "a.node.web1"
		if got := listening(p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What others say may hold anything.
func TestADrawingObeysNobody(t *testing.T) {
	evil := "x\x1b[2J\nforged: line\u202e\x9b1m"
	p := serving(evil, state.Unknown)
	p.Detail, p.Collective.URL, p.Listeners = evil, evil, []string{evil}
	p.Servers = []state.TraceHop{{Server: evil, To: []string{evil}, Error: evil}}
	v := met(t, p).judge(state.Trace{})
	var b bytes.Buffer
	if err := WriteText(&b, state.Trace{Node: evil, Client: evil, Clusters: []state.TracedCluster{v}}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e\u009b") || strings.Contains(b.String(), "\nforged") {
		t.Errorf("%q", b.String())
	}
}
