package relay

import "github.com/fedrelay/fedrelay/wire"

// hint returns an attribute for a log line: what an operator can do about a reason.
func hint(r wire.Reason) []any { return []any{"hint", hints[r]} }

// Hint returns what an operator can do about a reason, by its name in logs and metrics. It is empty
// for other names.
func Hint(reason string) string {
	for r := range wire.NumReasons {
		if r.String() == reason {
			return hints[r]
		}
	}
	return ""
}

// hints say what an operator can do about a reason.
var hints = [wire.NumReasons]string{
	wire.Malformed:       "not JSON: nothing of Choria sends that; see who may publish on the subject",
	wire.TooDeep:         "raise limits.depth if a client of yours nests that deep in keys of its own",
	wire.DuplicateKey:    "a message that is read in two ways; \"compat: peer\" accepts it as the broker of go-choria does",
	wire.BadType:         "a header is not of the type that Choria gives it: update or find the program that sends it",
	wire.BadVersion:      "not a transport message of Choria, version 1 or 2, or header names of both mixed",
	wire.BadData:         "a message without a payload; \"compat: peer\" accepts it as the broker of go-choria does",
	wire.TooManyTargets:  "raise limits.targets, or have the client name fewer nodes in a message",
	wire.TooManyParts:    "a message made to keep the relay busy: see who may publish on the subject",
	wire.NotFederated:    "sent by something that is no federated client: see CHORIA_FED_COLLECTIVE and who may publish here",
	wire.NoTargets:       "a request that names no nodes, or a reply that was sent to the federation side",
	wire.NoReply:         "a message without a reply subject, or a request that was sent to the collective side",
	wire.ReplyNotAllowed: "answers go to <collective>.reply.*: see allow.collectives, which must have the client's main collective, and allow.replies for clients that choose their own reply subject",
	wire.BadSubject:      "spaces, control characters or letters outside ASCII: correct the name in the client's node list, or the request id",
	wire.EmptyToken:      "an empty name, two dots in a row or a dot at the end: correct the name in the client's node list",
	wire.Wildcard:        "* and > are no names: have the client discover nodes, or name them one by one",
	wire.SubjectTooLong:  "raise limits.subject_length where node names, or reply subjects that have passed edges, are that long",
	wire.NotAllowed:      "see allow.collectives; only nodes, agents and services can be addressed",
	wire.Loop:            "a subject of federation brokers: somebody tries to reach another network through this one; or edges lead to each other: see their federation and line servers",
	wire.DuplicateTarget: "a node that is named again gets one copy; see where the client's node list comes from",
	wire.FanoutBytes:     "raise limits.fanout_bytes, or have the client name fewer nodes in a message",
	wire.TooLarge:        "raise max_payload on the side that it goes to",

	wire.CompactMalformed: "not a compact message: see who may publish on the subject",
	wire.CompactChecksum:  "a compact message that was changed on its way: see who may publish on the subject",
	wire.CompactVersion:   "an edge or client that is newer than this relay: update the relay first",
	wire.CompactKind:      "replies on the subject of requests, or requests on that of replies: see who may publish here",
	wire.DecompressLimit:  "raise limits.expanded_bytes if a client or node of yours sends that much in one message",
	wire.Misdirected:      "replies to another edge: see who may publish on the subject",
	wire.Late:             "a request whose client no longer waits: compare the clocks of the hosts",
	wire.TooManyEdges:     "edges lead to edges in a circle: see their federation and line servers",
	wire.SealMissing:      "its request came through a relay that does not seal, such as go-choria's broker, or nobody made it: see return_address",
	wire.SealMalformed:    "a seal that was cut short: see which node sends it",
	wire.SealUnknownKey:   "all relays of a cluster need the same key file; keep old keys until their replies are in",
	wire.SealForged:       "the reply names another subject than its request did: see which node sends it",
	wire.SealOtherCluster: "a reply to a request that came through another cluster's relays",
	wire.SealExpired:      "raise return_address.lifetime if nodes of yours take that long, and compare the clocks of the hosts",
}
