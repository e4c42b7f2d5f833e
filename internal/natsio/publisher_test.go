package natsio

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// feeder is a pipeline around a publisher: what it is fed goes to the targets it names, with a
// payload of size bytes.
type feeder struct {
	*Publisher
	ledger  pipeline.Ledger
	pool    pool.Pool
	size    int
	batches chan string
	done    chan struct{}
	timed   int           // copies that Written was called with
	slowest time.Duration // of those
}

func newFeeder(ttl time.Duration) *feeder {
	f := &feeder{size: 5, batches: make(chan string), done: make(chan struct{})}
	f.Publisher = NewPublisher(PublisherConfig{Ledger: &f.ledger, TTL: ttl, Written: f.written})
	p := pipeline.New(pipeline.Config{
		Source: f, Publishers: []pipeline.Publisher{f.Publisher}, Ledger: &f.ledger, Pool: &f.pool,
		Rules: pipeline.Rules{Router: f, Limits: wire.Limits{Depth: 16, Targets: 100_000}}, DecodeWorkers: 1, Depth: 1,
	})
	go func() {
		defer close(f.done)
		p.Run(context.Background())
	}()
	return f
}

// Run implements pipeline.Source.
func (f *feeder) Run(_ context.Context, line pipeline.Line) {
	for message := range f.batches {
		b := pipeline.NewBatch()
		b.Buffer, b.Received = f.pool.Get(len(message)), time.Now()
		b.Add("", []byte(message))
		line.Take(b)
	}
}

func (f *feeder) written(took time.Duration, copies int) {
	f.timed += copies
	f.slowest = max(f.slowest, took)
}

func (f *feeder) Route(r *pipeline.Route) wire.Reason {
	r.Subjects = append(r.Subjects, r.Targets...)
	return wire.OK
}

func (f *feeder) Append(dst []byte, _ *pipeline.Route) ([]byte, wire.Reason) {
	return append(dst, strings.Repeat("p", f.size)...), wire.OK
}

func (f *feeder) feed(targets ...string) {
	f.batches <- `{"protocol":"choria:transport:1","data":"","headers":{"federation":{"target":["` + strings.Join(targets, `","`) + `"]}}}`
}

// end waits until everything fed is settled and checks the books.
func (f *feeder) end(t *testing.T) pipeline.Snapshot {
	t.Helper()
	close(f.batches)
	<-f.done
	natstest.Eventually(t, "everything is settled", func() bool { return f.InDoubt() == 0 })
	s := f.ledger.Snapshot()
	if !s.Balanced() || f.pool.InUse() != 0 {
		t.Errorf("%d buffers lent: %s", f.pool.InUse(), s.String())
	}
	return s
}

// serials are n subjects that begin with prefix.
func serials(prefix string, n int) []string {
	subjects := make([]string, n)
	for i := range subjects {
		subjects[i] = fmt.Sprintf("%s.%d", prefix, i)
	}
	return subjects
}

func TestPublishedCopiesArriveInOrderAndAreConfirmed(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		s := natstest.Start(t, embedded.Options{})
		nc := natstest.Client(t, s.ClientURL())
		seen := make(chan *nats.Msg, 10_000)
		if _, err := nc.ChanSubscribe(">", seen); err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		f := newFeeder(natstest.Patience)
		attend(t, f, via(portable, endpoint(t, "collective", natstest.Side(s.ClientURL()))))
		f.feed(serials("a", 3000)...)
		f.feed(serials("b", 1)...)
		books := f.end(t)
		if books.Fate(pipeline.Confirmed) != 3001 {
			t.Error(books.String())
		}
		if f.timed != 3001 || f.slowest <= 0 || f.slowest > natstest.Patience {
			t.Errorf("%d copies were timed, up to %s", f.timed, f.slowest)
		}
		for _, want := range append(serials("a", 3000), "b.0") {
			if m := <-seen; m.Subject != want || len(m.Data) != f.size || m.Reply != "" || m.Header != nil {
				t.Fatalf("%+v, want one for %s", m, want)
			}
		}
		if f.URL() != s.ClientURL() {
			t.Errorf("published to %q", f.URL())
		}
	})
}

