package wire

import "testing"

type verdict struct {
	subject string
	want    Reason
}

func mustJudge(t *testing.T, judge func([]byte) Reason, verdicts []verdict) {
	t.Helper()
	for _, v := range verdicts {
		if got := judge([]byte(v.subject)); got != v.want {
			t.Errorf("%q: %q, want %q", v.subject, got, v.want)
		}
	}
}

const (
	fips   = "mcollective.reply.e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.7c1f0a52d9e64b0c8a3fd2b1e6a90c44"
	fromV2 = "choria.reply.9ff94a8781520105e44481be68e5d47f.2P0vYTKgDJxQ9Xr0J1vmGWbXMqd"
	ruby   = "mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506.12345.7"
)

func TestStrictRulesAllowTheTargetsThatClientsUse(t *testing.T) {
	rules := Rules{MaxLength: 255}
	mustJudge(t, rules.Target, []verdict{
		{"mcollective.node.web1", OK},
		{"mcollective.node.web-1_a.ldn.example.net", OK},
		{"mcollective.broadcast.agent.discovery", OK},
		{"mcollective.broadcast.service.registry", OK},
		{"eu_prod.broadcast.agent.puppet", OK},
		{"choria.node.web1.example.net", OK}, // clients of version 2 are in this collective
		{"choria.broadcast.agent.rpcutil", OK},
		{"federation.node.web1", OK},
	})
}

func TestStrictRulesAllowNoOtherTargets(t *testing.T) {
	rules := Rules{MaxLength: 255}
	mustJudge(t, rules.Target, []verdict{
		{"choria.federation.london.federation", Loop},
		{"choria.federation.london.collective", Loop},
		{"choria.federation.london.node.web1", Loop},
		{"choria.federation.x", Loop},
		{"choria.federation", NotAllowed},
		{"$SYS.REQ.SERVER.PING", NotAllowed},
		{"$SYS.node.web1", NotAllowed},
		{"$JS.API.STREAM.LIST", NotAllowed},
		{"$KV.bucket.key", NotAllowed},
		{"_INBOX.x", NotAllowed},
		{"_INBOX.node.web1", NotAllowed},
		{"_R_.node.web1", NotAllowed},
		{"_GR_.node.web1", NotAllowed},
		{"mcollective", NotAllowed},
		{"mcollective.node", NotAllowed},
		{"mcollective.nodes.web1", NotAllowed},
		{"mcollective.NODE.web1", NotAllowed},
		{"node.web1", NotAllowed},
		{"a.b.node.web1", NotAllowed},
		{"mcollective.broadcast.agent", NotAllowed},
		{"mcollective.broadcast.agent.a.b", NotAllowed},
		{"mcollective.broadcast.service.a.b", NotAllowed},
		{"mcollective.broadcast.other.a", NotAllowed},
		{"mcollective.broadcast.node.a", NotAllowed},
		{ruby, NotAllowed},
		{"choria.lifecycle.event.startup.x", NotAllowed},
		{"mcollective.node.*", Wildcard},
		{"mcollective.node.>", Wildcard},
		{"mcollective.node.", EmptyToken},
		{"mcollective..node.x", EmptyToken},
		{"mcollective.node.a b", BadSubject},
		{"mcollective.node.x\r\nPUB y 0\r\n", BadSubject},
	})
	short := Rules{MaxLength: 20}
	mustJudge(t, short.Target, []verdict{{"mcollective.node.web", OK}, {"mcollective.node.web1", SubjectTooLong}})
}

