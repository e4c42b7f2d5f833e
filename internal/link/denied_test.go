package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/socket"
)

// fenced is a user that may publish to open.> and subscribe to open.> only.
func fenced() embedded.Options {
	u := natstest.User("relay", "secret")
	u.Permissions = &natsserver.Permissions{
		Publish:   &natsserver.SubjectPermission{Allow: []string{"open.>"}},
		Subscribe: &natsserver.SubjectPermission{Allow: []string{"open.>"}},
	}
	return embedded.Options{Users: []*natsserver.User{u}}
}

// fencedSession runs a Link that logs in as that user.
func fencedSession(t *testing.T, portable bool, attach func(context.Context, *Session) error) (*recorder, *Link) {
	t.Helper()
	srv := natstest.Start(t, fenced())
	s := natstest.Side(srv.ClientURL())
	s.User, s.Password = "relay", "secret"
	r := &recorder{attach: attach}
	l, _ := run(t, r, portably(portable, endpoint(t, Collective, s)))
	return r, l
}

func TestDeniedPublishesAreCountedExactlyAfterSettle(t *testing.T) {
	natstest.OnBothPlanes(t, deniedPublishes)
}

func deniedPublishes(t *testing.T, portable bool) {
	const rounds, each = 60, 200
	r, _ := fencedSession(t, portable, nil)
	natstest.Eventually(t, "attach", func() bool { return r.did("attach 1") })
	s := r.session()
	var told atomic.Uint64
	s.OnDenied(func(subject string) {
		if strings.HasPrefix(subject, "closed.") {
			told.Add(1)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), natstest.Patience)
	defer cancel()
	for round := range rounds {
		for i := range each {
			publish(t, s, fmt.Sprintf("closed.%d.%d", round, i))
			publish(t, s, "open.a")
		}
		if err := s.Conn.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := s.Settle(ctx); err != nil {
			t.Fatal(err)
		}
		if want := uint64((round + 1) * each); s.Denied() != want || told.Load() != want {
			t.Fatalf("round %d: %d denied, %d told, want %d", round, s.Denied(), told.Load(), want)
		}
	}
	if got := r.Counted(EventPermissionDenied); got != rounds*each {
		t.Errorf("%d events, want %d", got, rounds*each)
	}
	if r.did("lost 1") {
		t.Error("denied publishes ended the session")
	}
}

func publish(t *testing.T, s *Session, subject string) {
	t.Helper()
	if err := s.Conn.Publish(subject, []byte("x")); err != nil {
		t.Fatal(err)
	}
}

// The denial comes before the PONG, but the callback of nats.go for it may run much later.
func TestSettleWaitsForASlowCallback(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		address := natstest.Server(t, func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			c.In.ReadString('\n') // PING of the flush
			c.Send("-ERR 'Permissions Violation for Publish to \"a.b\"'\r\nPONG\r\n")
			c.AnswerPings()
		})
		var r recorder
		run(t, &r, portably(portable, endpoint(t, Collective, natstest.Side(address))))
		natstest.Eventually(t, "attach", func() bool { return r.did("attach 1") })
		s := r.session()
		release, holding := make(chan struct{}), make(chan struct{})
		s.OnDenied(func(string) { close(holding); <-release })
		if err := s.Conn.Flush(); err != nil {
			t.Fatal(err)
		}
		<-holding
		settled := make(chan error, 1)
		go func() { settled <- s.Settle(t.Context()) }()
		select {
		case <-settled:
			t.Fatal("settled while a denial was being told")
		case <-time.After(50 * time.Millisecond):
		}
		close(release)
		if err := <-settled; err != nil || s.Denied() != 1 {
			t.Errorf("settle: %v, denied %d", err, s.Denied())
		}
	})
}

