package relay_test

import (
	"strings"

	"github.com/fedrelay/fedrelay/wire"
)

// A hostileSubject is one that passes neither as a target nor as a reply subject, as it stands in
// JSON.
type hostileSubject struct {
	id, text      string
	target, reply wire.Reason
}

func (s hostileSubject) name() string {
	if len(s.text) > 40 {
		return s.text[:40] + "..."
	}
	return s.text
}

// bothWays is a subject that is bad for one reason wherever it stands.
func bothWays(id, text string, r wire.Reason) hostileSubject { return hostileSubject{id, text, r, r} }

func hostileSubjects() []hostileSubject {
	return append(append(badGrammar(), tooLong()...), notAllowed()...)
}

// badGrammar are subjects that break the rules of NATS. A reply subject and a target are broken in
// the same place.
func badGrammar() (all []hostileSubject) {
	for text, r := range map[string]wire.Reason{
		`*`:                                     wire.Wildcard,
		`>`:                                     wire.Wildcard,
		`mcollective.node.*`:                    wire.Wildcard,
		`mcollective.reply.>`:                   wire.Wildcard,
		`mcollective.*.x.y`:                     wire.Wildcard,
		`mcollective.reply.*.x`:                 wire.Wildcard,
		`.`:                                     wire.EmptyToken,
		`mcollective..node`:                     wire.EmptyToken,
		`.mcollective.node.x`:                   wire.EmptyToken,
		`mcollective.reply.x.`:                  wire.EmptyToken,
		`mcollective.node. x`:                   wire.BadSubject,
		`mcollective.reply.x y`:                 wire.BadSubject,
		`mcollective.node.a\tb`:                 wire.BadSubject,
		`mcollective.node.a\r\nPUB evil 0\r\n`:  wire.BadSubject,
		`mcollective.node.a 0\r\n\r\nPUB x 0`:   wire.BadSubject,
		`mcollective.reply.a\nSUB > 1\r\n`:      wire.BadSubject,
		`mcollective.node.a\u000d\u000aPING`:    wire.BadSubject,
		`mcollective.node.a\u0000`:              wire.BadSubject,
		`mcollective.node.\u002a`:               wire.Wildcard, // judged with escapes resolved
		`mcollective.node\u002e`:                wire.EmptyToken,
		"mcollective.node.a\x7f":                wire.BadSubject,
		"mcollective.node.a\u00a0b":             wire.BadSubject,
		"mcollective.node.a\u202eb":             wire.BadSubject,
		"mcollective.reply.\u200b.b":            wire.BadSubject,
		"mcollective.node.a\xff":                wire.Malformed,
		"mcollective.node.a\x00":                wire.Malformed,
		"mcollective.node.a\r\nPUB evil 0\r\n":  wire.Malformed,
		`mcollective.node.a\ud800`:              wire.Malformed,
		`mcollective.node.a"],"target":["x.y.z`: wire.DuplicateKey,
	} {
		all = append(all, bothWays("B11-B14", text, r))
	}
	all[indexOf(all, `mcollective.node.a"],"target":["x.y.z`)].reply = wire.Malformed
	return all
}

func indexOf(all []hostileSubject, text string) int {
	for i, s := range all {
		if s.text == text {
			return i
		}
	}
	panic("no such subject")
}

// tooLong are subjects that end a connection, or would have ended one if they were a little longer.
func tooLong() (all []hostileSubject) {
	for _, n := range []int{256, 300, 1025, 4000, 4096, 5000, 100_000} {
		for _, head := range []string{"mcollective.node.", "mcollective.reply.x."} {
			all = append(all, bothWays("B15", head+strings.Repeat("x", n-len(head)), wire.SubjectTooLong))
		}
	}
	return all
}

// notAllowed are well-formed subjects of others.
func notAllowed() (all []hostileSubject) {
	for _, text := range []string{
		"$SYS.REQ.SERVER.PING", "$SYS.node.x", "$JS.API.STREAM.LIST", "$KV.bucket.key", "_R_.x.y", "_GR_.x.y.z", "_INBOX.x.y",
		"_INBOX.node.x", "x", "mcollective", "mcollective.node", "mcollective.nodes.x", "mcollective.broadcast.agent",
		"mcollective.broadcast.x.y", "choria.lifecycle.event.startup.server", "choria.federation", "mcollective.x.reply.y",
	} {
		all = append(all, hostileSubject{"B16-B17", text, wire.NotAllowed, wire.ReplyNotAllowed})
	}
	for _, text := range []string{
		`choria.feder\u0061tion.paris.federation`,
		"choria.federation.london.federation", "choria.federation.london.collective", "choria.federation.london.stats",
		"choria.federation.paris.federation", "choria.federation.paris.collective", "choria.federation.x", "choria.federation.a.b.c",
	} {
		all = append(all, bothWays("B18", text, wire.Loop))
	}
	return all
}
