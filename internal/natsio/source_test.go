package natsio

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

func TestSourceSubscribesOnlyWhileItServes(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		s := natstest.Start(t, embedded.Options{})
		r := newTester(100)
		r.start(t)
		stop := attend(t, r, via(portable, endpoint(t, "federation", natstest.Side(s.ClientURL()))))
		nc := natstest.Client(t, s.ClientURL())
		tell(t, nc, "before")
		serve(t, r.Source)
		tell(t, nc, "during")
		b := r.receive(t)
		if got := payloadsOf(b); !slices.Equal(got, []string{"during"}) {
			t.Fatalf("%q", got)
		}
		if b.Origin != s.ClientURL() || b.Received.IsZero() || r.LastReceived().IsZero() {
			t.Errorf("from %q at %v", b.Origin, b.Received)
		}
		b.Free()
		tell(t, nc, "last")
		leaves(t, r)
		tell(t, nc, "after")
		r.Close()
		if got := r.rest(t); len(got) != 0 {
			t.Errorf("%q after leaving", got)
		}
		r.givesBack(t, stop)
	})
}

// leaves has r leave its queue group and receives the one message that was sent before.
func leaves(t *testing.T, r *tester) {
	t.Helper()
	left := make(chan error, 1)
	go func() { left <- r.Leave(t.Context()) }()
	if got := r.next(t, 1); got[0] != "last" {
		t.Errorf("%q before leaving", got)
	}
	if err := <-left; err != nil {
		t.Error(err)
	}
	if r.Subscribed() {
		t.Error("still subscribed")
	}
}

func TestASourceMayServeAgain(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		s := natstest.Start(t, embedded.Options{})
		r := newTester(100)
		r.start(t)
		stop := attend(t, r, via(portable, endpoint(t, "federation", natstest.Side(s.ClientURL()))))
		nc := natstest.Client(t, s.ClientURL())
		for _, text := range []string{"one", "two", "three"} {
			serve(t, r.Source)
			tell(t, nc, text)
			if got := r.next(t, 1); got[0] != text {
				t.Errorf("%q, want %q", got, text)
			}
			if err := r.Leave(t.Context()); err != nil {
				t.Fatal(err)
			}
			tell(t, nc, "nobody serves")
		}
		r.Close()
		r.rest(t)
		r.givesBack(t, stop)
	})
}

func TestMessagesBeforeTheEndOfAConnectionAreNotLost(t *testing.T) {
	const messages = 20_000
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		address, subscribers := natstest.Broker(t)
		r := newTester(1_000_000)
		r.start(t)
		stop := attend(t, r, via(portable, endpoint(t, "federation", natstest.Side("nats://"+address))))
		serve(t, r.Source)
		sub := <-subscribers
		go func() {
			sub.Send(strings.Repeat(sub.Msg("x"), messages))
			sub.Close()
		}()
		r.next(t, messages)
		r.Close()
		r.rest(t)
		r.givesBack(t, stop)
		if s := r.ledger.Snapshot(); s.Dropped != 0 {
			t.Errorf("%d dropped", s.Dropped)
		}
	})
}

func TestADeniedSubscriptionIsSaidAndTriedAgain(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		denied := natstest.User("relay", "pw")
		denied.Permissions = deny("in")
		s := natstest.Start(t, embedded.Options{Users: users(denied)})
		r := newTester(10)
		e := natstest.Side(s.ClientURL())
		e.User, e.Password = "relay", "pw"
		stop := attend(t, r, via(portable, endpoint(t, "federation", e)))
		natstest.Eventually(t, "the denial is returned", func() bool {
			err := r.Serve(t.Context(), true) // nil while there is no connection
			if err != nil {
				return strings.Contains(strings.ToLower(err.Error()), "permissions violation")
			}
			_ = r.Serve(t.Context(), false)
			return false
		})
		if r.Subscribed() {
			t.Error("subscribed though denied")
		}
		r.givesBack(t, stop)
	})
}

func users(u ...*natsserver.User) []*natsserver.User { return u }

func deny(subject string) *natsserver.Permissions {
	return &natsserver.Permissions{Subscribe: &natsserver.SubjectPermission{Deny: []string{subject}}}
}

func TestASubscriptionOfADeadConnectionEnds(t *testing.T) {
	s := natstest.Start(t, embedded.Options{})
	nc := natstest.Client(t, s.ClientURL())
	nsub, err := nc.QueueSubscribe("in", "q", func(*nats.Msg) {})
	if err != nil {
		t.Fatal(err)
	}
	nc.Close() // nats.go's goroutine for the subscription ends without a handler to call
	ended := make(chan struct{})
	atEnd(nsub, sync.OnceFunc(func() { close(ended) }))
	select {
	case <-ended:
	case <-time.After(natstest.Patience):
		t.Fatal("the subscription never ends")
	}
}