func TestDeniedCopiesAreCountedExactly(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		relay := natstest.User("relay", "pw")
		relay.Permissions = &natsserver.Permissions{Publish: &natsserver.SubjectPermission{Allow: []string{"ok.>"}}}
		s := natstest.Start(t, embedded.Options{Users: []*natsserver.User{relay}})
		e := natstest.Side(s.ClientURL())
		e.User, e.Password = "relay", "pw"
		var mu sync.Mutex
		denied := map[string]int{}
		f := newFeeder(natstest.Patience)
		f.cfg.Denied = func(subject string) {
			mu.Lock()
			defer mu.Unlock()
			denied[subject]++
		}
		attend(t, f, via(portable, endpoint(t, "collective", e)))
		for i := range 20 {
			targets := append(serials(fmt.Sprint("ok.", i), 100), serials(fmt.Sprint("no.", i), 37)...)
			f.feed(append(targets, serials(fmt.Sprint("ok.more.", i), 11)...)...)
		}
		books := f.end(t)
		if books.Fate(pipeline.Denied) != 740 || books.Fate(pipeline.Confirmed) != 2220 {
			t.Error(books.String())
		}
		mu.Lock()
		defer mu.Unlock()
		if len(denied) != 740 || denied["no.7.36"] != 1 {
			t.Errorf("told of %d subjects", len(denied))
		}
	})
}

func TestTooLargeCopiesAreRefusedAndCostNoConnection(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		s := natstest.Start(t, embedded.Options{MaxPayload: 1000})
		f := newFeeder(natstest.Patience)
		attend(t, f, via(portable, endpoint(t, "collective", natstest.Side(s.ClientURL()))))
		f.size = 1001
		f.feed("a", "b", "c")
		natstest.Eventually(t, "the three are refused", func() bool {
			books := f.ledger.Snapshot()
			return books.Fates[pipeline.Refused][wire.TooLarge] == 3
		})
		f.size = 1000
		f.feed("d")
		books := f.end(t)
		if books.Fate(pipeline.Confirmed) != 1 || books.Copies != 4 {
			t.Error(books.String())
		}
	})
}

func TestCopiesExpireWhileTheSideIsDown(t *testing.T) {
	f := newFeeder(20 * time.Millisecond)
	f.feed("a", "b")
	f.feed("c")
	if s := f.end(t); s.Fate(pipeline.Expired) != 3 {
		t.Error(s.String())
	}
}

func TestCopiesWaitForAConnection(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		f := newFeeder(time.Hour)
		f.feed("a", "b")
		s := natstest.Start(t, embedded.Options{})
		attend(t, f, via(portable, endpoint(t, "collective", natstest.Side(s.ClientURL()))))
		if s := f.end(t); s.Fate(pipeline.Confirmed) != 2 {
			t.Error(s.String())
		}
	})
}

func TestAbortAbandonsWhatIsNotWritten(t *testing.T) {
	f := newFeeder(time.Hour)
	f.feed("a", "b")
	f.Abort()
	f.feed("c")
	if s := f.end(t); s.Fate(pipeline.Abandoned) != 3 {
		t.Error(s.String())
	}
}

// A server that never answers a PING leaves everything in doubt, and its end makes it unconfirmed.
func TestCopiesWithoutAPongAreUnconfirmed(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		got := make(chan struct{})
		address := natstest.Server(t, func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			for {
				line, err := c.In.ReadString('\n')
				if err != nil {
					return
				}
				if strings.HasPrefix(line, "PUB last ") {
					close(got)
					return
				}
			}
		})
		f := newFeeder(natstest.Patience)
		stop := attend(t, f, via(portable, endpoint(t, "collective", natstest.Side("nats://"+address))))
		f.feed("a", "b", "last")
		<-got
		natstest.Eventually(t, "they are unconfirmed", func() bool {
			s := f.ledger.Snapshot()
			return s.Fate(pipeline.Unconfirmed) == 3
		})
		stop()
		f.end(t)
	})
}

// A server that says -1 takes everything. nats.go would write nothing to it.
func TestNoLimitIsNotALimitOfNothing(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		s := natstest.Start(t, embedded.Options{MaxPayload: -1})
		f := newFeeder(natstest.Patience)
		attend(t, f, via(portable, endpoint(t, "collective", natstest.Side(s.ClientURL()))))
		f.size = 2 << 20
		f.feed("a", "b")
		if books := f.end(t); books.Fate(pipeline.Confirmed) != 2 {
			t.Error(books.String())
		}
		f.mu.Lock()
		nc := f.current.session.Conn
		f.mu.Unlock()
		if err := nc.Publish("statistics", []byte("x")); err != nil {
			t.Errorf("nats.go: %v", err)
		}
	})
}
