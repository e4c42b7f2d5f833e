package relay_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// may returns a user with such rights to publish, who may subscribe to anything.
func may(p server.SubjectPermission) *server.User {
	u := *relayUser
	u.Permissions = &server.Permissions{Publish: &p}
	return &u
}

// lacking starts networks with two relays: a whole one, and one that is bound to another login on a
// side.
func lacking(t *testing.T, options stageOptions, of side, login *server.User) (n *fedtest.Networks, whole, bound *fedtest.Relay) {
	t.Helper()
	b := *login
	b.Username = "bound"
	users := embedded.Options{Users: []*server.User{loadUser, relayUser, &b}}
	n = fedtest.StartNetworks(t, users)
	c := n.Config()
	c.Pipeline.Portable = options.portable
	if options.config != nil {
		options.config(&c)
	}
	for _, s := range []*config.Side{&c.Federation, &c.Collective} {
		s.User, s.Password = relayUser.Username, relayUser.Password
	}
	whole = fedtest.StartRelay(t, c)
	c.Identity = "relay2"
	[]*config.Side{&c.Federation, &c.Collective}[of].User = b.Username
	return n, whole, fedtest.LaunchRelay(t, c)
}

// says waits until a relay gives these words as a reason why it is not ready.
func says(t *testing.T, r *fedtest.Relay, words string) {
	t.Helper()
	var reasons []string
	defer func() {
		if t.Failed() {
			t.Logf("reasons %q", reasons)
		}
	}()
	fedtest.Eventually(t, fmt.Sprintf("the relay says %q", words), func() bool {
		_, reasons = r.Ready()
		return strings.Contains(strings.Join(reasons, "\n"), words)
	})
}

func TestFaultT24ALoginThatMayNotPublishTakesNothing(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		for _, of := range []side{federation, collective} {
			login := may(server.SubjectPermission{Deny: []string{"mcollective.>", "*.node.>", "*.broadcast.>", "*.reply.>"}})
			n, whole, bound := lacking(t, options, of, login)
			says(t, bound, of.String()+": connected to ")
			says(t, bound, "this login may publish to none of *.")
			const requests = 300
			l := rightsLoad(t, n, requests)
			fedtest.Eventually(t, "everything has arrived", func() bool { return l.received.Load() == requests })
			if request, reply := bound.Ledgers(); request.Received+reply.Received != 0 {
				t.Errorf("%s: a relay that may not publish took something: %s", of, bound.LedgerLine())
			}
			for _, s := range bound.Sides() {
				if s.Subscribed && (of == federation || s.Name == "federation") {
					t.Errorf("%s: subscribed on the %s", of, s.Name)
				}
			}
			l.once()
			bound.Stop()
			whole.Stop()
		}
	})
}

// rightsLoad sends requests to one node each.
func rightsLoad(t *testing.T, n *fedtest.Networks, requests int) *load {
	t.Helper()
	s := &stage{t: t, Networks: n, options: stageOptions{server: embedded.Options{Users: []*server.User{loadUser}}}}
	l := &load{t: t}
	nodes := s.connect(n.Collective)
	if _, err := nodes.Subscribe("*.node.>", l.count); err != nil {
		t.Fatal(err)
	}
	if err := nodes.FlushTimeout(fedtest.Patience); err != nil {
		t.Fatal(err)
	}
	sender := s.connect(n.Federation)
	for i := range requests {
		if err := sender.Publish(fedtest.FederationSubject, []byte(requestTo(i))); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// What README calls enough is enough, and nobody is warned about it.
func TestFaultT24TheLeastRightsAreEnough(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		least := func(publish ...string) func(*server.Options) {
			return func(o *server.Options) {
				r := *may(server.SubjectPermission{Allow: publish})
				r.Permissions.Subscribe = &server.SubjectPermission{Allow: []string{fedtest.FederationSubject, fedtest.CollectiveSubject}}
				o.Users = []*server.User{loadUser, &r}
			}
		}
		n := &fedtest.Networks{
			Federation: fedtest.StartServer(t, embedded.Options{Tune: least("*.reply.>")}),
			Collective: fedtest.StartServer(t, embedded.Options{Tune: least("mcollective.node.>", "mcollective.broadcast.>")}),
		}
		c := n.Config()
		c.Pipeline.Portable = options.portable
		for _, s := range []*config.Side{&c.Federation, &c.Collective} {
			s.User, s.Password = relayUser.Username, relayUser.Password
		}
		r := fedtest.StartRelay(t, c)
		if w := r.Warnings(); len(w) != 0 {
			t.Errorf("warnings %q", w)
		}
		l := rightsLoad(t, n, 20)
		fedtest.Eventually(t, "everything has arrived", func() bool { return l.received.Load() == 20 })
		for _, s := range r.Sides() {
			if n := s.Events["permission_denied"]; n != 0 {
				t.Errorf("%d denials are counted on the %s though no message was denied", n, s.Name)
			}
		}
		r.Stop()
	})
}

