package relay_test

import (
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// A conformanceCase is one line of the conformance checklist, or one of several that make up a
// line.
type conformanceCase struct {
	id, what string
	from     side
	payload  string
	reply    string // NATS reply subject
	header   nats.Header

	strict *outcome
	peer   *outcome // with compat: peer and trace: always; nil if the same
	but    string   // why peer is not what the incumbent does
}

// What kills the incumbent, or reaches across networks, does not pass in peer mode, either.
const bridges = "kills or bridges: does not pass in either mode"

// Short names in messages: what a client, a node and the relay write again and again.
const (
	clientHop = `["nats://fed1.example.net:4222","bastion1.example.net","nats://fed1.example.net:4222"]`
	nodeHops  = clientHop + `,["nats://fed2.example.net:4222","relay2","nats://ldn1.example.net:4222"]` +
		`,["nats://ldn1.example.net:4222","app7.example.net","nats://ldn1.example.net:4222"]`
	answers = "mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506.7c1f0a52d9e64b0c8a3fd2b1e6a90c44"
	app7    = "mcollective.node.app7.example.net"
	app8    = "mcollective.node.app8.example.net"
)

// fill puts the long texts in: @R is the reply subject of the client, @Q its request id, @H its
// hop, @HH the three hops of a reply, @T two targets, @CS the subject that nodes answer to, @+ the
// hop that the relay adds.
func fill(text, hop string) string {
	return strings.NewReplacer(
		"@R", answers,
		"@Q", "7c1f0a52d9e64b0c8a3fd2b1e6a90c44",
		"@HH", nodeHops,
		"@H", clientHop,
		"@T", `"`+app7+`","`+app8+`"`,
		"@CS", "choria.federation.london.collective",
		"@+", hop,
	).Replace(text)
}

// v1 and v2 make messages of headers; v1fed and v2fed make requests with a given federation object.
func v1(headers string) string {
	return `{"protocol":"choria:transport:1","data":"c2VhbGVk","headers":{` + headers + `}}`
}

func v2(headers string) string {
	return `{"protocol":"io.choria.protocol.v2.transport","data":"c2VhbGVk","headers":{` + headers + `}}`
}

func v1fed(federation string) string {
	return v1(`"reply-to":"@R","mc_sender":"bastion1.example.net","seen-by":[@H],"federation":` + federation)
}

// v1out is what nodes get of a v1fed with a request id.
var v1out = v1(`"reply-to":"@CS","mc_sender":"bastion1.example.net","seen-by":[@H,@+],"federation":{"req":"@Q","reply-to":"@R"}`)

// v1reply is what a node answers, with a given federation object, and v1answer what its client
// gets.
func v1reply(federation string) string {
	return v1(`"mc_sender":"app7.example.net","seen-by":[@HH],"federation":` + federation)
}

var v1answer = v1(`"mc_sender":"app7.example.net","seen-by":[@HH,@+]`)

// targets makes a federation object that names subjects.
func targets(subjects ...string) string {
	return `{"req":"@Q","target":["` + strings.Join(subjects, `","`) + `"]}`
}

// savedReply makes the federation object of a reply that goes to subject.
func savedReply(subject string) string { return `{"req":"@Q","reply-to":"` + subject + `"}` }

// conformanceTable is every case that is one message in.
func conformanceTable() (all []conformanceCase) {
	all = append(all, requestCases()...)
	all = append(all, shapeCases()...)
	all = append(all, traceCases()...)
	all = append(all, hostileRequestCases()...)
	all = append(all, replyCases()...)
	all = append(all, hostileReplyCases()...)
	all = append(all, malformedCases()...)
	return append(all, foldedCases()...)
}

func TestConformanceTable(t *testing.T) {
	for mode, set := range map[string]func(*config.Config){
		config.CompatStrict: func(*config.Config) {},
		config.CompatPeer:   func(c *config.Config) { c.Compat, c.Trace = config.CompatPeer, "always" },
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, embedded.Options{MaxPayload: 8 << 20}, set)
			for _, c := range conformanceTable() {
				t.Run(c.id+" "+c.what, func(t *testing.T) { b.conform(t, c, mode) })
			}
			if err := b.relay.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// conform runs one case in one mode.
func (b *bench) conform(t *testing.T, c conformanceCase, mode string) {
	want := *c.strict
	if mode == config.CompatPeer && c.peer != nil {
		want = *c.peer
	}
	if mode == config.CompatPeer && c.but != "" {
		t.Log(c.but)
	}
	want.payload = fill(want.payload, b.hops[c.from])
	b.expect(t, c.from, &nats.Msg{Reply: c.reply, Header: c.header, Data: []byte(fill(c.payload, ""))}, &want)
}
