package wire

import (
	"reflect"
	"testing"
)

func TestScanReadsEveryPart(t *testing.T) {
	data := func(s string) *string { return &s }
	hop := []string{"nats://f:4222", "c1", "nats://f:4222"}
	for _, c := range []struct {
		name, in string
		want     reading
	}{
		{
			"a v1 request",
			v1(`"reply-to":"m.reply.a.b","mc_sender":"c1","seen-by":[["nats://f:4222","c1","nats://f:4222"]],"federation":{"req":"r1","target":["m.node.n1","m.node.n2"]}`),
			reading{Version: V1, Data: data("QQ=="), Reply: "m.reply.a.b", Sender: "c1", Trace: [][]string{hop}, Federated: true, FedRequest: "r1", Targets: []string{"m.node.n1", "m.node.n2"}},
		},
		{
			"a v1 reply",
			v1(`"mc_sender":"n1","federation":{"req":"r1","reply-to":"m.reply.a.b"}`),
			reading{Version: V1, Data: data("QQ=="), Sender: "n1", Federated: true, FedRequest: "r1", FedRepl: "m.reply.a.b"},
		},
		{
			"a v2 request",
			v2(`"reply":"m.reply.a.b","sender":"c1","trace":[["nats://f:4222","c1","nats://f:4222"]],"federation":{"request":"r1","targets":["m.node.n1"]}`),
			reading{Version: V2, Data: data("QQ=="), Reply: "m.reply.a.b", Sender: "c1", Trace: [][]string{hop}, Federated: true, FedRequest: "r1", Targets: []string{"m.node.n1"}},
		},
		{
			"a v2 reply",
			v2(`"sender":"n1","federation":{"request":"r1","reply":"m.reply.a.b"}`),
			reading{Version: V2, Data: data("QQ=="), Sender: "n1", Federated: true, FedRequest: "r1", FedRepl: "m.reply.a.b"},
		},
		{
			"a reply with stray targets",
			v1(`"federation":{"reply-to":"m.reply.a.b","target":["m.node.n1"]}`),
			reading{Version: V1, Data: data("QQ=="), Federated: true, FedRepl: "m.reply.a.b", Targets: []string{"m.node.n1"}},
		},
		{
			"headers in front of the protocol",
			`{"headers":{"federation":{"target":["m.node.n1"],"req":"r1"},"reply-to":"m.reply.a.b"},"data":"QQ==","protocol":"choria:transport:1"}`,
			reading{Version: V1, Data: data("QQ=="), Reply: "m.reply.a.b", Federated: true, FedRequest: "r1", Targets: []string{"m.node.n1"}},
		},
		{
			"headers in the middle, v2",
			`{"data":"QQ==","headers":{"federation":{"targets":["m.node.n1"]}},"protocol":"io.choria.protocol.v2.transport"}`,
			reading{Version: V2, Data: data("QQ=="), Federated: true, Targets: []string{"m.node.n1"}},
		},
		{
			"white space everywhere",
			" {\r\n\t\"protocol\" : \"choria:transport:1\" ,\n\"data\"\t:\r\"QQ==\" , \"headers\" : { \"seen-by\" : [ [ \"a\" , \"b\" ] , [\"c\",\"d\",\"e\"] ] , \"federation\" : { \"target\" : [ \"m.node.n1\" , \"m.node.n2\" ] } } } \n",
			reading{Version: V1, Data: data("QQ=="), Trace: [][]string{{"a", "b"}, {"c", "d", "e"}}, Federated: true, Targets: []string{"m.node.n1", "m.node.n2"}},
		},
		{
			"a payload with line breaks",
			`{"protocol":"choria:transport:1","data":"aGVs\nbG8=\n"}`,
			reading{Version: V1, Data: data("aGVs\nbG8=\n")},
		},
		{"an empty payload", `{"protocol":"choria:transport:1","data":""}`, reading{Version: V1, Data: data("")}},
		{"a payload that is no base64", `{"protocol":"choria:transport:1","data":"!"}`, reading{Version: V1, Data: data("!")}},
		{
			"escapes",
			v1(`"mc_sender":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\uDBFF\uDFFF\ud7ff\ue000\ud800\udc00\u0000 é😀` + "\x7f\ufffd" + `","federation":{"req":"\u0041","target":["\u0061.b"]}`),
			reading{Version: V1, Data: data("QQ=="), Sender: "\"\\/\b\f\n\r\té😀\U0010ffff\ud7ff\ue000\U00010000\x00 é😀\x7f\ufffd", Federated: true, FedRequest: "A", Targets: []string{"a.b"}},
		},
		{
			"nulls",
			v1(`"reply-to":null,"mc_sender":null,"seen-by":null,"federation":{"req":null,"reply-to":null,"target":null}`),
			reading{Version: V1, Data: data("QQ=="), Federated: true},
		},
		{"a null federation object", v1(`"federation":null`), reading{Version: V1, Data: data("QQ==")}},
		{"an empty federation object", v1(`"federation":{}`), reading{Version: V1, Data: data("QQ=="), Federated: true}},
		{"no headers", `{"protocol":"io.choria.protocol.v2.transport","data":"QQ=="}`, reading{Version: V2, Data: data("QQ==")}},
		{"empty headers", v1(``), reading{Version: V1, Data: data("QQ==")}},
		{"empty strings", v1(`"reply-to":"","mc_sender":"","federation":{"target":[""]}`), reading{Version: V1, Data: data("QQ=="), Federated: true, Targets: []string{""}}},
		{"an empty trace", v1(`"seen-by":[]`), reading{Version: V1, Data: data("QQ=="), Trace: [][]string{}}},
		{
			"unknown keys",
			`{"x":{"protocol":"z"},"protocol":"choria:transport:1","data":"QQ==","y":[-1.5e-7,0,true,false,null,{}],"headers":{"request":[],"sender":"z","federation":{"node":"z","target":["m.node.n1"],"target ":["z"]},"x":{"federation":{"target":["z"]}}}}`,
			reading{Version: V1, Data: data("QQ=="), Federated: true, Targets: []string{"m.node.n1"}},
		},
		{
			"names of the other version beside the right ones",
			v1(`"reply":"z","trace":1,"federation":{"targets":"z","request":1,"target":["m.node.n1"]}`),
			reading{Version: V1, Data: data("QQ=="), Federated: true, Targets: []string{"m.node.n1"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			env, targets := mustScan(t, []byte(c.in))
			got := readAsScanned(t, []byte(c.in), &env, targets)
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("\n got %s\nwant %s", show(got), show(c.want))
			}
			asJSON, err := readAsJSON([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			mustEqual(t, []byte(c.in), got, asJSON)
		})
	}
}

func TestScanTellsAnEmptyTraceFromNone(t *testing.T) {
	for in, want := range map[string]bool{`"seen-by":[]`: true, `"seen-by":[ ]`: true, `"seen-by":null`: false, ``: false} {
		if env, _ := mustScan(t, []byte(v1(in))); env.HasTrace != want || env.Hops != 0 {
			t.Errorf("%s: HasTrace %v, %d hops", in, env.HasTrace, env.Hops)
		}
	}
}

func TestScanAppendsToTargets(t *testing.T) {
	b := request(3, 8)
	before := []Span{{1, 2}, {3, 4}}
	var env Envelope
	targets, r := Scan(b, usual, &env, before)
	if r != OK || len(targets) != 5 || !reflect.DeepEqual(targets[:2], before) || env.FedTargets != 3 {
		t.Errorf("%q: %v, %d targets", r, targets, env.FedTargets)
	}
	if got := string(targets[4].Of(b)); got != "mcollective.node.web00002.ldn.example.net" {
		t.Errorf("last target is %q", got)
	}
}

// One Envelope serves many messages.
func TestScanForgetsTheMessageBefore(t *testing.T) {
	var env Envelope
	if _, r := Scan(request(3, 8), usual, &env, nil); r != OK {
		t.Fatal(r)
	}
	if _, r := Scan([]byte(`{"protocol":"choria:transport:1","data":""}`), usual, &env, nil); r != OK {
		t.Fatal(r)
	}
	if want := (Envelope{Version: V1, Escapes: true, Data: Span{Off: 40, Len: 2}, kept: keptTrace{limit: usual.Hops}}); env != want {
		t.Errorf("%+v", env)
	}
}

func TestSpanCannotGrowIntoItsNeighbours(t *testing.T) {
	b := []byte("hello world")
	s := Span{Off: 0, Len: 5}.Of(b)
	if string(s) != "hello" || cap(s) != 5 {
		t.Errorf("%q, cap %d", s, cap(s))
	}
}