// A login has rights in a collective of another name only. It is not known whether it may publish;
// the relay serves all the same.
func TestFaultT24ALoginForAnotherCollectiveIsOnTrial(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		login := may(server.SubjectPermission{Allow: []string{"eu.node.>", "eu.broadcast.>"}})
		n, whole, bound := lacking(t, options, collective, login)
		bound.WaitReady()
		whole.Stop()
		fedtest.Eventually(t, "it warns", func() bool { return strings.Contains(strings.Join(bound.Warnings(), ""), "allow.collectives") })
		s := &stage{t: t, Networks: n, options: stageOptions{server: embedded.Options{Users: []*server.User{loadUser}}}}
		sender := s.connect(n.Federation)
		request := strings.ReplaceAll(fedtest.Request("r", "eu.node.a", "eu.node.b"), "mcollective", "eu")
		if err := sender.Publish(fedtest.FederationSubject, []byte(request)); err != nil {
			t.Fatal(err)
		}
		fedtest.Eventually(t, "the request is carried", func() bool {
			books, _ := bound.Ledgers()
			return books.Fate(pipeline.Confirmed) == 2
		})
		if w := bound.Warnings(); len(w) != 0 {
			t.Errorf("it still warns: %q", w)
		}
		bound.Stop()
	})
}

// A trial is of the login, not of the connection of each lane. A copy that is confirmed on one lane
// ends it for all.
func TestFaultT24OneLaneEndsTheTrialOfAll(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		options.config = func(c *config.Config) { c.Pipeline.Lanes = 4 }
		login := may(server.SubjectPermission{Allow: []string{"eu.node.>", "eu.broadcast.>"}})
		n, whole, bound := lacking(t, options, collective, login)
		bound.WaitReady()
		whole.Stop()
		s := &stage{t: t, Networks: n, options: stageOptions{server: embedded.Options{Users: []*server.User{loadUser}}}}
		sender := s.connect(n.Federation)
		confirmed := int64(0)
		carries := func() {
			t.Helper()
			request := strings.ReplaceAll(fedtest.Request("r", "eu.node.a"), "mcollective", "eu")
			if err := sender.Publish(fedtest.FederationSubject, []byte(request)); err != nil {
				t.Fatal(err)
			}
			confirmed++
			fedtest.Eventually(t, "the request is carried", func() bool {
				books, _ := bound.Ledgers()
				return books.Fate(pipeline.Confirmed) == confirmed
			})
		}
		carries()
		if err := sender.Publish(fedtest.FederationSubject, []byte(fedtest.Request("r", fedtest.Node("denied")))); err != nil {
			t.Fatal(err)
		}
		fedtest.Eventually(t, "a copy is denied", func() bool {
			books, _ := bound.Ledgers()
			return books.Fate(pipeline.Denied) == 1
		})
		for range 10 {
			carries()
		}
		bound.Stop()
	})
}

