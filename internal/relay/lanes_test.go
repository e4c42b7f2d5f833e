package relay_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/pipeline"
)

// hurried is Sizing for tests: what takes minutes takes moments. Only the path may be held up for
// longer, because machines that run tests are busy.
func hurried() relay.Sizing {
	return relay.Sizing{
		Look: 5 * time.Millisecond, Rest: 20 * time.Millisecond,
		Hold: fedtest.Patience / 4, Patience: fedtest.Patience, Retry: 300 * time.Millisecond, Generation: time.Hour, Surplus: time.Hour,
	}
}

// A park is many nodes behind a relay that chooses its lanes itself, and a client that sends
// numbered requests to them.
type park struct {
	*fedtest.Networks
	t      *testing.T
	relay  *fedtest.Relay
	proxy  *fedtest.Proxy // of the collective; nil if there is none
	log    logBook
	client *nats.Conn
	sent   int  // requests
	lossy  bool // some may get lost, because a server restarts or a path leaves its queue group

	// Guarded by mu.
	mu      sync.Mutex
	copies  int
	latest  map[string]int // the latest request that a subject has got
	strange []string       // what must not happen
}

type dial = func(ctx context.Context, network, address string) (net.Conn, error)

// parkOptions say how a park is made.
type parkOptions struct {
	portable   bool
	proxied    bool // the relay reaches the collective through a proxy
	sizing     relay.Sizing
	collective embedded.Options
	config     func(*config.Config)
	dial       dial // to the collective
}

// newPark starts everything, and waits until the relay is ready.
func newPark(t *testing.T, o parkOptions) *park {
	t.Helper()
	f := &park{t: t, latest: make(map[string]int), Networks: &fedtest.Networks{
		Federation: fedtest.StartServer(t, embedded.Options{}),
		Collective: fedtest.StartServer(t, o.collective),
	}}
	c := f.Config()
	c.Pipeline.Lanes, c.Pipeline.Portable = config.LanesAuto, o.portable
	if o.proxied {
		f.proxy = fedtest.NewProxy(t, f.Collective)
		c.Collective.Servers = []string{f.proxy.URL()}
	}
	if o.config != nil {
		o.config(&c)
	}
	nodes := fedtest.Connect(t, f.Collective)
	if _, err := nodes.Subscribe("mcollective.node.>", f.arrive); err != nil {
		t.Fatal(err)
	}
	if err := nodes.FlushTimeout(fedtest.Patience); err != nil {
		t.Fatal(err)
	}
	f.client = fedtest.Connect(t, f.Federation)
	options := relay.Options{Sizing: o.sizing, Log: slog.New(slog.NewTextHandler(&f.log, nil))}
	if o.dial != nil {
		ways := map[string]dial{"federation": new(net.Dialer).DialContext, "collective": o.dial}
		options.Dial = func(side string) dial { return ways[side] }
	}
	f.relay = fedtest.LaunchRelayWith(t, c, options)
	f.relay.WaitReady()
	return f
}

const numberMark = "TlVN" // in front of the number of a request, which is base64 as it is

func (f *park) arrive(m *nats.Msg) {
	if fedtest.IsOwn(m.Subject) {
		return
	}
	_, text, _ := bytes.Cut(m.Data, []byte(numberMark))
	number, err := strconv.Atoi(string(text[:min(8, len(text))]))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.copies++
	if last, ok := f.latest[m.Subject]; err != nil || ok && last >= number {
		f.strange = append(f.strange, fmt.Sprintf("%s: %d after %d (%v)", m.Subject, number, last, err))
	}
	f.latest[m.Subject] = number
}

// ask sends one request. All have one reply subject.
func (f *park) ask(targets []string) {
	f.t.Helper()
	f.sent++
	text := strings.Replace(fedtest.Request("r", targets...), "aGVsbG8=", fmt.Sprintf("%s%08d", numberMark, f.sent), 1)
	if err := f.client.Publish(fedtest.FederationSubject, []byte(text)); err != nil {
		f.t.Fatal(err)
	}
}

// lightly sends requests to a few nodes each, one after the other, until done says so. It waits
// where the relay does not keep up, or the path would never be idle.
func (f *park) lightly(targets []string, what string, done func() bool) {
	f.t.Helper()
	const each, most = 20, 10
	next := 0
	fedtest.Within(f.t, 3*fedtest.Patience, 2*time.Millisecond, what, func() bool {
		books, _ := f.relay.Ledgers()
		if books.InFlight() < each*most && books.Received > int64(f.sent-most) || f.lossy {
			next = (next + each) % (len(targets) - each)
			f.ask(targets[next : next+each])
		}
		return done()
	})
}

