package wire

import (
	"fmt"
	"strings"
	"testing"
)

// usual are the limits of a relay with its default settings.
var usual = Limits{Depth: 16, Hops: 16, Targets: 50_000}

// skipping are those of its replies.
var skipping = Limits{Depth: 16, Hops: 16, Targets: 50_000, SkipTargets: true}

const (
	collectiveSubject = "choria.federation.london.collective"
	replySubject      = "mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506.7c1f0a52d9e64b0c8a3fd2b1e6a90c44"
	clientHop         = `["nats://choria1.fed.example.net:4222","bastion1.fed.example.net","nats://choria1.fed.example.net:4222"]`
)

var relayHop = AppendHop(nil, "nats://choria2.fed.example.net:4222", "relay1.ldn.example.net (fedrelay:london)", "nats://choria1.ldn.example.net:4222")

// request returns a version 1 request for n nodes with a payload of size bytes.
func request(n, size int) []byte {
	targets := make([]string, n)
	for i := range targets {
		targets[i] = fmt.Sprintf(`"mcollective.node.web%05d.ldn.example.net"`, i)
	}
	return []byte(`{"protocol":"choria:transport:1","data":"` + strings.Repeat("QUJD", size/4) + `","headers":{"reply-to":"` +
		replySubject + `","mc_sender":"bastion1.fed.example.net","seen-by":[` + clientHop +
		`],"federation":{"req":"7c1f0a52d9e64b0c8a3fd2b1e6a90c44","target":[` + strings.Join(targets, ",") + `]}}}`)
}

// reply returns a version 1 reply with a payload of size bytes.
func reply(size int) []byte {
	return []byte(`{"protocol":"choria:transport:1","data":"` + strings.Repeat("QUJD", size/4) +
		`","headers":{"mc_sender":"web1.ldn.example.net","seen-by":[` + strings.Repeat(clientHop+",", 2) + clientHop +
		`],"federation":{"req":"7c1f0a52d9e64b0c8a3fd2b1e6a90c44","reply-to":"` + replySubject + `"}}}`)
}

// mustScan scans a message that is known to be good.
func mustScan(tb testing.TB, b []byte) (Envelope, []Span) {
	tb.Helper()
	var env Envelope
	targets, r := Scan(b, usual, &env, nil)
	if r != OK {
		tb.Fatalf("Scan: %v\n%.300s", r, b)
	}
	return env, targets
}
