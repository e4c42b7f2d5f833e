package wire

import (
	"strings"
	"testing"
)

func TestNormalizeReadsWhatTheIncumbentReads(t *testing.T) {
	data := func(s string) *string { return &s }
	v1Reading := func(change func(*reading)) reading {
		r := reading{Version: V1, Data: data("QQ==")}
		change(&r)
		return r
	}
	for _, c := range []struct {
		name, in string
		want     reading
	}{
		{"unknown keys", v1(`"x":{"y":[1]},"mc_sender":"n"`), v1Reading(func(r *reading) { r.Sender = "n" })},
		{
			"keys in another letter case",
			`{"PROTOCOL":"choria:transport:1","Data":"QQ==","HEADERS":{"Reply-To":"a.b","FEDERATION":{"TARGET":["m.node.n"]}}}`,
			v1Reading(func(r *reading) { r.Reply, r.Federated, r.Targets = "a.b", true, []string{"m.node.n"} }),
		},
		{"keys with escapes and the long s", v1(`"mc_\u017fender":"n","\u0072eply-to":"a.b"`), v1Reading(func(r *reading) { r.Sender, r.Reply = "n", "a.b" })},
		{
			"headers twice",
			`{"protocol":"choria:transport:1","data":"QQ==","headers":{"mc_sender":"first","reply-to":"a.b"},"headers":{"mc_sender":"last"}}`,
			v1Reading(func(r *reading) { r.Sender, r.Reply = "last", "a.b" }),
		},
		{
			"federation twice",
			v1(`"federation":{"target":["first"],"reply-to":"a.b"},"federation":{"req":"r","target":["last"]}`),
			v1Reading(func(r *reading) {
				r.Federated, r.FedRequest, r.FedRepl, r.Targets = true, "r", "a.b", []string{"last"}
			}),
		},
		{"a payload with line breaks", `{"protocol":"choria:transport:1","data":"Q\r\nQ==\n"}`, v1Reading(func(*reading) {})},
		{"a payload of numbers", `{"protocol":"choria:transport:1","data":[65]}`, v1Reading(func(*reading) {})},
		{"no payload", `{"protocol":"choria:transport:1"}`, v1Reading(func(r *reading) { r.Data = nil })},
		{"a null payload", `{"protocol":"choria:transport:1","data":null}`, v1Reading(func(r *reading) { r.Data = nil })},
		{"an empty payload", `{"protocol":"choria:transport:1","data":""}`, v1Reading(func(r *reading) { r.Data = data("") })},
		{
			"hops of all lengths",
			v1(`"seen-by":[["a","b"],["a","b","c","d"],["a","b","c",{"x":1}],[],null,[null,"b"]]`),
			v1Reading(func(r *reading) {
				r.Trace = [][]string{{"a", "b", ""}, {"a", "b", "c"}, {"a", "b", "c"}, {"", "", ""}, {"", "", ""}, {"", "b", ""}}
			}),
		},
		{"an empty trace", v1(`"seen-by":[]`), v1Reading(func(*reading) {})},
		{"federation null", v1(`"federation":null`), v1Reading(func(*reading) {})},
		{"federation empty", v1(`"federation":{}`), v1Reading(func(r *reading) { r.Federated = true })},
		{"targets that are no subjects", v1(`"federation":{"target":[null,""]}`), v1Reading(func(r *reading) { r.Federated, r.Targets = true, []string{"", ""} })},
		{"headers missing", `{"protocol":"choria:transport:1","data":"QQ=="}`, v1Reading(func(*reading) {})},
		{"headers null", `{"protocol":"choria:transport:1","data":"QQ==","headers":null}`, v1Reading(func(*reading) {})},
		{"headers, then null", `{"protocol":"choria:transport:1","data":"QQ==","headers":{"mc_sender":"n"},"headers":null}`, v1Reading(func(*reading) {})},
		{"invalid UTF-8", v1("\"mc_sender\":\"a\xffb\""), v1Reading(func(r *reading) { r.Sender = "a\ufffdb" })},
		{"half a surrogate pair", v1(`"mc_sender":"a\ud800b"`), v1Reading(func(r *reading) { r.Sender = "a\ufffdb" })},
		{"special characters", v1(`"mc_sender":"<>&\u003c\u2028\""`), v1Reading(func(r *reading) { r.Sender = "<>&<\u2028\"" })},
		{"v1 with targets", v1(`"federation":{"targets":["a.b"]}`), v1Reading(func(r *reading) { r.Federated = true })},
		{"protocol with an escape", `{"protocol":"choria\u003atransport:1","data":"QQ=="}`, v1Reading(func(*reading) {})},
		{"white space behind", v1("") + " \n", v1Reading(func(*reading) {})},
		{
			"v2",
			v2(`"REPLY":"a.b","sender":"up=x","trace":[["a","b"]],"federation":{"request":"r","reply":"c.d","targets":["m.node.n"]}`),
			reading{Version: V2, Data: data("QQ=="), Reply: "a.b", Sender: "up=x", Trace: [][]string{{"a", "b", ""}}, Federated: true, FedRequest: "r", FedRepl: "c.d", Targets: []string{"m.node.n"}},
		},
		{"v2 with the names of v1", v2(`"reply-to":"a.b","federation":{"target":["a.b"]}`), reading{Version: V2, Data: data("QQ=="), Federated: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, r := Normalize([]byte(c.in))
			if r != OK {
				t.Fatal(r)
			}
			var env Envelope
			targets, r := ScanNormalized(out, usual, &env, nil)
			if r != OK {
				t.Fatalf("%v: %s", r, out)
			}
			mustEqual(t, out, readAsScanned(t, out, &env, targets), c.want)
			incumbent, err := readAsIncumbent([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			mustEqual(t, out, incumbent, c.want)
		})
	}
}

func TestNormalizeRejectsWhatTheIncumbentDrops(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     Reason
	}{
		{"nothing", "", Malformed},
		{"text", "hello", Malformed},
		{"bytes behind the end", v1("") + "x", Malformed},
		{"a byte order mark", "\ufeff" + v1(""), Malformed},
		{"deep nesting", strings.Repeat("[", 1_000_000), Malformed},
		{"null", "null", BadVersion},
		{"a list", "[]", BadType},
		{"an inner protocol", `{"protocol":"choria:secure:request:1"}`, BadVersion},
		{"two protocols, the last unknown", `{"protocol":"choria:transport:1","protocol":"x"}`, BadVersion},
		{"a payload that is no base64", `{"protocol":"choria:transport:1","data":"!"}`, BadData},
		{"a payload without padding", `{"protocol":"choria:transport:1","data":"QQ"}`, BadData},
		{"a payload for URLs", `{"protocol":"choria:transport:1","data":"-_8="}`, BadData},
		{"a payload with a number too large", `{"protocol":"choria:transport:1","data":[256]}`, BadType},
		{"a trace of strings", v1(`"seen-by":["a","b"]`), BadType},
		{"a number in a hop", v1(`"seen-by":[["a",1]]`), BadType},
		{"target a string", v1(`"federation":{"target":"a"}`), BadType},
		{"a number among the targets", v1(`"federation":{"target":["a",1]}`), BadType},
		{"headers a list", `{"protocol":"choria:transport:1","headers":[]}`, BadType},
		{"reply a number", v1(`"reply-to":1`), BadType},
		{"v2, target a string", v2(`"federation":{"targets":"a"}`), BadType},
	} {
		t.Run(c.name, func(t *testing.T) {
			if out, got := Normalize([]byte(c.in)); got != c.want || out != nil {
				t.Errorf("%q, want %q: %s", got, c.want, out)
			}
			if _, err := readAsIncumbent([]byte(c.in)); err == nil {
				t.Error("the incumbent takes it")
			}
		})
	}
}

// A null payload is for messages that Normalize made, and only for them.
func TestOnlyNormalizedMessagesMayLackAPayload(t *testing.T) {
	out, r := Normalize([]byte(`{"protocol":"choria:transport:1","headers":{"federation":{"reply-to":"m.reply.a"}}}`))
	if r != OK {
		t.Fatal(r)
	}
	var env Envelope
	if _, r := Scan(out, usual, &env, nil); r != BadData {
		t.Errorf("Scan: %q", r)
	}
	if _, r := ScanNormalized(out, usual, &env, nil); r != OK {
		t.Fatalf("ScanNormalized: %q", r)
	}
	want := `{"protocol":"choria:transport:1","data":null,"headers":{}}`
	if got := string(AppendReply(nil, out, &env, nil)); got != want {
		t.Errorf("%s", got)
	}
}

// A subject must be judged as the incumbent would publish it, not in an escaped form.
func TestNormalizeShowsWildcards(t *testing.T) {
	out, _ := Normalize([]byte(v1(`"federation":{"target":["m.node.\u003e"]}`)))
	var env Envelope
	targets, r := ScanNormalized(out, usual, &env, nil)
	if r != OK {
		t.Fatal(r)
	}
	if r := CheckSubject(targets[0].Of(out), 255); r != Wildcard {
		t.Errorf("%q for %s", r, targets[0].Of(out))
	}
}
