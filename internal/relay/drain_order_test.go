package relay_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A relay that is told to stop takes no more requests, but the replies to those it has carried.
func TestADrainEndsWithTheRepliesToTheLastRequests(t *testing.T) {
	const replies = 10 * time.Second
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		options.config = func(c *config.Config) { c.Drain.Replies = replies }
		s := newQuietStage(t, options)
		client := fedtest.NewTap(t, s.Federation, nats.InProcessServer(s.Federation))
		node := fedtest.NewTap(t, s.Collective, nats.InProcessServer(s.Collective))
		accepted := time.Now()
		client.Send(fedtest.FederationSubject, fedtest.Request("first", fedtest.Node("n1")))
		node.Next()
		s.relay.Drain()
		fedtest.Eventually(t, "it has left the group of requests", func() bool {
			return !s.relay.Sides()[federation].Subscribed
		})
		client.Send(fedtest.FederationSubject, fedtest.Request("second", fedtest.Node("n1")))
		s.lives(time.Until(accepted.Add(replies - time.Second)))
		node.Send(fedtest.CollectiveSubject, fedtest.Reply("first", "n1"))
		if m := client.Next(); m.Subject != fedtest.ReplySubject("first") {
			t.Errorf("%s came instead of the reply", m.Subject)
		}
		if err := s.relay.Stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(accepted); took < replies || took > replies+time.Second {
			t.Errorf("it ended %s after the last request", took)
		}
		for from, name := range []string{"request", "reply"} {
			if books := s.books(side(from)); books.Received != 1 || books.Fate(pipeline.Confirmed) != 1 {
				t.Errorf("%s path: %s", name, books.String())
			}
		}
		if n := node.Seen(); n != 0 {
			t.Errorf("%d requests too many", n)
		}
	})
}
