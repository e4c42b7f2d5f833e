package relay_test

import (
	"slices"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/wire"
)

// requestCases are what clients send.
func requestCases() []conformanceCase {
	bare := v1(`"reply-to":"@R","mc_sender":"bastion1.example.net","federation":{"req":"@Q","target":["` + app7 + `"]}`)
	bareOut := `"reply-to":"@CS","mc_sender":"bastion1.example.net",%"federation":{"req":"@Q","reply-to":"@R"}`
	return []conformanceCase{
		{
			id: "C01", what: "v1 to two nodes",
			payload: v1fed(`{"req":"@Q","target":[@T]}`),
			strict:  published(v1out, app7, app8),
		}, {
			id: "C02", what: "v2 to two nodes",
			payload: v2(`"reply":"choria.reply.9ff94a87.3Bq","sender":"bastion1.example.net","trace":[@H],` +
				`"federation":{"request":"3Bq","targets":["choria.node.app7","choria.node.app8"]}`),
			strict: published(v2(`"reply":"@CS","sender":"bastion1.example.net","trace":[@H,@+],`+
				`"federation":{"request":"3Bq","reply":"choria.reply.9ff94a87.3Bq"}`), "choria.node.app7", "choria.node.app8"),
		}, {
			id: "C03", what: "v1 to an agent",
			payload: v1fed(targets("mcollective.broadcast.agent.discovery")),
			strict:  published(v1out, "mcollective.broadcast.agent.discovery"),
		}, {
			id: "C04", what: "v1 to a service",
			payload: v1fed(targets("mcollective.broadcast.service.registry")),
			strict:  published(v1out, "mcollective.broadcast.service.registry"),
		}, {
			id: "C05", what: "v1 as Ruby writes it",
			payload: `{"headers":{"federation":{"target":["` + app7 + `"],"req":"@Q"},"mc_sender":"bastion1.example.net",` +
				`"seen-by":[["bastion1.example.net","nats://fed1.example.net:4222"]],"x-own":{"a":[1]},"reply-to":"@R"},` +
				`"data":"c2Vh\nbGVk\n","protocol":"choria:transport:1"}`,
			strict: published(`{"protocol":"choria:transport:1","data":"c2Vh\nbGVk\n","headers":{"reply-to":"@CS",`+
				`"mc_sender":"bastion1.example.net","seen-by":[["bastion1.example.net","nats://fed1.example.net:4222"],@+],`+
				`"federation":{"req":"@Q","reply-to":"@R"}}}`, app7),
			but: "the incumbent joins the data, which is the same to every reader, and pads the hop, which blanks a label of the trace tool",
		}, {
			id: "C06", what: "v1 without a trace",
			payload: bare,
			strict:  published(v1(strings.Replace(bareOut, "%", "", 1)), app7),
			peer:    published(v1(strings.Replace(bareOut, "%", `"seen-by":[@+],`, 1)), app7),
		}, {
			id: "C17", what: "no request id",
			payload: v1fed(`{"target":["` + app7 + `"]}`),
			strict:  published(strings.Replace(v1out, `"req":"@Q",`, "", 1), app7),
		}, {
			id: "C18", what: "the place of the saved reply subject is taken",
			payload: v1fed(`{"req":"@Q","reply-to":"zzz","target":["` + app7 + `"]}`),
			strict:  published(v1out, app7),
		}, {
			id: "C19", what: "a target twice",
			payload: v1fed(targets(app7, app7)),
			strict:  published(v1out, app7).skipping(wire.DuplicateTarget),
			peer:    published(v1out, app7, app7),
		}, {
			id: "C37", what: "NATS headers and a NATS reply subject on a request",
			payload: v1fed(targets(app7)),
			reply:   "mcollective.reply.elsewhere.1",
			header:  nats.Header{"Nats-Msg-Id": {"1"}, "Nats-Expected-Stream": {"s"}},
			strict:  published(v1out, app7),
		},
	}
}

