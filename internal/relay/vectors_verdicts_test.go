package relay_test

import (
	"maps"
	"strings"

	"github.com/fedrelay/fedrelay/wire"
)

// rejectedEdges are the cases that strict mode rejects, by reason, whatever the incumbent does with
// them. It carries all others as the incumbent does, except for those in skippedEdges and
// carriedEdges.
var rejectedEdges = map[wire.Reason]string{
	wire.Malformed:       "N01 N02 N04 N05 N06 N33b",
	wire.TooDeep:         "N07",
	wire.DuplicateKey:    "N26 N26b N26c N26d N26e N26f N27 P05c",
	wire.BadType:         "N03a N03b N03d N29d N32 N32b N32c N32d N32e D01 D02 D03",
	wire.BadVersion:      "N03c N08 N08b N10c N30b N30c P08c P08d",
	wire.BadData:         "N31e N31f",
	wire.NotFederated:    "N09 N09b N09d N30d P02",
	wire.NoTargets:       "N09c N10 N10b N10d N30e N35",
	wire.NoReply:         "N11 N11b N30f P01 P01b P08b P09",
	wire.BadSubject:      "N18 P03g",
	wire.Wildcard:        "N18b P03f",
	wire.ReplyNotAllowed: "P03a P03e P03h",
	wire.Loop:            "N16 N17 N17b P03b P03c P03d P05b",
}

// skippedEdges are the cases in which both modes skip the one target.
var skippedEdges = map[wire.Reason]string{
	wire.Wildcard:   "N12a N12b N12c N12d",
	wire.NotAllowed: "N13",
	wire.Loop:       "N14 N15",
}

const web1 = "mcollective.node.web1.ldn.example.net"

// carriedEdges are the cases that either mode carries, though not as the incumbent does.
var carriedEdges = map[string]verdict{
	"N31b": {to: []string{web1}, why: "the payload is opaque: receivers check it"},
	"N31c": {to: []string{web1}, why: "the payload is opaque: receivers check it"},
	"N31d": {to: []string{web1}, why: "the payload is opaque: receivers check it"},
	"N19": {
		to: []string{"mcollective.node.good"},
		skip: []wire.Reason{
			wire.EmptyToken, wire.BadSubject, wire.EmptyToken, wire.EmptyToken, wire.EmptyToken,
			wire.BadSubject, wire.BadSubject, wire.BadSubject,
		},
		why: "a subject with a NUL in it is skipped like the other bad ones",
	},
	"N22b": {none: true, skip: []wire.Reason{wire.TooLarge}, why: "as the incumbent: with the hop it is above max_payload"},
}

func strictEdges() map[string]verdict {
	all := eitherEdges()
	all["N20"] = verdict{to: []string{web1}, skip: []wire.Reason{wire.DuplicateTarget}, why: "a node gets a request once"}
	for reason, names := range rejectedEdges {
		for _, name := range strings.Fields(names) {
			all[name] = verdict{none: true, reason: reason, why: "rejected as " + reason.String()}
		}
	}
	return all
}

// eitherEdges are the cases in which neither mode does as the incumbent.
func eitherEdges() map[string]verdict {
	all := maps.Clone(carriedEdges)
	for reason, names := range skippedEdges {
		for _, name := range strings.Fields(names) {
			all[name] = verdict{none: true, skip: []wire.Reason{reason}, why: bridged}
		}
	}
	return all
}

const (
	kills      = "what kills the incumbent does not pass"
	bridged    = "what reaches across networks does not pass"
	reflection = "what comes back through the other path does not pass"
)

// peerEdges are the cases in which peer mode does not do as the incumbent, and why.
func peerEdges() map[string]verdict {
	all := eitherEdges()
	maps.Copy(all, bridgingEdges)
	return all
}

var bridgingEdges = map[string]verdict{
	"D01": {none: true, reason: wire.NotFederated, why: kills},
	"D02": {none: true, reason: wire.NotFederated, why: kills},
	"D03": {none: true, reason: wire.NotFederated, why: kills},

	"N16":  {none: true, reason: wire.Loop, why: reflection},
	"N17":  {none: true, reason: wire.Loop, why: reflection},
	"N17b": {none: true, reason: wire.Loop, why: reflection},
	"N18b": {none: true, reason: wire.Wildcard, why: bridged},

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
