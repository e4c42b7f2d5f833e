package wire_test

import (
	"fmt"

	"github.com/fedrelay/fedrelay/wire"
)

// A relay takes a request from the federation. It scans it, judges every subject, and writes the
// one message that all targets get.
func Example() {
	msg := []byte(`{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{` +
		`"reply-to":"mcollective.reply.4f2a.1","mc_sender":"bastion1","unknown":true,` +
		`"federation":{"req":"1","target":["mcollective.node.web1","mcollective.node.web2"]}}}`)
	limits := wire.Limits{Depth: 16, Hops: 16, Targets: 10_000}
	rules := wire.Rules{MaxLength: 255}

	var env wire.Envelope
	targets, reason := wire.Scan(msg, limits, &env, nil)
	if reason != wire.OK {
		fmt.Println("rejected:", reason)
		return
	}
	fmt.Println("answers to", string(env.Reply.Of(msg)), rules.Reply(env.Reply.Of(msg)) == wire.OK)
	for _, t := range targets {
		fmt.Println("copy to", string(t.Of(msg)), rules.Target(t.Of(msg)) == wire.OK)
	}
	hop := wire.AppendHop(nil, "nats://f:4222", "relay1", "nats://c:4222")
	fmt.Printf("%s\n", wire.AppendRequest(nil, msg, &env, "choria.federation.london.collective", hop))

	// Output:
	// answers to mcollective.reply.4f2a.1 true
	// copy to mcollective.node.web1 true
	// copy to mcollective.node.web2 true
	// {"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"reply-to":"choria.federation.london.collective","mc_sender":"bastion1","seen-by":[["nats://f:4222","relay1","nats://c:4222"]],"federation":{"req":"1","reply-to":"mcollective.reply.4f2a.1"}}}
}
