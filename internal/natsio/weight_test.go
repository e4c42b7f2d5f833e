package natsio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

// weighted is a source of weight 10 that keeps what it takes.
type weighted struct {
	*tester
	count atomic.Int64
	mu    sync.Mutex
	order []string
	ended chan struct{} // closed when the source has
}

func newWeighted(t *testing.T, e *link.Endpoint) *weighted {
	t.Helper()
	w := &weighted{tester: newTester(100_000), ended: make(chan struct{})}
	w.Source.SetWeight(10)
	attend(t, w, e)
	go func() {
		defer close(w.taken)
		w.Run(context.Background(), w.tester)
	}()
	go func() {
		defer close(w.ended)
		for b := range w.taken {
			w.mu.Lock()
			w.order = append(w.order, payloadsOf(b)...)
			w.count.Store(int64(len(w.order)))
			w.mu.Unlock()
			b.Free()
		}
	}()
	t.Cleanup(func() {
		w.Close()
		<-w.ended
	})
	serve(t, w.Source)
	return w
}

func (w *weighted) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.order...)
}

// member joins the queue group as somebody else, with n subscriptions, and counts.
func member(t *testing.T, nc *nats.Conn, n int) *atomic.Int64 {
	t.Helper()
	var got atomic.Int64
	for range n {
		if _, err := nc.QueueSubscribe("in", "q", func(*nats.Msg) { got.Add(1) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	return &got
}

func TestWeightIsAShareOfTheLoad(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		srv := natstest.Start(t, embedded.Options{})
		w := newWeighted(t, via(portable, endpoint(t, link.Federation, natstest.Side(srv.ClientURL()))))
		other := member(t, natstest.Client(t, srv.ClientURL()), 10)
		nc := natstest.Client(t, srv.ClientURL())
		const messages = 1000
		for i := range messages {
			tell1(t, nc, strconv.Itoa(i))
		}
		natstest.Eventually(t, "all messages", func() bool { return w.count.Load()+other.Load() == messages })
		if n := len(w.seen()); n < messages/4 || n > 3*messages/4 {
			t.Errorf("%d of %d", n, messages)
		}
		if n := srv.Inner().NumSubscriptions(); n < 20 {
			t.Errorf("%d subscriptions", n)
		}
	})
}

func tell1(t *testing.T, nc *nats.Conn, payload string) {
	t.Helper()
	if err := nc.Publish("in", []byte(payload)); err != nil {
		t.Fatal(err)
	}
}

func TestWeightKeepsTheOrder(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		srv := natstest.Start(t, embedded.Options{})
		w := newWeighted(t, via(portable, endpoint(t, link.Federation, natstest.Side(srv.ClientURL()))))
		nc := natstest.Client(t, srv.ClientURL())
		const messages = 3000
		for i := range messages {
			tell1(t, nc, strconv.Itoa(i))
		}
		natstest.Eventually(t, "all messages", func() bool { return w.count.Load() == messages })
		for i, got := range w.seen() {
			if got != strconv.Itoa(i) {
				t.Fatalf("%s came as number %d", got, i)
			}
		}
	})
}

// Joining and leaving with several subscriptions neither loses nor doubles anything while another
// member stays.
func TestWeightLosesNothingWhenItLeavesAndComesBack(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		srv := natstest.Start(t, embedded.Options{})
		w := newWeighted(t, via(portable, endpoint(t, link.Federation, natstest.Side(srv.ClientURL()))))
		other := member(t, natstest.Client(t, srv.ClientURL()), 3)
		nc := natstest.Client(t, srv.ClientURL())
		sent := make(chan int)
		stop := make(chan struct{})
		go func() {
			n := 0
			defer func() { sent <- n }()
			for {
				select {
				case <-stop:
					return
				default:
				}
				// A round trip now and then keeps what waits small on a slow machine.
				if nc.Publish("in", []byte(strconv.Itoa(n))) != nil || n%20 == 0 && nc.Flush() != nil {
					return
				}
				n++
			}
		}()
		for range 8 {
			seen := w.count.Load()
			natstest.Eventually(t, "its share", func() bool { return w.count.Load() > seen })
			if err := w.Leave(t.Context()); err != nil {
				t.Fatal(err)
			}
			serve(t, w.Source)
		}
		close(stop)
		n := <-sent
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		natstest.Eventually(t, "all messages", func() bool { return w.count.Load()+other.Load() >= int64(n) })
		once := map[string]bool{}
		for _, payload := range w.seen() {
			if once[payload] {
				t.Fatalf("%s came twice", payload)
			}
			once[payload] = true
		}
		if got := len(once) + int(other.Load()); got != n {
			t.Errorf("%d of %d messages", got, n)
		}
		if dropped := w.ledger.Snapshot().Dropped; dropped != 0 {
			t.Errorf("%d dropped", dropped)
		}
	})
}

