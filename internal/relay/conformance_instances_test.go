package relay_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// A crew is two instances of one cluster between the same networks.
type crew struct {
	*fedtest.Networks
	fed, col *fedtest.Tap
	config   config.Config
	a, b     *fedtest.Relay
}

func newCrew(t *testing.T, set func(*config.Config)) *crew {
	n := fedtest.StartNetworks(t, embedded.Options{})
	c := &crew{Networks: n, config: n.Config()}
	set(&c.config)
	c.fed, c.col = fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Collective)
	c.a, c.b = c.start(t, "relay1"), c.start(t, "relay2")
	return c
}

func (c *crew) start(t *testing.T, identity string) *fedtest.Relay {
	t.Helper()
	own := c.config
	own.Identity = identity
	return fedtest.StartRelay(t, own)
}

// ask sends n requests to one node each, named by prefix, and returns what the nodes get, in the
// order in which it comes.
func (c *crew) ask(t *testing.T, prefix string, n int) (requests []*nats.Msg) {
	t.Helper()
	for i := range n {
		id := fmt.Sprintf("%s%d", prefix, i)
		if err := c.fed.Publish(fedtest.FederationSubject, []byte(fedtest.Request(id, fedtest.Node(id)))); err != nil {
			t.Fatal(err)
		}
	}
	c.fed.Sync()
	seen := make(map[string]bool)
	for range n {
		m := c.col.Next()
		if seen[m.Subject] {
			t.Fatalf("%s got its request twice", m.Subject)
		}
		seen[m.Subject] = true
		requests = append(requests, m)
	}
	return requests
}

// answer sends the reply of each node and waits until the client has all.
func (c *crew) answer(t *testing.T, requests []*nats.Msg) {
	t.Helper()
	for _, m := range requests {
		payload := respond(t, m, strings.TrimPrefix(m.Subject, "mcollective.node."), c.Collective.ClientURL())
		if err := c.col.Publish(fedtest.CollectiveSubject, []byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
	c.col.Sync()
	seen := make(map[string]bool)
	for range requests {
		m := c.fed.Next()
		if seen[m.Subject] {
			t.Fatalf("%s got its reply twice", m.Subject)
		}
		seen[m.Subject] = true
	}
}

// quiet checks that nothing more has come than was waited for, once the relays have stopped.
func (c *crew) quiet(t *testing.T, relays ...*fedtest.Relay) {
	t.Helper()
	for _, r := range relays {
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	}
	c.fed.Sync()
	c.col.Sync()
	if n := c.fed.Seen() + c.col.Seen(); n != 0 {
		t.Errorf("%d messages too many", n)
	}
}

func TestConformanceC38InstancesShareTheLoadAndDoNothingTwice(t *testing.T) {
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		c := newCrew(t, set)
		c.answer(t, c.ask(t, "n", 1000))
		c.quiet(t, c.a, c.b)
		for _, r := range []*fedtest.Relay{c.a, c.b} {
			if request, reply := r.Ledgers(); request.Accepted == 0 || reply.Accepted == 0 {
				t.Errorf("one instance did nothing: %s", r.LedgerLine())
			}
		}
	})
}

func TestConformanceC39AnyInstanceCarriesTheReply(t *testing.T) {
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		c := newCrew(t, set)
		if err := c.b.Stop(); err != nil {
			t.Fatal(err)
		}
		requests := c.ask(t, "n", 50)
		b := c.start(t, "relay2")
		if err := c.a.Stop(); err != nil {
			t.Fatal(err)
		}
		c.answer(t, requests)
		c.quiet(t, b)
		if request, reply := b.Ledgers(); request.Received != 0 || reply.Accepted != 50 {
			t.Errorf("the other instance: %s", b.LedgerLine())
		}
	})
}

func TestConformanceC40RepliesSurviveTheInstanceThatAsked(t *testing.T) {
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		c := newCrew(t, set)
		requests := c.ask(t, "n", 50)
		c.a.Abort()
		<-c.a.Done()
		fedtest.Eventually(t, "the servers know that the instance is gone", func() bool {
			return !hasClient(t, c.Federation, " relay1 ") && !hasClient(t, c.Collective, " relay1 ")
		})
		c.answer(t, requests[:25])
		again := c.start(t, "relay1")
		c.answer(t, requests[25:])
		if err := c.a.Stop(); !errors.Is(err, relay.ErrCutShort) {
			t.Errorf("the aborted instance says: %v", err)
		}
		c.quiet(t, c.b, again)
	})
}

// hasClient reports whether a client with part in its name is connected.
func hasClient(t *testing.T, s *embedded.Server, part string) bool {
	t.Helper()
	names, err := s.Connz()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(strings.Join(names, "\n"), part)
}

func TestConformanceC54QueueGroupsAreThoseOfTheIncumbent(t *testing.T) {
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		b := newBench(t, embedded.Options{}, set)
		for s, server := range []*embedded.Server{b.networks.Federation, b.networks.Collective} {
			want := b.subjects[s] + " london_" + side(s).String()
			if got := queues(t, server); len(got) != 1 || got[0] != want {
				t.Errorf("queue subscriptions of the relay: %q, want %q", got, want)
			}
			b.share(t, side(s), server)
		}
	})
}

// queues lists the queue subscriptions at a server, with their groups.
func queues(t *testing.T, s *embedded.Server) (all []string) {
	t.Helper()
	list, err := s.Inner().Connz(&server.ConnzOptions{Subscriptions: true, SubscriptionsDetail: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list.Conns {
		for _, sub := range c.SubsDetail {
			if sub.Queue != "" {
				all = append(all, sub.Subject+" "+sub.Queue)
			}
		}
	}
	return all
}

// share has another member in the queue group of a side and checks that each message goes to one of
// them, and to both.
func (b *bench) share(t *testing.T, s side, server *embedded.Server) {
	t.Helper()
	const messages = 200
	other, err := fedtest.Connect(t, server).QueueSubscribeSync(b.subjects[s], "london_"+s.String())
	if err != nil {
		t.Fatal(err)
	}
	if err := other.SetPendingLimits(-1, -1); err != nil {
		t.Fatal(err)
	}
	fedtest.Eventually(t, "both are in the group", func() bool { return len(queues(t, server)) == 2 })
	before := b.books()[s].Received
	for i := range messages {
		id := fmt.Sprintf("share%d", i)
		payload := fedtest.Request(id, fedtest.Node(id))
		if s == collective {
			payload = fedtest.Reply(id, "n1")
		}
		b.taps[s].Send(b.subjects[s], payload)
	}
	var ours, theirs int
	fedtest.Eventually(t, "all have been delivered", func() bool {
		theirs, _, _ = other.Pending()
		ours = int(b.books()[s].Received - before)
		return ours+theirs >= messages
	})
	if ours+theirs != messages || ours == 0 || theirs == 0 {
		t.Errorf("of %d messages the relay had %d, the other member %d", messages, ours, theirs)
	}
	if err := other.Unsubscribe(); err != nil {
		t.Fatal(err)
	}
}