// shapeCases are names as they are found in the wild.
func shapeCases() []conformanceCase {
	fips := "mcollective.reply.1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c5b6a7988.7c1f0a52d9e64b0c8a3fd2b1e6a90c44"
	ruby := "mcollective.reply.9ff94a8781520105e44481be68e5d47f.31337.12"
	foreign := slices.Repeat([]string{"mcollective.node.сервер-москва"}, 199)
	long := "mcollective.node." + strings.Repeat("rack-07_slot-3.", 6) + "dc-2.internal.example.net"
	from := func(reply string) string { return strings.ReplaceAll(v1fed(targets(app7)), "@R", reply) }
	to := func(reply string) string { return strings.ReplaceAll(v1out, "@R", reply) }
	return []conformanceCase{
		{
			id: "C43", what: "a sub collective, answers to the client's main collective",
			payload: v1fed(targets("eu_prod.node.app7", "eu_prod.node.app8")),
			strict:  published(v1out, "eu_prod.node.app7", "eu_prod.node.app8"),
		},
		{
			id: "C45", what: "identities with escapes, as some programs write them",
			payload: v1fed(targets(`mcollective.node.a\u0026b`, `mcollective.node.a\/b`, `mcollective.node.\u0061pp7`)),
			strict:  published(v1out, "mcollective.node.a&b", "mcollective.node.a/b", "mcollective.node.app7"),
		},
		{
			id: "C45", what: "a reply subject with escapes", payload: from(`mcollective.reply.\u0061\/b.c`),
			strict: published(to(`mcollective.reply.\u0061\/b.c`), app7),
		},
		{
			id: "C45", what: "an identity outside ASCII", payload: v1fed(targets("mcollective.node.bücher", app7)),
			strict: published(v1out, app7).skipping(wire.BadSubject),
			peer:   published(v1out, "mcollective.node.bücher", app7),
		},
		{
			id: "C45", what: "a group of which all names but one are in another script",
			payload: v1fed(targets(append(foreign, app7)...)),
			strict:  published(v1out, app7).skipping(slices.Repeat([]wire.Reason{wire.BadSubject}, len(foreign))...),
			peer:    published(v1out, append(foreign, app7)...),
		},
		{
			id: "C43", what: "a sub collective",
			payload: strings.ReplaceAll(v1fed(targets("eu_prod.broadcast.agent.puppet")), "@R", "eu_prod.reply.x.y"),
			strict:  published(to("eu_prod.reply.x.y"), "eu_prod.broadcast.agent.puppet"),
		},
		{id: "C44", what: "the reply subject of a FIPS client", payload: from(fips), strict: published(to(fips), app7)},
		{id: "C44", what: "the reply subject of a Ruby client", payload: from(ruby), strict: published(to(ruby), app7)},
		{id: "C45", what: "a long identity", payload: v1fed(targets(long)), strict: published(v1out, long)},
		{
			id: "C45", what: "an identity with everything in it",
			payload: v1fed(targets("mcollective.node.A_b-c.0.x--y._z")),
			strict:  published(v1out, "mcollective.node.A_b-c.0.x--y._z"),
		},
	}
}

// hostileRequestCases aim at what a client must not reach.
func hostileRequestCases() []conformanceCase {
	var all []conformanceCase
	bridge := func(id, target string, r wire.Reason) {
		all = append(all, conformanceCase{
			id: id, what: "target " + target, payload: v1fed(targets(target)), strict: skipped(r), but: bridges,
		}, conformanceCase{
			id: id, what: "target " + target + " beside a good one", payload: v1fed(targets(app7, target, app8)),
			strict: published(v1out, app7, app8).skipping(r),
			but:    bridges,
		})
	}
	bridge("C21", "choria.federation.paris.federation", wire.Loop)
	bridge("C22", "$SYS.REQ.SERVER.PING", wire.NotAllowed)
	bridge("C22", "mcollective.node.*", wire.Wildcard)
	bridge("C22", "mcollective.node.>", wire.Wildcard)
	bridge("C23", "choria.federation.london.collective", wire.Loop)
	return append(all, conformanceCase{
		id: "C20", what: "targets of bad grammar",
		payload: v1fed(targets("", "a b", "mcollective..node", "ok.after")),
		strict:  skipped(wire.EmptyToken, wire.BadSubject, wire.EmptyToken, wire.NotAllowed),
		peer:    published(v1out, "ok.after").skipping(wire.EmptyToken, wire.BadSubject, wire.EmptyToken),
	}, conformanceCase{
		id: "C20", what: "targets of bad grammar beside a good one",
		payload: v1fed(targets("", "a b", "mcollective..node", app7, "mcollective.node.app8.")),
		strict:  published(v1out, app7).skipping(wire.EmptyToken, wire.BadSubject, wire.EmptyToken, wire.EmptyToken),
	}, conformanceCase{
		id: "C24", what: "reply subject of another cluster",
		payload: strings.ReplaceAll(v1fed(targets(app7)), "@R", "choria.federation.paris.federation"),
		strict:  rejected(wire.Loop),
		but:     bridges,
	})
}