func (f *park) lanes() int { return int(f.relay.Paths()[0].Lanes) }

func (f *park) hasLanes(n int) func() bool { return func() bool { return f.lanes() == n } }

// ends stops the relay, which checks books and leaks, and checks that what has arrived did so once
// and in order.
func (f *park) ends() {
	f.t.Helper()
	_ = f.relay.Stop() // an abort fails
	books, _ := f.relay.Ledgers()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.strange) > 0 {
		f.t.Errorf("%d copies twice or out of order: %.300q", len(f.strange), f.strange)
	}
	if int64(f.copies) > books.Fate(pipeline.Confirmed)+books.Fate(pipeline.Unconfirmed) {
		f.t.Errorf("%d copies arrived: %s", f.copies, books.String())
	}
}

// endsWhole is ends, where nothing may be lost.
func (f *park) endsWhole() {
	f.t.Helper()
	fedtest.Eventually(f.t, "all requests have come", func() bool {
		books, _ := f.relay.Ledgers()
		return books.Received == int64(f.sent)
	})
	f.ends()
	books, _ := f.relay.Ledgers()
	if books.Accepted != int64(f.sent) || books.Fate(pipeline.Confirmed) != books.Copies {
		f.t.Errorf("%d requests: %s", f.sent, books.String())
	}
	fedtest.Eventually(f.t, "all copies arrive", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return int64(f.copies) == books.Fate(pipeline.Confirmed)
	})
}

// parkOnBothPlanes runs f on the framed plane and on the library plane, in real time.
func parkOnBothPlanes(t *testing.T, test func(t *testing.T, portable bool)) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) { test(t, options.portable) })
}

// The number of lanes follows the number of nodes, up and down, while requests are carried.
func TestLanesFollowTheNumberOfNodes(t *testing.T) {
	parkOnBothPlanes(t, func(t *testing.T, portable bool) {
		sizing := hurried()
		sizing.Surplus, sizing.Generation = 100*time.Millisecond, 400*time.Millisecond
		f := newPark(t, parkOptions{portable: portable, sizing: sizing})
		nodes := fedtest.Nodes(2300)
		since := f.relay.Sides()[1].Since
		f.lightly(nodes, "it has a lane for every 400 nodes", func() bool {
			if books, _ := f.relay.Ledgers(); books.InFlight() == 0 {
				f.ask(nodes) // all in one generation, also on a busy machine
			}
			return f.lanes() == 6
		})
		if ok, reasons := f.relay.Ready(); !ok {
			t.Errorf("not ready: %q", reasons)
		}
		if now := f.relay.Sides()[1]; !now.Since.Equal(since) {
			t.Errorf("%s counts as new though lanes have only joined: %+v", now.Name, now)
		}
		if n := f.relay.Paths()[1].Lanes; n != 1 {
			t.Errorf("replies have %d lanes", n)
		}
		f.lightly(nodes[:300], "they go when the nodes are gone", f.hasLanes(1))
		fedtest.Eventually(t, "so do their connections", func() bool { return f.connections() == 2 })
		f.endsWhole()
	})
}

// connections returns how many connections to the collective the relay has.
func (f *park) connections() (n int) {
	names, err := f.Collective.Connz()
	if err != nil {
		f.t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "fedrelay ") {
			n++
		}
	}
	return n
}

// The lines of many connections do not fill the log, and each has a name of its own.
func TestManyLanesSayWhatOneWouldSay(t *testing.T) {
	f := newPark(t, parkOptions{sizing: hurried()})
	nodes := fedtest.Nodes(2300)
	f.ask(nodes)
	fedtest.Eventually(t, "it grows", f.hasLanes(6))
	fedtest.Eventually(t, "it says so", func() bool { return f.log.count("publishing over 6 connections now, for about ") == 1 })
	if n := f.log.count(`role=publish`); n != 2 {
		t.Errorf("%d lines about connections to publish on, want one for each side:\n%s", n, f.log.String())
	}
	names, err := f.Collective.Connz()
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(names, "\n")
	for _, name := range []string{"collective publish\n", "collective publish 2\n", "collective publish 6\n"} {
		if !strings.Contains(all, name) {
			t.Errorf("no connection %q among\n%s", name, all)
		}
	}
	if err := f.Collective.Restart(); err != nil {
		t.Fatal(err)
	}
	f.relay.WaitReady()
	if n := f.log.count("lost 127.0.0.1"); n < 2 || n > 4 {
		t.Errorf("%d lines about lost connections:\n%s", n, f.log.String())
	}
	f.ends()
}