func TestSettleEndsWithTheConnectionAndWithItsContext(t *testing.T) {
	ours, theirs := net.Pipe()
	go func() {
		defer theirs.Close()
		(&natstest.Conn{Conn: theirs}).Send("INFO " + natstest.Info + "\r\n-ERR 'Permissions Violation'\r\n")
	}()
	wire := socket.NewFramed(ours)
	if err := wire.Greet(t.Context(), natstest.Must(parseServer("c1.fed")).url, socket.Security{}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(wire); err != nil {
		t.Fatal(err)
	}
	s := Unlinked(wire)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Settle(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	close(s.done)
	if err := s.Settle(context.Background()); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestDeniedSubscriptionFailsAttach(t *testing.T) {
	natstest.OnBothPlanes(t, deniedSubscription)
}

func deniedSubscription(t *testing.T, portable bool) {
	r, l := fencedSession(t, portable, func(ctx context.Context, s *Session) error {
		for _, subject := range []string{"open.here", "closed.here"} {
			if _, err := s.Conn.QueueSubscribeSync(subject, "london_federation"); err != nil {
				return err
			}
		}
		if err := s.Conn.FlushWithContext(ctx); err != nil {
			return err
		}
		if err := s.Settle(ctx); err != nil {
			return err
		}
		if err := s.SubscribeDenied("open.here", "london_federation"); err != nil {
			return fmt.Errorf("wrong denial: %w", err)
		}
		if s.SubscribeDenied("closed.here", "") != nil {
			return errors.New("denial without the queue group")
		}
		err := s.SubscribeDenied("closed.here", "london_federation")
		if s.SubscribeDenied("closed.here", "london_federation") != nil {
			return errors.New("one denial is told twice")
		}
		return err
	})
	natstest.Eventually(t, "two failed attaches", func() bool { return r.Counted(EventConnectFailed) >= 2 })
	want := `subscribing to "closed.here" with queue group "london_federation" is denied by the server (permissions violation); ` +
		"fedrelay config permissions prints what the login needs"
	if st := l.Status(); st.Connected || !strings.HasSuffix(st.LastError, want) {
		t.Errorf("status %+v", st)
	}
	if len(r.history()) != 0 {
		t.Errorf("calls %v", r.history())
	}
}

// A server that takes a permission away keeps the connection. It drops the subscription without a
// word to anybody.
func TestSubscriptionTakenBackEndsTheSession(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		deny := make(chan struct{})
		address := natstest.Server(t, func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			if _, ok := <-deny; ok {
				c.Send("-ERR 'Permissions Violation for Subscription to \"a.b\" using queue \"q\" (sid \"1\")'\r\n")
			}
			c.AnswerPings()
		})
		var r recorder
		r.attach = func(_ context.Context, s *Session) error { return s.SubscribeDenied("a.b", "q") }
		run(t, &r, portably(portable, endpoint(t, Federation, natstest.Side(address))))
		natstest.Eventually(t, "attach", func() bool { return r.did("attach 1") })
		deny <- struct{}{}
		close(deny)
		natstest.Eventually(t, "new attach", func() bool { return r.did("attach 2") })
		var denied *DeniedError
		if err := r.lastLost(t); !errors.As(err, &denied) || *denied != (DeniedError{Subject: "a.b", Queue: "q"}) {
			t.Errorf("lost because of %v", err)
		}
	})
}

func TestOneSubscriptionTooManyEndsTheSession(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		address := natstest.Server(t, func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			c.Send("-ERR 'maximum subscriptions exceeded'\r\n")
			c.AnswerPings()
		})
		var r recorder
		run(t, &r, portably(portable, endpoint(t, Federation, natstest.Side(address))))
		natstest.Eventually(t, "loss", func() bool { return r.did("lost 1") })
		if err := r.lastLost(t); !errors.Is(err, nats.ErrMaxSubscriptionsExceeded) {
			t.Errorf("lost because of %v", err)
		}
	})
}

func TestParseDenied(t *testing.T) {
	for text, want := range map[string]DeniedError{
		`Permissions Violation for Publish to "a.b"`:                                {Publish: true, Subject: "a.b"},
		`Permissions Violation for Publish to "a\"b\u00a0"`:                         {Publish: true, Subject: "a\"b\u00a0"},
		`Permissions Violation for Publish with Reply of "r.1"`:                     {Publish: true, Subject: "r.1"},
		`Permissions Violation for Subscription to "a.>"`:                           {Subject: "a.>"},
		`Permissions Violation for Subscription to "a.>" using queue "q"`:           {Subject: "a.>", Queue: "q"},
		`Permissions Violation for Subscription to "a.>" using queue "q" (sid "7")`: {Subject: "a.>", Queue: "q"},
		`Permissions Violation for Subscription to "a.>", too many tokens`:          {Subject: "a.>"},
		`Permissions Violation`:                                                     {Publish: true},
		`Permissions Violation for Publish to "never closed`:                        {Publish: true},
		`Permissions Violation for Subscription to `:                                {},
	} {
		if got := parseDenied("nats: permissions violation: " + text); got != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
}
