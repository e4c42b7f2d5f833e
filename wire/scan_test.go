package wire

import (
	"encoding/json"
	"strings"
	"testing"
)

// v1 and v2 wrap the inside of a headers object.
func v1(headers string) string {
	return `{"protocol":"choria:transport:1","data":"QQ==","headers":{` + headers + `}}`
}

func v2(headers string) string {
	return `{"protocol":"io.choria.protocol.v2.transport","data":"QQ==","headers":{` + headers + `}}`
}

func TestScanRejectsWithTheReasonThatCounts(t *testing.T) {
	good := v1(`"federation":{"target":["a.b"]}`)
	for _, c := range []struct {
		name, in string
		want     Reason
	}{
		{"nothing", "", Malformed},
		{"white space", " \r\n\t", Malformed},
		{"text", "hello", Malformed},
		{"a byte order mark", "\ufeff" + good, Malformed},
		{"bytes behind the end", good + "x", Malformed},
		{"a second message", good + good, Malformed},
		{"a NUL behind the end", good + "\x00", Malformed},
		{"a comma at the end of an object", `{"protocol":"choria:transport:1",}`, Malformed},
		{"a comma at the end of a list", v1(`"federation":{"target":["a.b",]}`), Malformed},
		{"a comma for a member", `{,}`, Malformed},
		{"no colon", `{"protocol" "choria:transport:1"}`, Malformed},
		{"no comma", `{"protocol":"choria:transport:1" "data":""}`, Malformed},
		{"no comma between numbers", v1(`"x":[1 22]`), Malformed},
		{"a colon for a comma", v1(`"x":["a":"b"]`), Malformed},
		{"a semicolon for a comma", v1(`"federation":{"target":["a";"b"]}`), Malformed},
		{"a comma for a colon", v1(`"x","y"`), Malformed},
		{"brackets that do not match", v1(`"x":[}`), Malformed},
		{"braces that do not match", v1(`"x":{]`), Malformed},
		{"a bare key", `{protocol:"choria:transport:1"}`, Malformed},
		{"single quotes", `{'protocol':'choria:transport:1'}`, Malformed},
		{"a comment", `{/**/"protocol":"choria:transport:1"}`, Malformed},
		{"a control byte in a string", v1("\"mc_sender\":\"a\nb\""), Malformed},
		{"a control byte in a target", v1("\"federation\":{\"target\":[\"a\r\nPUB b 0\r\n\"]}"), Malformed},
		{"an unknown escape", v1(`"mc_sender":"\x41"`), Malformed},
		{"a short escape", v1(`"mc_sender":"\u12"`), Malformed},
		{"an escape that is no number", v1(`"mc_sender":"\u12g4"`), Malformed},
		{"a backslash at the end", `{"a\`, Malformed},
		{"invalid UTF-8", v1("\"mc_sender\":\"a\xffb\""), Malformed},
		{"invalid UTF-8 in a key", v1("\"a\xc3\":1"), Malformed},
		{"an overlong character", v1("\"mc_sender\":\"\xc0\xaf\""), Malformed},
		{"a surrogate in UTF-8", v1("\"mc_sender\":\"\xed\xa0\x80\""), Malformed},
		{"half a surrogate pair", v1(`"mc_sender":"\ud83d"`), Malformed},
		{"half a surrogate pair and a character", v1(`"mc_sender":"\ud83d\u0041"`), Malformed},
		{"the wrong half of a surrogate pair", v1(`"mc_sender":"\ude00"`), Malformed},
		{"a high and a high surrogate", v1(`"mc_sender":"\ud800\udbff"`), Malformed},
		{"a low and a low surrogate", v1(`"mc_sender":"\udc00\udc00"`), Malformed},
		{"half a surrogate pair and half an escape", v1(`"mc_sender":"\ud800xudc00"`), Malformed},
		{"NaN", v1(`"x":NaN`), Malformed},
		{"a number that starts with 0", v1(`"x":01`), Malformed},
		{"a number that starts with a dot", v1(`"x":.5`), Malformed},
		{"a number that ends with a dot", v1(`"x":5.`), Malformed},
		{"a number with an empty exponent", v1(`"x":5e`), Malformed},
		{"a sign", v1(`"x":-`), Malformed},
		{"a plus", v1(`"x":+1`), Malformed},
		{"half a word", v1(`"x":nul`), Malformed},
		{"a word too long", v1(`"reply-to":nullx`), Malformed},

		{"null", "null", BadType},
		{"a list", "[]", BadType},
		{"a string", `"x"`, BadType},
		{"headers null", `{"protocol":"choria:transport:1","data":"","headers":null}`, BadType},
		{"headers null in front", `{"headers":null,"protocol":"choria:transport:1","data":""}`, BadType},
		{"v2 headers null", `{"protocol":"io.choria.protocol.v2.transport","data":"","headers":null}`, BadType},
		{"headers a list", `{"protocol":"choria:transport:1","data":"","headers":[]}`, BadType},
		{"protocol a number", `{"protocol":1,"data":""}`, BadType},
		{"data a number", `{"protocol":"choria:transport:1","data":5}`, BadType},
		{"data a list of numbers", `{"protocol":"choria:transport:1","data":[65]}`, BadType},
		{"data an object", `{"protocol":"choria:transport:1","data":{}}`, BadType},
		{"reply a number", v1(`"reply-to":5`), BadType},
		{"sender an object", v1(`"mc_sender":{}`), BadType},
		{"federation a string", v1(`"federation":"x"`), BadType},
		{"federation a list", v1(`"federation":[]`), BadType},
		{"request a number", v1(`"federation":{"req":7}`), BadType},
		{"saved reply a list", v1(`"federation":{"reply-to":[]}`), BadType},
		{"target a string", v1(`"federation":{"target":"a"}`), BadType},
		{"a number among the targets", v1(`"federation":{"target":["a",1]}`), BadType},
		{"trace a string", v1(`"seen-by":"x"`), BadType},
		{"trace of strings", v1(`"seen-by":["a","b","c"]`), BadType},
		{"a number in a hop", v1(`"seen-by":[["a",1]]`), BadType},
		{"a word among the hops", v1(`"seen-by":[["a","b"],"c"]`), BadType},
		{"an object in a hop", v1(`"seen-by":[["a",{"federation":1},"c"]]`), BadType},

		{"no protocol", `{"data":"","headers":{}}`, BadVersion},
		{"an empty object", `{}`, BadVersion},
		{"protocol null", `{"protocol":null,"data":""}`, BadVersion},
		{"protocol empty", `{"protocol":"","data":""}`, BadVersion},
		{"an inner protocol", `{"protocol":"choria:secure:request:1","data":"","headers":{}}`, BadVersion},
		{"protocol in upper case", `{"protocol":"CHORIA:TRANSPORT:1","data":""}`, BadVersion},
		{"protocol with an escape", `{"protocol":"choria\u003atransport:1","data":""}`, BadVersion},
		{"protocol with a space", `{"protocol":"choria:transport:1 ","data":""}`, BadVersion},
		{"v1 with the names of v2", v1(`"reply":"a.b","federation":{"request":"r","targets":["a.b"]}`), BadVersion},
		{"v1 with targets", v1(`"reply-to":"a.b","federation":{"req":"r","targets":["a.b"]}`), BadVersion},
		{"v2 with the names of v1", v2(`"reply-to":"a.b","federation":{"req":"r","target":["a.b"]}`), BadVersion},
		{"v2 reply with the names of v1", v2(`"mc_sender":"n","federation":{"req":"r","reply-to":"a.b"}`), BadVersion},

		{"v1 with a header of v2", v1(`"reply":"a.b","federation":{}`), BadVersion},
		{"v2 with a header of v1", v2(`"seen-by":[],"federation":{}`), BadVersion},
		{"v1 with the targets of v2", v1(`"federation":{"targets":["a.b"]}`), BadVersion},
		{"v2 with the targets of v1", v2(`"federation":{"target":["a.b"]}`), BadVersion},
		{"data missing", `{"protocol":"choria:transport:1","headers":{}}`, BadData},
		{"data null", `{"protocol":"choria:transport:1","data":null,"headers":{}}`, BadData},
	} {
		t.Run(c.name, func(t *testing.T) {
			var env Envelope
			if _, got := Scan([]byte(c.in), usual, &env, nil); got != c.want {
				t.Errorf("%q, want %q\n%s", got, c.want, c.in)
			}
		})
	}
}

// A message that is cut short is malformed, wherever that is, and never one with less in it.
func TestScanRejectsEveryTruncation(t *testing.T) {
	for _, msg := range []string{string(request(2, 16)), string(reply(16)), v2(`"x":[{"a":-1.5e+7,"b":[true,false,null]}]`)} {
		mustScan(t, []byte(msg))
		for n := range len(msg) {
			var env Envelope
			if _, r := Scan([]byte(msg[:n]), usual, &env, nil); r != Malformed {
				t.Errorf("%d of %d bytes: %q", n, len(msg), r)
			}
		}
	}
}

func TestScanRejectsKeysThatTwoReadersReadDifferently(t *testing.T) {
	longS, kelvin := "\u017f", "\u212a"
	for _, in := range []string{
		`{"protocol":"choria:transport:1","data":"","protocol":"io.choria.protocol.v2.transport"}`,
		`{"protocol":"choria:transport:1","data":"","data":""}`,
		`{"protocol":"choria:transport:1","data":"","headers":{},"headers":{}}`,
		`{"headers":{},"protocol":"choria:transport:1","data":"","headers":{}}`,
		`{"protocol":"choria:transport:1","data":"","Headers":{}}`,
		`{"PROTOCOL":"choria:transport:1","data":""}`,
		`{"protocol":"choria:transport:1","data":"","header` + longS + `":{}}`,
		`{"protocol":"choria:transport:1","data":"","\u0068eaders":{}}`,
		`{"protocol":"choria:transport:1","data":"","\u0048EADER\u017f":{}}`,
		`{"protocol":"choria:transport:1","data":"","\u0064ata":""}`,
		v1(`"reply-to":"a.b","reply-to":"c.d"`),
		v1(`"reply-to":"a.b","Reply-To":"c.d"`),
		v1(`"MC_SENDER":"x"`),
		v1(`"mc_` + longS + `ender":"x"`),
		v1(`"` + longS + `een-by":[]`),
		v1(`"federation":{},"federation":{"target":["a.b"]}`),
		v1(`"federation":null,"federation":{"target":["a.b"]}`),
		v1(`"federation":{},"Federation":{"target":["a.b"]}`),
		v1(`"FEDERATION":{"target":["a.b"]}`),
		v1(`"federation":{"target":["a.b"],"target":["c.d"]}`),
		v1(`"federation":{"target":["a.b"],"TARGET":["c.d"]}`),
		v1(`"federation":{"target":["a.b"],"\u0074arget":["c.d"]}`),
		v1(`"federation":{"req":"x","ReQ":"x"}`),
		v2(`"federation":{"target` + longS + `":["a.b"]}`),
		v2(`"\u0073ender":"x"`),
		v2(`"reply":"a.b","REPLY":"c.d"`),
		v2(`"Trace":[]`),
	} {
		var env Envelope
		if _, got := Scan([]byte(in), usual, &env, nil); got != DuplicateKey {
			t.Errorf("%q: %s", got, in)
		}
	}
	// The Kelvin sign folds to a k. No known key has one, so only a test of the function can show
	// it.
	if !folds([]byte("to"+kelvin+`en\u212A`), "tokenk") || folds([]byte("toke"), "token") || folds([]byte("tokens"), "token") {
		t.Error("folds does not read like encoding/json")
	}
}

func TestScanTakesKeysThatOnlyLookAlike(t *testing.T) {
	for _, key := range []string{
		"", "header", "headerss", "headers ", `headers\u0000`, `\\headers`, `\bheaders`, "heäders", "replyto", "reply_to", "mc-sender", "seenby",
		`\t`, "tar", `\reply-to`, `\federation`, `\target`, `t\raget`, `\/federation`, "federatıon", "Ffederation", strings.Repeat("x", 1000), strings.Repeat("é", 1000),
	} {
		b := []byte(`{"protocol":"choria:transport:1","` + key + `":1,"data":"","headers":{"` + key + `":[],"federation":{"` + key + `":{}}}}`)
		if env, _ := mustScan(t, b); !env.Federated {
			t.Errorf("key %q hides the federation object", key)
		}
	}
}

// Strings are read eight bytes at a time, the payload 32. Every byte must count at every place, in
// strings of every length.
func TestScanSeesEveryByteOfAString(t *testing.T) {
	for _, length := range []int{1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 63, 64, 65, 70} {
		for at := range length {
			for c := range 256 {
				text := []byte(strings.Repeat("a", length))
				text[at] = byte(c)
				sender := []byte(v1(`"mc_sender":"` + string(text) + `"`))
				data := []byte(`{"data":"` + string(text) + `","protocol":"choria:transport:1"}`)
				want := OK
				if !json.Valid(sender) || c >= 0x80 {
					want = Malformed
				}
				var inSender, inData Envelope
				_, r := Scan(sender, usual, &inSender, nil)
				_, r2 := Scan(data, usual, &inData, nil)
				switch {
				case r != want, r2 != want:
					t.Fatalf("%q: %q and %q, want %q", text, r, r2, want)
				case r != OK:
				case string(inSender.Sender.Of(sender)) != string(text), string(inData.Data.Of(data)) != `"`+string(text)+`"`:
					t.Fatalf("%q read as %q and %s", text, inSender.Sender.Of(sender), inData.Data.Of(data))
				}
			}
		}
	}
}
