package service_test

import (
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

const (
	own   = "choria.federation.london.fedrelay.>"
	stats = "choria.federation.london.stats"
)

// The login has the rights of a relay and no more. That is said once, and costs the server's log
// one line for each kind of right, until the relay itself connects anew.
func TestALoginThatMayNotIsToldOnceAndLeftAlone(t *testing.T) {
	w := newWorld(t, allow([]string{"*.reply.>"}, []string{fedtest.FederationSubject}))
	var epoch atomic.Uint64
	o := w.options(london())
	o.Publish = config.PublishAuto
	o.Up = func() (uint64, bool) { return epoch.Load(), true }
	s, log := w.launch(o)
	fedtest.Eventually(t, "the session is over", func() bool {
		names, err := w.server.Connz()
		return err == nil && len(names) == 0 && w.log.count("Publish Violation") == 1
	})
	want := `operators: the login may not subscribe to $SRV.> and choria.federation.london.fedrelay.>, ` +
		`so nats service does not show this instance and fedrelay observe, explain, rejects and trace get no answer; ` +
		`add to the permissions of the user on the federation: ` +
		`subscribe: { allow: ["$SRV.>", "choria.federation.london.fedrelay.>"] }; and, only if it lists what may be published, allow_responses: true (or turn service.enabled off)`
	if got := s.Warnings(fedtest.Cluster); len(got) != 1 || got[0] != want {
		t.Errorf("warnings %q", got)
	}
	<-time.After(20 * time.Millisecond) // it would be back by now
	if n := w.log.count("Subscription Violation"); n != 2 {
		t.Errorf("%d lines about subscriptions:\n%s", n, w.log)
	}
	epoch.Add(1)
	fedtest.Eventually(t, "it tries again", func() bool { return w.log.count("Subscription Violation") == 4 })
	if n := log.count("operators:"); n != 1 {
		t.Errorf("the log has %d lines:\n%s", n, log)
	}
}

func TestALoginIsTriedAgainLater(t *testing.T) {
	w := newWorld(t, allow(nil, []string{"nothing"}))
	s, _ := w.launch(w.options(london()), func(s *service.Server) { s.Again(30 * time.Millisecond) })
	fedtest.Eventually(t, "it tries again", func() bool { return w.log.count("Subscription Violation") >= 6 })
	w.permit(all)
	answered(t, w.operator())
	if got := s.Warnings(fedtest.Cluster); len(got) != 0 {
		t.Errorf("warnings %q", got)
	}
}

func TestSettingsThatHaveChangedAreTriedAtOnce(t *testing.T) {
	w := newWorld(t, allow(nil, []string{"nothing"}))
	s, _ := w.launch(w.options(london()))
	fedtest.Eventually(t, "it may not", func() bool { return len(s.Warnings(fedtest.Cluster)) == 1 })
	w.permit(all)
	s.Renew()
	answered(t, w.operator())
	s.Renew()
	fedtest.Eventually(t, "it connects anew", func() bool {
		stats, err := w.server.Inner().Varz(&server.VarzOptions{})
		return err == nil && stats.TotalConnections >= 4
	})
	answered(t, w.operator())
}

func TestAPartOfTheRightsIsUsed(t *testing.T) {
	t.Run("questions only", func(t *testing.T) {
		p := allow(nil, []string{own})
		p.Response = &server.ResponsePermission{MaxMsgs: 1, Expires: time.Minute}
		w := newWorld(t, p)
		s, _ := w.launch(w.options(london()))
		o := w.operator()
		answered(t, o)
		if got := s.Warnings(fedtest.Cluster); len(got) != 1 || !strings.Contains(got[0], "subscribe to $SRV.>, so nats service does not show") {
			t.Errorf("warnings %q", got)
		}
		for _, verb := range service.Verbs() {
			if got := raw(t, o, service.Subject(fedtest.Cluster, verb)); len(got) == 0 {
				t.Errorf("%s: no answer", verb)
			}
		}
	})
	t.Run("micro service only", func(t *testing.T) {
		p := allow(nil, []string{"$SRV.>"})
		p.Response = &server.ResponsePermission{MaxMsgs: 1, Expires: time.Minute}
		w := newWorld(t, p)
		s, _ := w.launch(w.options(london()))
		o := w.operator()
		fedtest.Eventually(t, "it is pinged", func() bool { return len(raw(t, o, "$SRV.PING.fedrelay")) > 0 })
		if got := s.Warnings(fedtest.Cluster); len(got) != 1 || !strings.Contains(got[0], "subscribe to choria.federation.london.fedrelay.>, so fedrelay observe") {
			t.Errorf("warnings %q", got)
		}
	})
}

// raw asks with an empty message, and returns the first answer, or nothing if nobody listens.
func raw(t *testing.T, s *link.Session, subject string) []byte {
	t.Helper()
	m, err := s.Conn.Request(subject, nil, fedtest.Patience)
	if errors.Is(err, nats.ErrNoResponders) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return m.Data
}

// Answers are denied. The server's log gets one line, whatever is asked.
func TestDeniedAnswersAreToldOnce(t *testing.T) {
	w := newWorld(t, allow([]string{"choria.reply.>"}, []string{"$SRV.>", own}))
	src := london()
	s, log := w.launch(w.options(src))
	o := w.operator()
	fedtest.Eventually(t, "it says so", func() bool {
		_ = o.Conn.PublishRequest(service.Subject(fedtest.Cluster, service.State), o.Conn.NewInbox(), nil)
		return len(s.Warnings(fedtest.Cluster)) == 1
	})
	want := `operators: the login may not publish to inboxes below _INBOX, so answers are lost; ` +
		`add to the permissions of the user on the federation: allow_responses: true, or publish: { allow: ["_INBOX.>"] }`
	if got := s.Warnings(fedtest.Cluster)[0]; got != want {
		t.Error(got)
	}
	before := src.asked.Load()
	for range 20 {
		_ = o.Conn.PublishRequest(service.Subject(fedtest.Cluster, service.State), o.Conn.NewInbox(), nil)
	}
	// An inbox of another kind gets its answer, which comes behind all others.
	sub, err := o.Conn.SubscribeSync("choria.reply.x.1")
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Conn.PublishRequest(service.Subject(fedtest.Cluster, service.State), "choria.reply.x.1", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := sub.NextMsg(fedtest.Patience); err != nil {
		t.Fatal(err)
	}
	if n := src.asked.Load() - before; n != 1 {
		t.Errorf("%d documents were made", n)
	}
	if n := log.count("operators:"); n != 1 {
		t.Errorf("the log has %d lines:\n%s", n, log)
	}
}

// Rights that are taken away while a session stands, and given back.
func TestRightsTakenAwayAreNoticed(t *testing.T) {
	w := newWorld(t, all)
	s, _ := w.launch(w.options(london()), func(s *service.Server) { s.Again(50 * time.Millisecond) })
	o := w.operator()
	answered(t, o)
	w.permit(allow(nil, []string{"nothing"}))
	fedtest.Eventually(t, "it says so", func() bool { return len(s.Warnings(fedtest.Cluster)) == 1 })
	w.permit(all)
	answered(t, o)
}

func TestStatisticsAreForcedOrGivenUp(t *testing.T) {
	may := allow([]string{"_INBOX.>"}, []string{"$SRV.>", own})
	t.Run("auto", func(t *testing.T) {
		w := newWorld(t, may)
		o := w.options(london())
		o.Publish, o.Interval = config.PublishAuto, time.Microsecond
		s, log := w.launch(o)
		answered(t, w.operator())
		fedtest.Eventually(t, "they are denied", func() bool { return w.log.count(stats) > 0 })
		<-time.After(50 * time.Millisecond)
		if n := w.log.count(stats); n != 1 || log.count("stat") != 0 || len(s.Warnings(fedtest.Cluster)) != 0 {
			t.Errorf("denied %d times, warnings %q, log:\n%s", n, s.Warnings(fedtest.Cluster), log)
		}
	})
	t.Run("true", func(t *testing.T) {
		w := newWorld(t, may)
		o := w.options(london())
		o.Publish = config.PublishTrue
		s, log := w.launch(o)
		fedtest.Eventually(t, "they are tried again", func() bool { return w.log.count(stats) > 2 })
		want := `operators: the login may not publish the statistics; add to the permissions of the user on the federation: ` +
			`publish: { allow: ["choria.federation.london.stats"] }, or set stats.publish to auto or false`
		if got := s.Warnings(fedtest.Cluster); len(got) != 1 || got[0] != want || log.count("statistics") != 1 {
			t.Errorf("warnings %q, log:\n%s", got, log)
		}
	})
	t.Run("without answers", func(t *testing.T) {
		w := newWorld(t, all)
		o := w.options(london())
		o.Publish, o.Answer = config.PublishAuto, false
		client := fedtest.Connect(t, w.server, nats.UserInfo("operator", "pw"))
		sub, err := client.SubscribeSync(stats)
		if err != nil {
			t.Fatal(err)
		}
		w.launch(o)
		if _, err := sub.NextMsg(fedtest.Patience); err != nil {
			t.Fatal(err)
		}
		if m, err := client.Request("$SRV.PING", nil, patience); err == nil {
			t.Errorf("answers %s", m.Data)
		}
	})
}

// An operator's login may not ask, or may not listen for answers.
func TestAnOperatorWithoutRightsIsTold(t *testing.T) {
	for name, p := range map[string]server.Permissions{
		"publishing to \"choria.federation.london.fedrelay.state\"": allow([]string{"x"}, []string{"_INBOX.>"}),
		"subscribing to \"_INBOX.":                                  allow([]string{"choria.>"}, []string{"x"}),
	} {
		w := newWorld(t, p)
		s, err := service.Connect(t.Context(), w.side("relay"), "operator")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for range 2 {
			_, err = service.Ask[state.Instance](t.Context(), s.Conn, fedtest.Cluster, service.State, nil, fedtest.Patience)
			var denied *link.DeniedError
			if !errors.As(err, &denied) || !strings.HasPrefix(err.Error(), name) {
				t.Errorf("%v, want %s", err, name)
			}
		}
	}
}

// A whole process whose login has the rights of README's first block, on both sides. It carries
// messages as before, is ready, and says once what operators miss.
func TestTheLeastRightsOfARelayStillSuffice(t *testing.T) {
	least := newWorld(t, allow([]string{"*.reply.>"}, []string{fedtest.FederationSubject}))
	nodes := newWorld(t, allow([]string{"mcollective.node.>", "mcollective.broadcast.>"}, []string{fedtest.CollectiveSubject}))
	n := &fedtest.Networks{Federation: least.server, Collective: nodes.server}
	c := n.Config()
	c.Federation, c.Collective = least.side("relay"), nodes.side("relay")
	c.Stats.Interval = time.Microsecond // a second denial would come at once
	log := &book{}
	p := fedtest.StartProcess(t, c, slog.New(slog.NewTextHandler(log, nil)))
	instance := p.Sources()[0]
	fedtest.Eventually(t, "it has tried everything", func() bool {
		return len(instance.Instance().Warnings) == 1 && least.log.count(stats) > 0
	})
	client := fedtest.Connect(t, n.Federation, nats.UserInfo("operator", "pw"))
	for i := range 20 {
		if err := client.Publish(fedtest.FederationSubject, []byte(fedtest.Request("r", fedtest.Node("a"), fedtest.Node("b")))); err != nil {
			t.Fatal(i, err)
		}
	}
	fedtest.Eventually(t, "all is carried", func() bool { return instance.Instance().Request.Fates["confirmed"] == 40 })
	if ok, reasons := p.Views()[0].Ready(); !ok {
		t.Errorf("not ready: %q", reasons)
	}
	// A line for each kind of right of the service, one for the statistics, and one for each
	// connection that asks what it may do, as ever.
	if n := least.log.count("fedrelay london relay1 service"); n != 3 {
		t.Errorf("%d lines in the server's log:\n%s", n, least.log)
	}
	for _, s := range p.Views()[0].Sides() {
		if n := s.Events["permission_denied"]; n != 0 {
			t.Errorf("%d denials are counted on the %s though no message was denied", n, s.Name)
		}
	}
	if n := log.count("operators:"); n != 1 {
		t.Errorf("%d lines:\n%s", n, log)
	}
}

// With the lines that README adds, everything works, and nothing is denied.
func TestTheRightsForOperatorsSuffice(t *testing.T) {
	p := allow([]string{"*.reply.>", stats}, []string{fedtest.FederationSubject, own, "$SRV.>"})
	p.Response = &server.ResponsePermission{MaxMsgs: 1, Expires: time.Minute}
	w := newWorld(t, p)
	o := w.options(london())
	o.Publish = config.PublishTrue
	s, log := w.launch(o)
	operator := w.operator()
	answered(t, operator)
	for _, subject := range []string{"$SRV.PING", "$SRV.INFO.fedrelay", service.Subject(fedtest.Cluster, service.Requests)} {
		if raw(t, operator, subject) == nil {
			t.Errorf("%s: no answer", subject)
		}
	}
	if got := s.Warnings(fedtest.Cluster); len(got) != 0 || w.log.String() != "" || log.count("operators:") != 0 {
		t.Errorf("warnings %q, server:\n%s", got, w.log)
	}
}