func TestStrictRulesOnReplies(t *testing.T) {
	rules := Rules{MaxLength: 255}
	mustJudge(t, rules.Reply, []verdict{
		{replySubject, OK},
		{fips, OK},
		{fromV2, OK},
		{ruby, OK},
		{"eu_prod.reply.x.y", OK},
		{"eu_prod.reply.x", OK},

		{"choria.federation.paris.federation", Loop},
		{"choria.federation.london.collective", Loop},
		{"choria.federation.reply.x", Loop},
		{"mcollective.broadcast.agent.package", ReplyNotAllowed},
		{"mcollective.node.web1", ReplyNotAllowed},
		{"mcollective.reply", ReplyNotAllowed},
		{"mcollective.replies.x", ReplyNotAllowed},
		{"reply.x", ReplyNotAllowed},
		{"a.b.reply.x", ReplyNotAllowed},
		{"$SYS.reply.x", ReplyNotAllowed},
		{"$SYS.REQ.SERVER.PING", ReplyNotAllowed},
		{"$JS.API.STREAM.LIST", ReplyNotAllowed},
		{"_INBOX.x", ReplyNotAllowed},
		{"_INBOX.reply.x", ReplyNotAllowed},
		{"_R_.reply.x", ReplyNotAllowed},
		{"zzz", ReplyNotAllowed},
		{"mcollective.reply.>", Wildcard},
		{"mcollective.reply.*.x", Wildcard},
		{"mcollective.reply.", EmptyToken},
		{"a b", BadSubject},
	})
}

func TestPeerRulesAllowAnyShapeButStayOnThePath(t *testing.T) {
	rules := Rules{MaxLength: 255, Peer: true}
	mustJudge(t, rules.Target, []verdict{
		{"mcollective.node.web1", OK},
		{"some.thing.else", OK},
		{"one", OK},
		{"_INBOX.x", OK},
		{ruby, OK},
		{"choria.federation.london.collective", Loop},
		{"$SYS.REQ.SERVER.PING", NotAllowed},
		{"$JS.API.STREAM.LIST", NotAllowed},
		{"_R_.x", NotAllowed},
		{"_GR_.x.y", NotAllowed},
		{"_R", OK},
		{"mcollective.node.*", Wildcard},
		{"mcollective..node", EmptyToken},
		{"a b", BadSubject},
	})
	mustJudge(t, rules.Reply, []verdict{
		{ruby, OK},
		{"_INBOX.x", OK},
		{"custom.subject", OK},
		{"one", OK},
		{"choria.federation.paris.federation", Loop},
		{"mcollective.broadcast.agent.package", ReplyNotAllowed},
		{"mcollective.broadcast.service.x", ReplyNotAllowed},
		{"mcollective.node.web1.example.net", ReplyNotAllowed},
		{"$JS.API.STREAM.LIST", ReplyNotAllowed},
		{"_R_.x", ReplyNotAllowed},
		{"mcollective.reply.>", Wildcard},
		{"a..b", EmptyToken},
		{"a\nb", BadSubject},
	})
}

func TestCollectivesAreAllowedAndDenied(t *testing.T) {
	for _, peer := range []bool{false, true} {
		allow := Rules{MaxLength: 255, Peer: peer, Allow: []string{"eu", "us"}}
		mustJudge(t, allow.Target, []verdict{
			{"eu.node.x", OK}, {"us.broadcast.agent.x", OK}, {"asia.node.x", NotAllowed}, {"eux.node.x", NotAllowed}, {"e.node.x", NotAllowed}, {"EU.node.x", NotAllowed},
		})
		mustJudge(t, allow.Reply, []verdict{{"eu.reply.x", OK}, {"asia.reply.x", ReplyNotAllowed}})

		deny := Rules{MaxLength: 255, Peer: peer, Deny: []string{"lab"}}
		mustJudge(t, deny.Target, []verdict{{"eu.node.x", OK}, {"lab.node.x", NotAllowed}, {"lab2.node.x", OK}})
		mustJudge(t, deny.Reply, []verdict{{"eu.reply.x", OK}, {"lab.reply.x", ReplyNotAllowed}})

		both := Rules{MaxLength: 255, Peer: peer, Allow: []string{"eu", "lab"}, Deny: []string{"lab"}, Replies: []string{"lab.>"}}
		mustJudge(t, both.Target, []verdict{{"eu.node.x", OK}, {"lab.node.x", NotAllowed}})
		mustJudge(t, both.Reply, []verdict{{"eu.reply.x", OK}, {"lab.reply.x", ReplyNotAllowed}, {"lab.x", ReplyNotAllowed}})
	}
}