// A login that may neither ask nor publish looks like one for another collective until it is used
// once.
func TestFaultT24ATrialEndsWithTheFirstDeniedCopy(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		n, whole, bound := lacking(t, options, collective, may(server.SubjectPermission{Deny: []string{">"}}))
		bound.WaitReady()
		var sent int64
		s := &stage{t: t, Networks: n, options: stageOptions{server: embedded.Options{Users: []*server.User{loadUser}}}}
		sender := s.connect(n.Federation)
		fedtest.Within(t, fedtest.Patience, 20*time.Millisecond, "it leaves the queue group", func() bool {
			_ = sender.Publish(fedtest.FederationSubject, []byte(requestTo(int(sent))))
			sent++
			return !bound.Sides()[federation].Subscribed
		})
		says(t, bound, `publishing to "mcollective.node.n`)
		fedtest.Eventually(t, "the server knows", func() bool { return len(queues(t, n.Federation)) == 1 })
		fedtest.Eventually(t, "what was sent before is over", func() bool {
			w, _ := whole.Ledgers()
			b, _ := bound.Ledgers()
			return w.Received+b.Received == sent && w.Fate(pipeline.Confirmed) == w.Received
		})
		l := rightsLoad(t, n, 300)
		defer func() {
			if t.Failed() {
				t.Logf("whole: %s\nbound: %s", whole.LedgerLine(), bound.LedgerLine())
			}
		}()
		fedtest.Eventually(t, "everything has arrived", func() bool { return l.received.Load() >= 300 })
		if books, _ := bound.Ledgers(); books.Received > 20 {
			t.Errorf("it took %d of %d requests before", books.Received, sent)
		}
		whole.Stop()
		bound.Stop()
	})
}

// Rights that are taken away while the relay runs, and given back.
func TestFaultT24RightsTakenAwayAndGivenBackAreNoticed(t *testing.T) {
	const leaves, returns = streakTime + 1500*time.Millisecond, 12500*time.Millisecond + 3*time.Second
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		var users roll
		s := newStage(t, users.withLogins(options))
		c := s.config
		c.Identity, c.Collective.User = "relay2", "whole"
		whole := *relayUser
		whole.Username = "whole"
		users.change(t, collective, s.Collective, loadUser, relayUser, &whole)
		peer := s.launch(c, s.newProxies())
		peer.WaitReady()
		none := may(server.SubjectPermission{Deny: []string{"mcollective.>"}})
		users.change(t, collective, s.Collective, loadUser, none, &whole)
		s.notices(leaves)
		fedtest.Eventually(t, "it leaves the queue group", func() bool { return !s.relay.Sides()[federation].Subscribed })
		says(t, s.relay, `publishing to "mcollective.node.m`)
		s.served(func() { s.lives(8 * time.Second) })
		users.change(t, collective, s.Collective, loadUser, relayUser, &whole)
		s.recovers(returns, s.epochs(), collectivePublish)
		s.endWith(peer)
	})
}

// streakTime is how long nothing may get through.
const streakTime = 5 * time.Second

// One client sends nothing but requests that are denied. Others are served all the same.
func TestFaultT25ADeniedNodeDoesNotMakeTheRelayLeave(t *testing.T) {
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		var users roll
		s := newQuietStage(t, users.withLogins(options))
		users.change(t, collective, s.Collective, loadUser, may(server.SubjectPermission{Deny: []string{"mcollective.node.secret"}}))
		sender := s.connect(s.Federation)
		for range 120 {
			if err := sender.Publish(fedtest.FederationSubject, []byte(fedtest.Request("r", fedtest.Node("secret")))); err != nil {
				t.Fatal(err)
			}
			s.lives(500 * time.Millisecond)
			if !s.relay.Sides()[federation].Subscribed {
				t.Fatal("it has left the queue group")
			}
		}
		if n := s.fate(federation, pipeline.Denied); n < 100 {
			t.Errorf("%d denied", n)
		}
		s.startFlows()
		s.end()
	})
}

// The log says that a login is on trial. It says so once, however often the side connects again.
func TestALoginOnTrialIsLoggedOnce(t *testing.T) {
	login := may(server.SubjectPermission{Deny: []string{">"}})
	login.Username, login.Password = "bound", relayUser.Password
	n := fedtest.StartNetworks(t, embedded.Options{Users: []*server.User{loadUser, relayUser, login}})
	c := n.Config()
	c.Federation.User, c.Federation.Password = relayUser.Username, relayUser.Password
	c.Collective.User, c.Collective.Password = login.Username, login.Password
	var log logBook
	r := launchWith(t, c, slog.New(slog.NewTextHandler(&log, nil)))
	fedtest.Eventually(t, "the log says so", func() bool { return log.count("is not known before something is confirmed") > 0 })
	if err := n.Collective.Restart(); err != nil {
		t.Fatal(err)
	}
	fedtest.Eventually(t, "it is ready again", func() bool {
		ok, _ := r.Ready()
		return ok && r.Sides()[collective].Events["connected"] > 2
	})
	if said := log.count("is not known before something is confirmed"); said != 1 {
		t.Errorf("logged %d times", said)
	}
}
