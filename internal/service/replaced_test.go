package service_test

import (
	"errors"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

// connections returns how many connections a world has had.
func (w *world) connections() uint64 {
	w.t.Helper()
	z, err := w.server.Inner().Varz(&natsserver.VarzOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return z.TotalConnections
}

// Whoever asks while an instance makes another session gets an answer: after a reload, and when a
// login that lacks rights is tried again.
func TestAnInstanceAnswersWhileItConnectsAnew(t *testing.T) {
	questions := allow(nil, []string{own})
	questions.Response = &natsserver.ResponsePermission{MaxMsgs: 100, Expires: time.Minute}
	for name, c := range map[string]struct {
		rights natsserver.Permissions
		again  time.Duration
		reload func(*service.Server, int)
	}{
		"another login":    {all, time.Hour, func(s *service.Server, _ int) { s.Renew() }},
		"other statistics": {all, time.Hour, func(s *service.Server, n int) { s.Change(duties(n%2 == 0)) }},
		"missing rights":   {questions, 2 * time.Millisecond, func(*service.Server, int) {}},
	} {
		w := newWorld(t, c.rights)
		s, _ := w.launch(w.options(london()), func(s *service.Server) {
			s.Again(c.again)
			s.Overlap(2 * time.Millisecond)
		})
		o := w.operator()
		answered(t, o)
		for n, first := 0, w.connections(); w.connections() < first+5; n++ {
			c.reload(s, n)
			_, err := o.Conn.Request(service.Subject(fedtest.Cluster, service.State), nil, fedtest.Patience)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}

func duties(publish bool) service.Duties {
	d := service.Duties{Answer: true, Publish: config.PublishFalse, Interval: time.Millisecond}
	if publish {
		d.Publish = config.PublishTrue
	}
	return d
}

// Without duties there is no connection, and no warning. They may come back.
func TestAServerWithoutDutiesRests(t *testing.T) {
	w := newWorld(t, allow([]string{"_INBOX.>"}, []string{own}))
	s, _ := w.launch(w.options(london()))
	o := w.operator()
	answered(t, o)
	fedtest.Eventually(t, "it warns", func() bool { return len(s.Warnings(fedtest.Cluster)) > 0 })
	s.Change(service.Duties{Publish: config.PublishFalse})
	fedtest.Eventually(t, "it rests", func() bool {
		names, err := w.server.Connz()
		return err == nil && len(names) == 1 && len(s.Warnings(fedtest.Cluster)) == 0
	})
	s.Change(duties(false))
	answered(t, o)
}

// While two sessions hear questions there are two answers, which count as one.
func TestAnInstanceWithTwoSessionsCountsOnce(t *testing.T) {
	w := newWorld(t, all)
	s, _ := w.launch(w.options(london()), func(s *service.Server) { s.Overlap(time.Hour) })
	o := w.operator()
	answered(t, o)
	first := w.connections()
	s.Renew()
	sub, err := o.Conn.SubscribeSync(o.Conn.NewInbox())
	if err != nil {
		t.Fatal(err)
	}
	fedtest.Eventually(t, "two answers", func() bool {
		if err := o.Conn.PublishRequest(service.Subject(fedtest.Cluster, service.State), sub.Subject, nil); err != nil {
			t.Fatal(err)
		}
		if _, err = sub.NextMsg(fedtest.Patience); err != nil {
			t.Fatal(err)
		}
		_, err = sub.NextMsg(20 * time.Millisecond)
		return !errors.Is(err, nats.ErrTimeout)
	})
	if all := ask[state.Instance](t, o, service.State, nil); len(all) != 1 {
		t.Errorf("%d instances", len(all))
	}
	s.Renew() // waits for its turn
	ask[state.Instance](t, o, service.State, nil)
	if n := w.connections() - first; n != 1 {
		t.Errorf("%d more connections", n)
	}
}

// While a session is being replaced its login may still be denied what the next one may do. That is
// no warning any more.
func TestWhatTheSessionBeforeLacksIsNoWarning(t *testing.T) {
	w := newWorld(t, allow([]string{"choria.reply.>"}, []string{"$SRV.>", own}))
	o := w.options(london())
	s, _ := w.launch(o, func(s *service.Server) {
		s.Overlap(time.Hour)
		s.Mute(0)
	})
	operator := w.operator()
	ask := func() {
		if err := operator.Conn.PublishRequest(service.Subject(fedtest.Cluster, service.State), operator.Conn.NewInbox(), nil); err != nil {
			t.Fatal(err)
		}
	}
	fedtest.Eventually(t, "it lacks a right", func() bool {
		ask()
		return len(s.Warnings(fedtest.Cluster)) == 1
	})
	next, err := link.NewEndpoint(link.Federation, w.side("operator"))
	if err != nil {
		t.Fatal(err)
	}
	o.Endpoint.Replace(next)
	s.Renew()
	fedtest.Eventually(t, "the next login lacks nothing", func() bool { return len(s.Warnings(fedtest.Cluster)) == 0 })
	for range 5 {
		before := w.log.count("Publish Violation")
		fedtest.Eventually(t, "the login before is denied", func() bool {
			ask()
			return w.log.count("Publish Violation") > before
		})
	}
	if got := s.Warnings(fedtest.Cluster); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

// A probe waits for servers. It goes on where it was asked for.
func TestAProbeOutlivesItsSession(t *testing.T) {
	w := newWorld(t, all)
	source := london()
	source.probing = make(chan struct{})
	s, _ := w.launch(w.options(source), func(s *service.Server) { s.Overlap(0) })
	o := w.operator()
	answered(t, o)
	sub, err := o.Conn.SubscribeSync(o.Conn.NewInbox())
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Conn.PublishRequest(service.Subject(fedtest.Cluster, service.Probe), sub.Subject, []byte(`{"target":"x"}`)); err != nil {
		t.Fatal(err)
	}
	fedtest.Eventually(t, "the probe is under way", func() bool { return source.probes.Load() > 0 })
	first := w.connections()
	s.Renew()
	fedtest.Eventually(t, "another session", func() bool { return w.connections() > first })
	<-time.After(100 * time.Millisecond) // for the session before, which must not end
	close(source.probing)
	if _, err := sub.NextMsg(fedtest.Patience); err != nil {
		t.Error(err)
	}
}