func TestFurtherReplySubjects(t *testing.T) {
	rules := Rules{MaxLength: 255, Allow: []string{"eu"}, Replies: []string{"audit.answers", "_INBOX.>", "x.*.y", "z.*", "v.>.w"}}
	mustJudge(t, rules.Reply, []verdict{
		{"audit.answers", OK},
		{"audit.answers.x", ReplyNotAllowed},
		{"audit", ReplyNotAllowed},
		{"_INBOX.a", OK},
		{"_INBOX.a.b.c", OK},
		{"_INBOX", ReplyNotAllowed},
		{"x.a.y", OK},
		{"x.a.b.y", ReplyNotAllowed},
		{"x.y", ReplyNotAllowed},
		{"z.a", OK},
		{"z.a.b", ReplyNotAllowed},
		{"z", ReplyNotAllowed},
		{"v.a.w", ReplyNotAllowed},
		{"v.a", ReplyNotAllowed},
		{"eu.reply.x", OK},
	})
	mustJudge(t, rules.Target, []verdict{{"audit.answers", NotAllowed}, {"_INBOX.a", NotAllowed}})

	// No pattern allows a subject that nobody may publish on.
	all := Rules{MaxLength: 255, Replies: []string{">"}}
	mustJudge(t, all.Reply, []verdict{
		{"anything", OK},
		{"any.thing.else", OK},
		{"choria.federation.paris.federation", Loop},
		{"$SYS.REQ.SERVER.PING", ReplyNotAllowed},
		{"_R_.x", ReplyNotAllowed},
		{"mcollective.node.web1", ReplyNotAllowed},
		{"mcollective.broadcast.agent.x", ReplyNotAllowed},
		{"a.>", Wildcard},
		{"a b", BadSubject},
	})
}

// Whether an answer is allowed does not depend on the targets: stock clients ask in a sub
// collective and listen in their own.
func TestAnAnswerMayGoToAnyCollectiveThatTheRulesAllow(t *testing.T) {
	rules := Rules{MaxLength: 255, Allow: []string{"eu", "us"}, Deny: []string{"lab"}}
	mustJudge(t, rules.Reply, []verdict{
		{"eu.reply.a.b", OK}, {"us.reply.a.b", OK}, {"asia.reply.a.b", ReplyNotAllowed}, {"lab.reply.a.b", ReplyNotAllowed},
		{"us.node.a", ReplyNotAllowed}, {"us.broadcast.agent.a", ReplyNotAllowed}, {"choria.federation.us.federation", Loop},
	})
}

// The incumbent publishes on such subjects. Bytes that could end a word or a line stay bad, as do
// control bytes.
func TestPeerRulesAllowBytesThatNamesMayHold(t *testing.T) {
	peer, strict := Rules{MaxLength: 255, Peer: true}, Rules{MaxLength: 255}
	for _, subject := range []string{"m.node.bücher", "m.node.a\"b", `m.node.a\b`, "m.node.a\x7f", "m.node.\ufffd"} {
		mustJudge(t, peer.Target, []verdict{{subject, OK}})
		mustJudge(t, strict.Target, []verdict{{subject, BadSubject}})
	}
	for c := range ' ' + 1 {
		subject := "m.node.a" + string(c) + "b"
		mustJudge(t, peer.Target, []verdict{{subject, BadSubject}})
		mustJudge(t, peer.Reply, []verdict{{subject, BadSubject}})
	}
	mustJudge(t, peer.Target, []verdict{{"m.nöde.*", Wildcard}, {"m.nöde.", EmptyToken}, {"$sÿs.x.y", NotAllowed}, {"choria.federation.ü.x", Loop}})
}

func TestZeroRulesAllowNothing(t *testing.T) {
	var rules Rules
	mustJudge(t, rules.Target, []verdict{{"mcollective.node.x", SubjectTooLong}})
	mustJudge(t, rules.Reply, []verdict{{"mcollective.reply.x", SubjectTooLong}})
}
