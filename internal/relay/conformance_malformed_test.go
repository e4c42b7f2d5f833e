package relay_test

import (
	"strings"

	"github.com/fedrelay/fedrelay/wire"
)

// malformedCases are messages that are malformed or ambiguous.
func malformedCases() []conformanceCase {
	good := v1fed(targets(app7))
	// none is rejected on both paths; where the incumbent's reader sees something else in it, so
	// does the reason.
	var all []conformanceCase
	none := func(id, what, payload string, strict, peer wire.Reason) {
		for _, from := range []side{federation, collective} {
			all = append(all, conformanceCase{
				id: id, what: what + " from the " + from.String(), from: from, payload: payload,
				strict: rejected(strict), peer: rejected(peer),
			})
		}
	}
	request := func(id, what, payload string, strict, peer wire.Reason) {
		all = append(all, conformanceCase{id: id, what: what, payload: payload, strict: rejected(strict), peer: rejected(peer)})
	}
	none("C11", "no federation object", v1(`"reply-to":"@R","mc_sender":"bastion1.example.net"`), wire.NotFederated, wire.NotFederated)
	none("C12", "federation null", v1fed("null"), wire.NotFederated, wire.NotFederated)
	request("C13", "an empty federation object", v1fed("{}"), wire.NoTargets, wire.NoTargets)
	request("C14", "v1 with targets", v1fed(`{"req":"@Q","targets":[@T]}`), wire.BadVersion, wire.NoTargets)
	request("C15", "v2 with the names of v1", v2(`"reply-to":"@R","mc_sender":"b","federation":{"req":"@Q","target":[@T]}`),
		wire.BadVersion, wire.NoTargets)
	request("C16", "no reply subject", strings.Replace(good, `"reply-to":"@R",`, "", 1), wire.NoReply, wire.NoReply)

	none("C29", "a word", "hello", wire.Malformed, wire.Malformed)
	none("C29", "nothing", "", wire.Malformed, wire.Malformed)
	none("C29", "null", "null", wire.BadType, wire.BadVersion)
	none("C29", "an array", "[]", wire.BadType, wire.BadType)
	none("C29", "an empty object", "{}", wire.BadVersion, wire.BadVersion)
	none("C29", "a cut message", good[:len(good)-1], wire.Malformed, wire.Malformed)
	none("C29", "bytes behind the end", good+"x", wire.Malformed, wire.Malformed)
	none("C29", "a second message behind the end", good+good, wire.Malformed, wire.Malformed)
	none("C29", "2 MB of brackets", strings.Repeat("[", 2<<20), wire.TooDeep, wire.Malformed)
	protocol := func(name string) string { return strings.Replace(good, "choria:transport:1", name, 1) }
	none("C30", "an inner protocol", protocol("choria:secure:request:1"), wire.BadVersion, wire.BadVersion)
	none("C30", "an unknown protocol", protocol("choria:transport:9"), wire.BadVersion, wire.BadVersion)
	for _, name := range []string{"choria:transport:1", "io.choria.protocol.v2.transport"} {
		none("C33", "headers null, "+name, `{"protocol":"`+name+`","data":"YQ==","headers":null}`, wire.BadType, wire.NotFederated)
	}
	request("C34", "the targets are a string", v1fed(`{"req":"@Q","target":"`+app7+`"}`), wire.BadType, wire.BadType)
	request("C34", "a target is a number", v1fed(`{"req":"@Q","target":[7]}`), wire.BadType, wire.BadType)
	request("C34", "the reply subject is a number", strings.Replace(good, `"@R"`, "5", 1), wire.BadType, wire.BadType)
	request("C34", "the trace is a string", strings.Replace(good, "[@H]", `"x"`, 1), wire.BadType, wire.BadType)
	return append(all, laxCases(good)...)
}

// laxCases are messages that the incumbent takes, or that only its next reader does not.
func laxCases(good string) []conformanceCase {
	noData := strings.Replace(good, `"data":"c2VhbGVk",`, "", 1)
	nullOut := strings.Replace(v1out, `"c2VhbGVk"`, "null", 1)
	garbled := strings.Replace(good, "c2VhbGVk", "!!!", 1)
	twice := func(name, value string) string { return strings.Replace(good, `"`+name+`":`, value+`,"`+name+`":`, 1) }
	differ := func(what, payload string) conformanceCase {
		return conformanceCase{id: "C35", what: what, payload: payload, strict: rejected(wire.DuplicateKey), peer: published(v1out, app7)}
	}
	return []conformanceCase{
		{
			id: "C31", what: "data that is not base64 passes unread", payload: garbled,
			strict: published(strings.Replace(v1out, "c2VhbGVk", "!!!", 1), app7),
			but:    "the incumbent drops it; the payload is opaque to a relay in either mode, and receivers check it",
		},
		{id: "C32", what: "no data", payload: noData, strict: rejected(wire.BadData), peer: published(nullOut, app7)},
		{
			id: "C32", what: "data null", payload: strings.Replace(good, `"c2VhbGVk"`, "null", 1),
			strict: rejected(wire.BadData), peer: published(nullOut, app7),
		},
		differ("keys in capitals", strings.NewReplacer("reply-to", "Reply-To", "target", "TARGET", "headers", "Headers").Replace(good)),
		differ("keys with escapes", strings.Replace(good, `"target"`, `"t\u0061rget"`, 1)),
		differ("the reply subject twice", twice("reply-to", `"reply-to":"mcollective.reply.first.1"`)),
		differ("the targets twice", twice("target", `"target":["mcollective.node.first"]`)),
		differ("the headers twice", twice("headers", `"headers":{"mc_sender":"first"}`)),
	}
}
