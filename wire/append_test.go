package wire

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAppendWritesTheseBytes(t *testing.T) {
	const hop = `["f","r","c"]`
	for _, c := range []struct {
		name, in, request, reply string
	}{
		{
			"v1",
			`{"protocol":"choria:transport:1","data":"QQ==","headers":{"reply-to":"m.reply.a","mc_sender":"c1","seen-by":[["x","c1","x"]],"federation":{"req":"r1","reply-to":"zzz","target":["m.node.n1"]}}}`,
			`{"protocol":"choria:transport:1","data":"QQ==","headers":{"reply-to":"K","mc_sender":"c1","seen-by":[["x","c1","x"],["f","r","c"]],"federation":{"req":"r1","reply-to":"m.reply.a"}}}`,
			`{"protocol":"choria:transport:1","data":"QQ==","headers":{"reply-to":"m.reply.a","mc_sender":"c1","seen-by":[["x","c1","x"],["f","r","c"]]}}`,
		},
		{
			"v2",
			`{"protocol":"io.choria.protocol.v2.transport","data":"QQ==","headers":{"reply":"m.reply.a","sender":"c1","trace":[["x","c1","x"]],"federation":{"request":"r1","reply":"zzz","targets":["m.node.n1"]}}}`,
			`{"protocol":"io.choria.protocol.v2.transport","data":"QQ==","headers":{"reply":"K","sender":"c1","trace":[["x","c1","x"],["f","r","c"]],"federation":{"request":"r1","reply":"m.reply.a"}}}`,
			`{"protocol":"io.choria.protocol.v2.transport","data":"QQ==","headers":{"reply":"m.reply.a","sender":"c1","trace":[["x","c1","x"],["f","r","c"]]}}`,
		},
		{
			"no request id, no sender, no trace",
			v1(`"reply-to":"m.reply.a","federation":{"target":["m.node.n1"]}`),
			`{"protocol":"choria:transport:1","data":"QQ==","headers":{"reply-to":"K","seen-by":[["f","r","c"]],"federation":{"reply-to":"m.reply.a"}}}`,
			`{"protocol":"choria:transport:1","data":"QQ==","headers":{"reply-to":"m.reply.a","seen-by":[["f","r","c"]]}}`,
		},
		{
			"an empty trace",
			v1(`"seen-by":[ ],"federation":{"req":"r1"}`),
			`{"protocol":"choria:transport:1","data":"QQ==","headers":{"reply-to":"K","seen-by":[["f","r","c"]],"federation":{"req":"r1"}}}`,
			`{"protocol":"choria:transport:1","data":"QQ==","headers":{"seen-by":[["f","r","c"]]}}`,
		},
		{
			"a hop of two",
			v1(`"seen-by":[["c1","x"]],"federation":{}`),
			`{"protocol":"choria:transport:1","data":"QQ==","headers":{"reply-to":"K","seen-by":[["c1","x"],["f","r","c"]],"federation":{}}}`,
			`{"protocol":"choria:transport:1","data":"QQ==","headers":{"seen-by":[["c1","x"],["f","r","c"]]}}`,
		},
		{
			"text is copied as it was written",
			`{"protocol":"choria:transport:1","data":"aGVs\nbG8\u003d\n","headers":{"mc_sender":"\u003c<\ud83d\ude00\"","federation":{"req":"\/"}}}`,
			`{"protocol":"choria:transport:1","data":"aGVs\nbG8\u003d\n","headers":{"reply-to":"K","mc_sender":"\u003c<\ud83d\ude00\"","seen-by":[["f","r","c"]],"federation":{"req":"\/"}}}`,
			`{"protocol":"choria:transport:1","data":"aGVs\nbG8\u003d\n","headers":{"mc_sender":"\u003c<\ud83d\ude00\"","seen-by":[["f","r","c"]]}}`,
		},
		{
			"unknown keys stay behind",
			`{"x":1,"protocol":"choria:transport:1","y":{"federation":{}},"data":"QQ==","headers":{"x":[],"mc_sender":"n1","sender":"z","federation":{"x":1,"reply-to":"m.reply.a","targets":["z"],"node":"n1"}}}`,
			`{"protocol":"choria:transport:1","data":"QQ==","headers":{"reply-to":"K","mc_sender":"n1","seen-by":[["f","r","c"]],"federation":{}}}`,
			`{"protocol":"choria:transport:1","data":"QQ==","headers":{"mc_sender":"n1","seen-by":[["f","r","c"]]}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			env, _ := mustScan(t, []byte(c.in))
			if got := string(AppendRequest(nil, []byte(c.in), &env, "K", []byte(hop))); got != c.request {
				t.Errorf("request\n got %s\nwant %s", got, c.request)
			}
			if got := string(AppendReply([]byte("{"), []byte(c.in), &env, []byte(hop))); got != "{"+c.reply {
				t.Errorf("reply\n got %s\nwant %s", got[1:], c.reply)
			}
			data := env.Data.Of([]byte(c.in))
			env.Data = Span{}
			part := AppendReply(nil, []byte(c.in), &env, []byte(hop))
			if got := string(slices.Insert(part, env.DataAt(), data...)); got != c.reply {
				t.Errorf("reply, its data put in later\n got %s\nwant %s", got, c.reply)
			}
		})
	}
}

func TestAppendWithoutHopKeepsTheTrace(t *testing.T) {
	for trace, want := range map[string]string{
		``:                             `{}`,
		`"seen-by":null`:               `{}`,
		`"seen-by":[]`:                 `{}`,
		`"seen-by":[["a","b"]]`:        `{"seen-by":[["a","b"]]}`,
		`"seen-by":[ ["a" , "b" ] ]`:   `{"seen-by":[ ["a" , "b" ] ]}`,
		`"mc_sender":"n","seen-by":[]`: `{"mc_sender":"n"}`,
	} {
		in := []byte(v1(trace))
		env, _ := mustScan(t, in)
		if got := string(AppendReply(nil, in, &env, nil)); got != `{"protocol":"choria:transport:1","data":"QQ==","headers":`+want+`}` {
			t.Errorf("%s: %s", trace, got)
		}
	}
}

// A hostile node may answer with a request. Without the federation object it is none to the next
// broker.
func TestAppendReplyIsNeverARequest(t *testing.T) {
	for _, s := range seeds {
		var env Envelope
		if _, r := Scan([]byte(s), usual, &env, nil); r != OK {
			continue
		}
		out := AppendReply(nil, []byte(s), &env, relayHop)
		var again Envelope
		if _, r := Scan(out, usual, &again, nil); r != OK || again.Federated || strings.Contains(strings.ToLower(string(out)), "federation\"") {
			t.Errorf("%q: %s", r, out)
		}
	}
}

func TestAppendHopIsOneEntryWhateverIsInIt(t *testing.T) {
	for _, hop := range [][3]string{
		{"nats://choria1.fed.example.net:4222", "relay1 (fedrelay:london)", "nats://choria1.ldn.example.net:4222"},
		{"", "", ""},
		{`","`, "]],\"federation\":{", "\x00\n\r\x7f\u2028\xff<>&"},
		{"é", "\\", `"`},
	} {
		out := AppendHop([]byte("x"), hop[0], hop[1], hop[2])[1:]
		var got []string
		if err := json.Unmarshal(out, &got); err != nil || len(got) != 3 {
			t.Fatalf("%s: %v", out, err)
		}
		for i := range hop {
			if got[i] != strings.ToValidUTF8(hop[i], "\ufffd") {
				t.Errorf("%q became %q", hop[i], got[i])
			}
		}
		if env, _ := mustScan(t, []byte(v1(`"seen-by":[`+string(out)+`]`))); env.Hops != 1 {
			t.Errorf("%s: %d hops", out, env.Hops)
		}
	}
}

func TestAppendStringIsValidForEveryByte(t *testing.T) {
	for c := range 256 {
		s := "a" + string([]byte{byte(c)}) + "b"
		var got string
		if err := json.Unmarshal(AppendString(nil, s), &got); err != nil {
			t.Errorf("%q: %v", s, err)
		} else if utf8.ValidString(s) && got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}
