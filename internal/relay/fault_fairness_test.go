package relay_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

const (
	slowRate = 8 << 20 // bytes a second
	twoTurns = 512 << 10
	inProxy  = 128 << 10 // bytes that wait in the proxy
)

// A request to 50,000 nodes takes seconds on a slow link. A request of another client, to a single
// node, does not wait for it.
func TestFaultSlowLinkDelaysASmallRequestByTwoTurnsOnly(t *testing.T) {
	fedtest.Bubble(t, func(t *testing.T) {
		options := stageOptions{virtual: true, server: embedded.Options{MaxPayload: 8 << 20}}
		s := newQuietStage(t, options)
		line, client := s.proxies[collective], s.connect(s.Federation)
		small := fedtest.Node("small")
		var arrived atomic.Int64       // copies
		var passed, ahead atomic.Int64 // bytes and copies in front of the small one
		s.listen("mcollective.node.>", func(m *nats.Msg) {
			if m.Subject == small {
				passed.Store(line.Carried(fedtest.ToServer))
				ahead.Store(arrived.Load())
			}
			arrived.Add(1)
		})
		line.Throttle(slowRate)
		s.ask(client, "big", fedtest.Nodes(manyNodes)...)
		fedtest.Eventually(t, "the big one is on its way", func() bool { return line.Carried(fedtest.ToServer) > slowRate/2 })
		from := line.Carried(fedtest.ToServer)
		s.ask(client, "small", small)
		synctest.Wait() // takes no time: what has been carried is what it was
		if s.books(federation).Received != 2 || line.Carried(fedtest.ToServer) != from {
			t.Error("the small one was not received at once")
		}
		fedtest.Eventually(t, "the small one arrives", func() bool { return passed.Load() > 0 })
		if between := passed.Load() - from; between > twoTurns+inProxy || ahead.Load() >= manyNodes {
			t.Errorf("it waited for %d bytes of the big one, for %d copies in all", between, ahead.Load())
		}
		t.Logf("it waited for %d bytes, behind %d copies in all", passed.Load()-from, ahead.Load())
		line.Throttle(0)
		fedtest.Eventually(t, "all arrive", func() bool { return arrived.Load() == manyNodes+1 })
		s.settled()
		if err := s.relay.Stop(); err != nil {
			t.Error(err)
		}
		if n := s.fate(federation, pipeline.Confirmed); n != manyNodes+1 {
			t.Error(s.relay.LedgerLine())
		}
	})
}

// ask sends a request of about 1 KiB, besides its targets, to nodes.
func (s *stage) ask(client *nats.Conn, id string, nodes ...string) {
	s.t.Helper()
	text := strings.Replace(fedtest.Request(id, nodes...), "aGVsbG8=", strings.Repeat("QUJD", 256), 1)
	if err := client.Publish(fedtest.FederationSubject, []byte(text)); err != nil {
		s.t.Fatal(err)
	}
	if err := client.FlushTimeout(fedtest.Patience); err != nil {
		s.t.Fatal(err)
	}
}

// listen subscribes as nodes do, and calls f for each message.
func (s *stage) listen(subjects string, f nats.MsgHandler) {
	s.t.Helper()
	nodes := s.connect(s.Collective)
	sub, err := nodes.Subscribe(subjects, f)
	if err == nil {
		err = sub.SetPendingLimits(-1, -1)
	}
	if err == nil {
		err = nodes.FlushTimeout(fedtest.Patience)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}
