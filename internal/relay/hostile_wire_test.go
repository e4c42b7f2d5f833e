package relay_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/wire"
)

// mayPublish is everything that a relay with strict rules may publish on a side, seen from the
// wire.
var mayPublish = [2]*regexp.Regexp{
	federation: regexp.MustCompile(`^[!-~]+\.reply\.[!-~]+$`),
	collective: regexp.MustCompile(`^[!-~]+\.(node\.[!-~]+|broadcast\.(agent|service)\.[^. ]+)$`),
}

// Whatever hostile input says, a relay writes only these to its servers: its subscriptions, its
// PINGs, and publications on subjects that it may use, without reply subject and headers.
func TestHostileInputNeverBecomesProtocol(t *testing.T) {
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		n := fedtest.StartNetworks(t, embedded.Options{MaxPayload: 16 << 20})
		lines := [2]*fedtest.Wiretap{fedtest.NewWiretap(t, n.Federation), fedtest.NewWiretap(t, n.Collective)}
		peer := false
		b := benchBetween(t, n, func(c *config.Config) {
			set(c)
			peer = c.Compat == config.CompatPeer
			c.Federation.Servers, c.Collective.Servers = []string{lines[0].URL()}, []string{lines[1].URL()}
		})
		b.provoke(t)
		if now := epochsOf(b.relay); !slices.Equal(now, b.epochs) {
			t.Errorf("connections were lost: epochs %v, before %v", now, b.epochs)
		}
		if err := b.relay.Stop(); err != nil {
			t.Error(err)
		}
		for s, line := range lines {
			b.checkOps(t, side(s), line.Ops(), peer)
		}
	})
}

// provoke sends everything that is hostile, and everything that is not, without a look at the
// result. It leaves out what is merely long: that takes time and cannot become protocol.
func (b *bench) provoke(t *testing.T) {
	send := func(from side, m *nats.Msg) {
		m.Subject = b.subjects[from]
		if len(m.Data) > 1<<20 {
			return
		}
		if err := b.taps[from].PublishMsg(m); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range hostileTable() {
		send(c.from, &nats.Msg{Data: []byte(c.payload)})
	}
	for _, c := range conformanceTable() {
		send(c.from, &nats.Msg{Reply: c.reply, Header: c.header, Data: []byte(fill(c.payload, ""))})
	}
	b.behind(t, federation)
	b.behind(t, collective)
}

func (b *bench) checkOps(t *testing.T, s side, ops []fedtest.Op, peer bool) {
	t.Helper()
	published := 0
	for _, op := range ops {
		switch op.Verb {
		case "CONNECT", "PING", "PONG", "UNSUB":
		case "SUB":
			if strings.HasPrefix(op.Args[0], "_INBOX.") {
				continue // for what its login may do
			}
			want := []string{b.subjects[s], "london_" + s.String()}
			if len(op.Args) != 3 || !slices.Equal(op.Args[:2], want) {
				t.Errorf("on the %s: SUB %q", s, op.Args)
			}
		case "PUB":
			if fedtest.IsOwn(op.Args[0]) && len(op.Payload) == 0 {
				continue
			}
			published++
			if why := badPub(s, op, peer); why != "" {
				t.Errorf("on the %s: PUB %q: %s", s, op.Args, why)
			}
		default:
			t.Errorf("on the %s: %q %q", s, op.Verb, op.Args)
		}
	}
	if published < 5 {
		t.Errorf("on the %s: only %d publications were seen", s, published)
	}
}

// badPub says what is wrong with a publication, nothing if it is as it must be.
func badPub(s side, op fedtest.Op, peer bool) string {
	switch {
	case len(op.Args) != 2:
		return "not a subject and a size"
	case forbidden(op.Args[0], peer) != "":
		return forbidden(op.Args[0], peer)
	case s == federation && addressesNodes(op.Args[0]):
		return "an answer to nodes"
	case !peer && !mayPublish[s].MatchString(op.Args[0]):
		return "not a subject of this side"
	case !strings.HasPrefix(string(op.Payload), `{"protocol":"`):
		return "not a message"
	}
	return ""
}

// addressesNodes reports whether a subject is one that nodes listen to.
func addressesNodes(subject string) bool {
	tokens := strings.Split(subject, ".")
	return len(tokens) > 2 && (tokens[1] == "node" || tokens[1] == "broadcast")
}

// A subject of the longest length that can be configured still fits on a protocol line of the
// server.
func TestHostileLengthsEndNoConnection(t *testing.T) {
	b := newBench(t, embedded.Options{}, func(c *config.Config) { c.Limits.SubjectLength = 1024 })
	longest := func(head string, n int) string { return head + strings.Repeat("x", n-len(head)) }
	node, reply := longest("mcollective.node.", 1024), longest("mcollective.reply.", 1024)
	out := strings.ReplaceAll(fill(v1out, b.hops[federation]), answers, reply)
	request := strings.ReplaceAll(aimed(node), answers, reply)
	b.expect(t, federation, &nats.Msg{Data: []byte(request)}, published(out, node))
	b.expect(t, collective, &nats.Msg{Data: []byte(forged(reply))}, published(fill(v1answer, b.hops[collective]), reply))
	for _, n := range []int{1025, 4000, 4096, 5000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			for _, c := range []struct {
				from    side
				payload string
				want    *outcome
			}{
				{federation, aimed(longest("mcollective.node.", n)), skipped(wire.SubjectTooLong)},
				{federation, answered(longest("mcollective.reply.", n)), rejected(wire.SubjectTooLong)},
				{collective, forged(longest("mcollective.reply.", n)), rejected(wire.SubjectTooLong)},
			} {
				b.expect(t, c.from, &nats.Msg{Data: []byte(c.payload)}, c.want)
			}
		})
	}
}
