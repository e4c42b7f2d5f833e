package relay_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// While a cluster changes, some of its relays know nothing of seals. Requests and replies take any
// of them.
func TestAMixedClusterLosesNothing(t *testing.T) {
	const requests = 400
	onBothKindsOfPlane(t, func(t *testing.T, set func(*config.Config)) {
		n := fedtest.StartNetworks(t, embedded.Options{})
		seals, other := n.Config(), n.Config()
		set(&seals)
		set(&other)
		sealed(t, &seals, config.ReturnSealed)
		relays := []*fedtest.Relay{fedtest.StartRelay(t, seals), fedtest.StartRelay(t, other)}

		var arrived, plain atomic.Int64
		client, node := fedtest.Connect(t, n.Federation), fedtest.Connect(t, n.Collective)
		subscribed(t, client, "mcollective.reply.>", func(*nats.Msg) { arrived.Add(1) })
		subscribed(t, node, "mcollective.node.>", func(m *nats.Msg) {
			reply := echo(t, m.Data)
			if !strings.Contains(reply, `"req":"fs1.`) {
				plain.Add(1)
			}
			_ = node.Publish(fedtest.CollectiveSubject, []byte(reply))
		})
		for i := range requests {
			if err := client.Publish(fedtest.FederationSubject, []byte(fedtest.Request(fmt.Sprint(i), app7))); err != nil {
				t.Fatal(err)
			}
		}
		fedtest.Eventually(t, "all replies arrive", func() bool { return arrived.Load() == requests })
		for _, r := range relays {
			if err := r.Stop(); err != nil {
				t.Error(err)
			}
		}
		seen := sealsSeen(relays[0])
		_, reply := relays[0].Ledgers()
		opened, missing := seen.Verdicts[wire.OK], seen.Verdicts[wire.SealMissing]
		if opened == 0 || missing == 0 || opened+missing != reply.Fate(pipeline.Confirmed) {
			t.Errorf("%d seals opened, %d missing: %s", opened, missing, relays[0].LedgerLine())
		}
		if p := plain.Load(); p == 0 || p == requests {
			t.Errorf("%d of %d requests were not sealed", p, requests)
		}
	})
}

func subscribed(t *testing.T, c *nats.Conn, subjects string, f nats.MsgHandler) {
	t.Helper()
	if _, err := c.Subscribe(subjects, f); err != nil {
		t.Fatal(err)
	}
	if err := c.FlushTimeout(fedtest.Patience); err != nil {
		t.Fatal(err)
	}
}

// An edge seals what it sends on the line, and the relay seals that again. Each takes its own seal
// off the reply.
func TestEdgesAndRelaysOpenWhatEachHasSealed(t *testing.T) {
	onEachWire(t, func(t *testing.T, set func(*config.Config)) {
		path, keys := writeKeys(t)
		c := newChain(t, func(c *config.Config) {
			set(c)
			c.ReturnAddress.Mode, c.ReturnAddress.Keys = config.ReturnRequire, path
		})
		nodes := fedtest.Nodes(100)
		c.clients.Send(fedtest.FederationSubject, fedtest.Request("q", nodes[:50]...))
		c.clients.Send(fedtest.FederationSubject, fedtest.Request("q", nodes[50:]...))
		var stray string
		for range nodes {
			stray = echo(t, c.nodes.Next().Data)
			c.nodes.Send(fedtest.CollectiveSubject, stray)
		}
		for range nodes {
			if m := c.clients.Next(); m.Subject != fedtest.ReplySubject("q") || strings.Contains(string(m.Data), "federation\":{") {
				t.Fatalf("%s: %s", m.Subject, m.Data)
			}
		}
		// What a relay's seal holds is not good for an edge, nor the other way round.
		env, _ := scanned([]byte(stray))
		ofEdge, reason := sealsOf(keys, ofRelay).opener.Open(env.FedRequest.Of([]byte(stray)), env.FedReply.Of([]byte(stray)), time.Now())
		if reason != wire.OK {
			t.Fatal(reason)
		}
		c.nodes.Send(fedtest.CollectiveSubject, replyWith(string(ofEdge.Request), string(env.FedReply.Of([]byte(stray)))))
		fedtest.Eventually(t, "it is rejected", func() bool {
			_, reply := c.relay.Ledgers()
			return reply.Rejected[wire.SealMissing] == 1
		})
		c.settled(t)
		if _, reply := c.relay.Ledgers(); reply.Rejected[wire.SealMissing] != 1 || reply.Fate(pipeline.Confirmed) != int64(len(nodes)) {
			t.Error(c.relay.LedgerLine())
		}
		if n := sealsSeen(c.edge).Verdicts[wire.OK]; n != int64(len(nodes)) {
			t.Errorf("the edge opened %d seals", n)
		}
	})
}

// A relay that reads only JSON leaves the federation header out, and the seal of the edge with it.
func TestARelayThatReadsOnlyJSONBringsNoSealBack(t *testing.T) {
	for mode, carried := range map[string]int64{config.ReturnSealed: 1, config.ReturnRequire: 0} {
		t.Run(mode, func(t *testing.T) {
			path, _ := writeKeys(t)
			c := newChain(t, func(c *config.Config) {
				c.ReturnAddress.Mode, c.ReturnAddress.Keys = mode, path
			})
			single := v1(`"mc_sender":"n1"`)
			c.line.Send(edgeAddress+"."+fedtest.ReplySubject("q"), single)
			fedtest.Eventually(t, "the edge has decided", func() bool {
				_, reply := c.edge.Ledgers()
				return reply.Received == 1 && reply.Balanced()
			})
			_, reply := c.edge.Ledgers()
			if reply.Fate(pipeline.Confirmed) != carried || reply.Rejected[wire.SealMissing] != 1-carried {
				t.Error(c.edge.LedgerLine())
			}
			if n := sealsSeen(c.edge).Verdicts[wire.SealMissing]; n != 1 {
				t.Errorf("counted %d times", n)
			}
		})
	}
}
