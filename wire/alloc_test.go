package wire

import "testing"

func mustNotAllocate(t *testing.T, name string, f func()) {
	t.Helper()
	f()
	if n := testing.AllocsPerRun(100, f); n != 0 {
		t.Errorf("%s: %v allocations", name, n)
	}
}

func TestTheHotPathAllocatesNothing(t *testing.T) {
	const long = "a_collective_with_a_name_that_is_longer_than_thirty-two_bytes"
	messages := map[string][]byte{
		"request":      request(200, 1024),
		"reply":        reply(1024),
		"v2":           []byte(v2(`"reply":"a.b","sender":"x","trace":[["a","b","c"]],"federation":{"request":"r","targets":["a.b"]}`)),
		"unknown keys": []byte(v1(`"` + long + `":1,"\u0061` + long + `":2,"` + long + "é" + `":3,"federation":{"` + long + `":[]}`)),
		"null headers": []byte(`{"protocol":"choria:transport:1","headers":null}`),
		"a duplicate":  []byte(v1(`"\u0046EDERATION":{}`)),
	}
	targets := make([]Span, 0, 200)
	dst := make([]byte, 0, 1<<16)
	var env Envelope
	for name, msg := range messages {
		var r Reason
		mustNotAllocate(t, "Scan "+name, func() { _, r = Scan(msg, usual, &env, targets) })
		if r != OK {
			continue
		}
		mustNotAllocate(t, "AppendRequest "+name, func() { AppendRequest(dst, msg, &env, collectiveSubject, relayHop) })
		mustNotAllocate(t, "AppendReply "+name, func() { AppendReply(dst, msg, &env, relayHop) })
	}
	mustNotAllocate(t, "AppendHop", func() { AppendHop(dst, "nats://a:4222", "relay1 (fedrelay:london)", "nats://b:4222") })

	rules := Rules{MaxLength: 255, Allow: []string{"eu", long}, Deny: []string{"lab", long + "x"}, Replies: []string{"x.>", "*.answers." + long}}
	target, answer, custom := []byte(long+".node.web1"), []byte(long+".reply.a.b"), []byte(long+"y.answers."+long)
	mustNotAllocate(t, "Rules", func() {
		if CheckSubject(target, 255) != OK || rules.Target(target) != OK || rules.Reply(answer) != OK || rules.Reply(custom) != OK ||
			rules.Target(custom) != NotAllowed {
			t.Error("judged otherwise")
		}
		judge := rules.Judge()
		for range 2 { // the second time it knows the beginning
			if judge.Target(target) != OK || judge.Target(custom) != NotAllowed {
				t.Error("judged otherwise")
			}
		}
	})
}
