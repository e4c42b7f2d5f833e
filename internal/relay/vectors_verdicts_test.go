package relay_test

import (
	"strings"

	"github.com/fedrelay/fedrelay/wire"
)

// refusedEdges are the cases that strict mode refuses, whatever the incumbent does with them, by reason. All others it
// carries as the incumbent does, except for those in carriedEdges.
var refusedEdges = map[wire.Reason]string{
	wire.Malformed:       "N01 N02 N04 N05 N06 N33b",
	wire.TooDeep:         "N07",
	wire.DuplicateKey:    "N26 N26b N26c N26d N26e N26f N27 P05c",
	wire.BadType:         "N03a N03b N03d N29c N29d N32 N32b N32c N32d N32e N32f D01 D02 D03",
	wire.BadVersion:      "N03c N08 N08b N10c N30b N30c P08c P08d",
	wire.BadData:         "N31e N31f",
	wire.NotFederated:    "N09 N09b N09d N30d P02",
	wire.NoTargets:       "N09c N10 N10b N10d N30e N35",
	wire.NoReply:         "N11 N11b N30f P01 P01b P08b P09",
	wire.BadSubject:      "N18 P03g",
	wire.EmptyToken:      "N19",
	wire.Wildcard:        "N12a N12b N12c N12d N18b P03f",
	wire.NotAllowed:      "N13",
	wire.ReplyNotAllowed: "P03a P03e P03h",
	wire.Loop:            "N14 N15 N16 N17 N17b P03b P03c P03d P05b",
}

const web1 = "mcollective.node.web1.ldn.example.net"

// carriedEdges are the cases that either mode carries, though not as the incumbent does.
var carriedEdges = map[string]verdict{
	"N31b": {to: []string{web1}, why: "the payload is opaque: receivers check it"},
	"N31c": {to: []string{web1}, why: "the payload is opaque: receivers check it"},
	"N31d": {to: []string{web1}, why: "the payload is opaque: receivers check it"},
	"N22b": {none: true, skip: []wire.Reason{wire.TooLarge}, why: "as the incumbent: with the hop it is above max_payload"},
}

func strictEdges() map[string]verdict {
	all := make(map[string]verdict)
	for name, v := range carriedEdges {
		all[name] = v
	}
	for reason, names := range refusedEdges {
		for _, name := range strings.Fields(names) {
			all[name] = verdict{none: true, reason: reason, why: "refused as " + reason.String()}
		}
	}
	return all
}

const (
	kills      = "what kills the incumbent is refused"
	bridged    = "what reaches across networks is refused"
	unheard    = "a request that nobody could answer is refused"
	reflection = "what comes back through the other path is refused"
)

// peerEdges are the cases in which peer mode does not do as the incumbent, and why.
var peerEdges = map[string]verdict{
	"D01": {none: true, reason: wire.NotFederated, why: kills},
	"D02": {none: true, reason: wire.NotFederated, why: kills},
	"D03": {none: true, reason: wire.NotFederated, why: kills},

	"N12a": {none: true, reason: wire.Wildcard, why: bridged},
	"N12b": {none: true, reason: wire.Wildcard, why: bridged},
	"N12c": {none: true, reason: wire.Wildcard, why: bridged},
	"N12d": {none: true, reason: wire.Wildcard, why: bridged},
	"N13":  {none: true, reason: wire.NotAllowed, why: bridged},
	"N14":  {none: true, reason: wire.Loop, why: bridged},
	"N15":  {none: true, reason: wire.Loop, why: reflection},
	"N16":  {none: true, reason: wire.Loop, why: reflection},
	"N17":  {none: true, reason: wire.Loop, why: reflection},
	"N17b": {none: true, reason: wire.Loop, why: reflection},
	"N18":  {none: true, reason: wire.BadSubject, why: unheard},
	"N18b": {none: true, reason: wire.Wildcard, why: bridged},
	"N19": {
		to: []string{"mcollective.node.good"},
		skip: []wire.Reason{
			wire.EmptyToken, wire.BadSubject, wire.EmptyToken, wire.EmptyToken, wire.EmptyToken,
			wire.BadSubject, wire.BadSubject, wire.BadSubject,
		},
		why: "a subject with a NUL in it is skipped like the other bad ones",
	},
	"N22b": carriedEdges["N22b"],
	"N31b": carriedEdges["N31b"],
	"N31c": carriedEdges["N31c"],
	"N31d": carriedEdges["N31d"],

	"P03a": {none: true, reason: wire.ReplyNotAllowed, why: bridged},
	"P03b": {none: true, reason: wire.Loop, why: bridged},
	"P03c": {none: true, reason: wire.Loop, why: bridged},
	"P03d": {none: true, reason: wire.Loop, why: bridged},
	"P03e": {none: true, reason: wire.ReplyNotAllowed, why: bridged},
	"P03f": {none: true, reason: wire.Wildcard, why: bridged},
	"P03h": {none: true, reason: wire.ReplyNotAllowed, why: bridged},
	"P05b": {none: true, reason: wire.Loop, why: bridged},
	"P05c": {none: true, reason: wire.Loop, why: bridged},
}
