package relay_test

import (
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/wire"
)

// replyCases are what nodes send.
func replyCases() []conformanceCase {
	withReply := func(s string) string { return strings.Replace(s, `"headers":{`, `"headers":{"reply-to":"keepme",`, 1) }
	return []conformanceCase{
		{
			id: "C07", what: "v1 reply", from: collective,
			payload: v1reply(savedReply("@R")),
			strict:  published(v1answer, answers),
		}, {
			id: "C08", what: "v2 reply", from: collective,
			payload: v2(`"sender":"app7.example.net","trace":[@HH],"federation":{"request":"3Bq","reply":"choria.reply.9ff94a87.3Bq"}`),
			strict:  published(v2(`"sender":"app7.example.net","trace":[@HH,@+]`), "choria.reply.9ff94a87.3Bq"),
		}, {
			id: "C09", what: "a reply subject of its own is kept and not used", from: collective,
			payload: withReply(v1reply(savedReply("@R"))),
			strict:  published(withReply(v1answer), answers),
		}, {
			id: "C10", what: "targets of a reply are not used", from: collective,
			payload: v1reply(`{"req":"@Q","reply-to":"@R","target":[@T]}`),
			strict:  published(v1answer, answers),
		}, {
			id: "C10", what: "targets of a reply are not even counted", from: collective,
			payload: v1reply(`{"req":"@Q","reply-to":"@R","target":["` + strings.Repeat(`x","`, 60_000) + `",null]}`),
			strict:  published(v1answer, answers),
		}, {
			id: "C45", what: "a saved reply subject with escapes", from: collective,
			payload: v1reply(savedReply(`mcollective.reply.\u0061\/b.c`)),
			strict:  published(v1answer, "mcollective.reply.a/b.c"),
		}, {
			id: "C37", what: "NATS headers and a NATS reply subject on a reply", from: collective,
			payload: v1reply(savedReply("@R")),
			reply:   "mcollective.node.app9",
			header:  nats.Header{"X-Own": {"1", "2"}},
			strict:  published(v1answer, answers),
		}, {
			id: "C43", what: "a reply in a sub collective", from: collective,
			payload: v1reply(savedReply("eu_prod.reply.x.y")),
			strict:  published(v1answer, "eu_prod.reply.x.y"),
		},
	}
}

// hostileReplyCases are forged by a node, or have lost their way.
func hostileReplyCases() []conformanceCase {
	none := func(id, what string, from side, payload string, r wire.Reason) conformanceCase {
		return conformanceCase{id: id, what: what, from: from, payload: payload, strict: rejected(r)}
	}
	forged := func(id, what, subject string, r wire.Reason) conformanceCase {
		return none(id, what, collective, v1reply(savedReply(subject)), r)
	}
	agent := forged("C25", "answers to an agent", "mcollective.broadcast.agent.package", wire.ReplyNotAllowed)
	paris := forged("C26", "answers to another cluster", "choria.federation.paris.federation", wire.Loop)
	agent.but, paris.but = bridges, bridges
	hidden := forged("C26", "answers to another cluster, escaped", `choria.f\u0065deration.paris.federation`, wire.Loop)
	hidden.but = bridges
	return []conformanceCase{
		agent,
		paris,
		hidden,
		none("C27", "a reply that is not federated", collective, v1(`"mc_sender":"app7.example.net"`), wire.NotFederated),
		none("C27", "a reply with nowhere to go", collective, v1reply(`{"req":"@Q"}`), wire.NoReply),
		none("C28", "a request on the collective subject", collective, v1fed(targets(app7)), wire.NoReply),
		none("C28", "a reply on the federation subject", federation, v1reply(savedReply("@R")), wire.NoTargets),
	}
}

// foldedCases hide a second federation object under a name that a folding reader takes for the real
// one.
func foldedCases() (all []conformanceCase) {
	second := `{"req":"x","target":["` + app8 + `"]}`
	for _, name := range []string{"Federation", "FEDERATION", `feder\u0061tion`} {
		hidden := strings.NewReplacer(`"federation":`, `"`+name+`":`+second+`,"federation":`)
		all = append(all, conformanceCase{
			id: "C60", what: name + " beside the real one, to a client", from: collective,
			payload: hidden.Replace(v1reply(savedReply("@R"))),
			strict:  rejected(wire.DuplicateKey),
			peer:    published(v1answer, answers),
		}, conformanceCase{
			id: "C60", what: name + " beside the real one, to another cluster", from: collective,
			payload: hidden.Replace(v1reply(savedReply("choria.federation.paris.federation"))),
			strict:  rejected(wire.DuplicateKey),
			peer:    rejected(wire.Loop),
			but:     bridges,
		})
	}
	for _, name := range []string{`header\u017f`, "headerſ"} {
		all = append(all, conformanceCase{
			id: "C61", what: "a second header object named " + name, from: collective,
			payload: strings.TrimSuffix(v1reply(savedReply("@R")), "}") + `,"` + name + `":{"federation":` + second + `}}`,
			strict:  rejected(wire.DuplicateKey),
			peer:    published(v1answer, answers),
		})
	}
	return all
}