func TestWeightMovesWithItsServer(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		one, two := natstest.PatientServer(t, "one"), natstest.PatientServer(t, "two")
		servers := map[string]*embedded.Server{"one": one, "two": two}
		w := &weighted{tester: newTester(1000)}
		w.Source.SetWeight(5)
		w.start(t)
		l := link.New(link.Config{Endpoint: via(portable, endpoint(t, link.Federation, natstest.Side(one.ClientURL(), two.ClientURL()))), Name: "fedrelay test", Handler: w})
		runLink(t, l)
		serve(t, w.Source)
		from := l.Status().ServerName
		servers[from].LameDuck()
		natstest.Eventually(t, "move", func() bool { st := l.Status(); return st.Connected && st.ServerName != from && w.Subscribed() })
		to := servers[l.Status().ServerName]
		tell(t, natstest.Client(t, to.ClientURL()), "hello")
		if got := w.next(t, 1); got[0] != "hello" {
			t.Error(got)
		}
		natstest.Eventually(t, "five subscriptions", func() bool { return to.Inner().NumSubscriptions() >= 5 })
	})
}

// Another weight means another stay in the queue group. The source joins before it leaves, so that
// no message finds nobody, and none is heard twice.
func TestAnotherWeightLosesNothing(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		srv := natstest.Start(t, embedded.Options{})
		w := newWeighted(t, via(portable, endpoint(t, link.Federation, natstest.Side(srv.ClientURL()))))
		nc := natstest.Client(t, srv.ClientURL())
		base := srv.Inner().NumSubscriptions() - 10 // of others than the source
		sent := 0
		for _, weight := range []int{3, 1, 7} {
			w.SetWeight(weight)
			weighs := func() bool { // only the new subscriptions are left
				tell(t, nc, fmt.Sprint(sent))
				sent++
				return srv.Inner().NumSubscriptions() == base+uint32(weight)
			}
			natstest.Eventually(t, "the weight is in use", weighs)
		}
		natstest.Eventually(t, "all messages", func() bool { return w.count.Load() == int64(sent) })
		seen := w.seen()
		slices.Sort(seen)
		if len(slices.Compact(seen)) != sent {
			t.Errorf("%d different messages of %d", len(seen), sent)
		}
	})
}

func TestWeightThatIsRefusedIsSaidOnce(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		deaf := natstest.User("deaf", "pw")
		deaf.Permissions = &natsserver.Permissions{Subscribe: &natsserver.SubjectPermission{Deny: []string{"in"}}}
		srv := natstest.Start(t, embedded.Options{Users: []*natsserver.User{deaf}})
		s := natstest.Side(srv.ClientURL())
		s.User, s.Password = "deaf", "pw"
		r := newTester(10)
		r.Source.SetWeight(10)
		r.start(t)
		attached := make(chan error, 100)
		h := &attachments{r.Source, attached}
		if err := r.Serve(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		attend(t, h, via(portable, endpoint(t, link.Federation, s)))
		var denied *link.DeniedError
		select {
		case err := <-attached:
			if !errors.As(err, &denied) {
				t.Errorf("attached with %v", err)
			}
		case <-time.After(natstest.Patience):
			t.Fatal("no attempt")
		}
		if r.Subscribed() {
			t.Error("it says that it is subscribed")
		}
	})
}

// attachments tell what becomes of each attempt to attach a session.
type attachments struct {
	*Source
	results chan<- error
}

func (a *attachments) Attach(ctx context.Context, s *link.Session) error {
	err := a.Source.Attach(ctx, s)
	a.results <- err
	return err
}
