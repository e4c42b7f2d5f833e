package relay_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A load sends numbered messages until it is stopped, and counts what arrives of them on the other
// side.
type load struct {
	t        *testing.T
	stop     chan struct{}
	sender   sync.WaitGroup
	sent     atomic.Int64
	arrived  sync.Map // payload number by subject: *atomic.Int64
	received atomic.Int64
}

// startLoad sends messages made by message on one side, and listens to subjects on the other.
func startLoad(t *testing.T, from, to *embedded.Server, subject string, message func(i int) string, subjects string) *load {
	l := &load{t: t, stop: make(chan struct{})}
	listener := fedtest.Connect(t, to)
	if _, err := listener.Subscribe(subjects, l.count); err != nil {
		t.Fatal(err)
	}
	if err := listener.FlushTimeout(fedtest.Patience); err != nil {
		t.Fatal(err)
	}
	sender := fedtest.Connect(t, from)
	l.sender.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-l.stop:
				return
			default:
			}
			if sender.Publish(subject, []byte(message(i))) == nil && sender.FlushTimeout(fedtest.Patience) == nil {
				l.sent.Add(1)
			}
		}
	})
	return l
}

func (l *load) count(m *nats.Msg) {
	if fedtest.IsOwn(m.Subject) {
		return
	}
	n, _ := l.arrived.LoadOrStore(m.Subject, new(atomic.Int64))
	n.(*atomic.Int64).Add(1)
	l.received.Add(1)
}

// waitFor waits until n more messages have arrived.
func (l *load) waitFor(n int64) {
	l.t.Helper()
	want := l.received.Load() + n
	fedtest.Eventually(l.t, fmt.Sprintf("%d more arrive", n), func() bool { return l.received.Load() >= want })
}

func (l *load) end() {
	close(l.stop)
	l.sender.Wait()
}

// once checks that nothing arrived twice.
func (l *load) once() {
	l.arrived.Range(func(subject, n any) bool {
		if n := n.(*atomic.Int64).Load(); n != 1 {
			l.t.Errorf("%s arrived %d times", subject, n)
		}
		return true
	})
}

func requestTo(i int) string { return fedtest.Request("r1", fedtest.Node(fmt.Sprintf("n%d", i))) }

func replyTo(i int) string { return fedtest.Reply(fmt.Sprintf("r%d", i), "n1") }

// Every cut leaves copies in doubt. What is called confirmed must have arrived, and nothing may
// arrive twice.
func TestCutsUnderLoadAreCountedHonestly(t *testing.T) {
	for _, path := range []string{"request", "reply"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			n := fedtest.StartNetworks(t, embedded.Options{})
			c := n.Config()
			from, to, subject, message, out := n.Federation, n.Collective, fedtest.FederationSubject, requestTo, "mcollective.node.>"
			if path == "reply" {
				from, to, subject, message, out = n.Collective, n.Federation, fedtest.CollectiveSubject, replyTo, "mcollective.reply.>"
			}
			proxy := fedtest.NewProxy(t, to)
			if path == "request" {
				c.Collective.Servers = []string{proxy.URL()}
			} else {
				c.Federation.Servers = []string{proxy.URL()}
			}
			r := fedtest.StartRelay(t, c)
			l := startLoad(t, from, to, subject, message, out)
			for range 6 {
				l.waitFor(100)
				proxy.Cut()
			}
			l.waitFor(100)
			l.end()
			if err := r.Stop(); err != nil {
				t.Error(err)
			}
			request, reply := r.Ledgers()
			s := request
			if path == "reply" {
				s = reply
			}
			confirmed, unconfirmed := s.Fate(pipeline.Confirmed), s.Fate(pipeline.Unconfirmed)
			fedtest.Eventually(t, "what is confirmed has arrived", func() bool { return l.received.Load() >= confirmed })
			if got := l.received.Load(); got > confirmed+unconfirmed {
				t.Errorf("%d arrived, of which only %d + %d are known", got, confirmed, unconfirmed)
			}
			t.Logf("%d sent, %d arrived, %d confirmed, %d unconfirmed", l.sent.Load(), l.received.Load(), confirmed, unconfirmed)
			if confirmed == 0 {
				t.Error("nothing was confirmed")
			}
			l.once()
		})
	}
}

// Both servers are restarted under load; the relay goes on, and its books balance.
func TestRestartOfEitherServerUnderLoad(t *testing.T) {
	for _, which := range []string{"federation", "collective"} {
		t.Run(which, func(t *testing.T) {
			t.Parallel()
			n := fedtest.StartNetworks(t, embedded.Options{})
			r := fedtest.StartRelay(t, n.Config())
			requests := startLoad(t, n.Federation, n.Collective, fedtest.FederationSubject, requestTo, "mcollective.node.>")
			replies := startLoad(t, n.Collective, n.Federation, fedtest.CollectiveSubject, replyTo, "mcollective.reply.>")
			server := n.Federation
			if which == "collective" {
				server = n.Collective
			}
			for range 2 {
				requests.waitFor(100)
				replies.waitFor(100)
				if err := server.Restart(); err != nil {
					t.Fatal(err)
				}
				r.WaitReady()
			}
			requests.waitFor(100)
			replies.waitFor(100)
			requests.end()
			replies.end()
			if err := r.Stop(); err != nil {
				t.Error(err)
			}
			requests.once()
			replies.once()
		})
	}
}

// A relay that is asked to stop under load carries everything that it took. The rest stays with the
// server or with others.
func TestDrainUnderLoadLeavesNothingUnaccounted(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	leaving, staying := fedtest.StartRelay(t, n.Config()), fedtest.StartRelay(t, n.Config())
	requests := startLoad(t, n.Federation, n.Collective, fedtest.FederationSubject, requestTo, "mcollective.node.>")
	replies := startLoad(t, n.Collective, n.Federation, fedtest.CollectiveSubject, replyTo, "mcollective.reply.>")
	requests.waitFor(200)
	replies.waitFor(200)
	if err := leaving.Stop(); err != nil {
		t.Error(err)
	}
	requests.waitFor(50)
	replies.waitFor(50)
	requests.end()
	replies.end()
	if err := staying.Stop(); err != nil {
		t.Error(err)
	}
	var lost int64
	for _, r := range []*fedtest.Relay{leaving, staying} {
		request, reply := r.Ledgers()
		if request.Fate(pipeline.Confirmed) == 0 || reply.Fate(pipeline.Confirmed) == 0 {
			t.Error("one of two instances had nothing to do")
		}
		lost += request.Fate(pipeline.Unconfirmed) + reply.Fate(pipeline.Unconfirmed) + request.Dropped + reply.Dropped
	}
	if lost != 0 {
		t.Errorf("%d were lost though no connection was", lost)
	}
	for name, l := range map[string]*load{"requests": requests, "replies": replies} {
		fedtest.Eventually(t, name+" have all arrived", func() bool { return l.received.Load() == l.sent.Load() })
		l.once()
	}
}
