package link

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/internal/natstest"
)

// A fleetOfServers are fake servers in a bubble, by address, each of which lets everybody in until
// it is down.
type fleetOfServers struct {
	mu    sync.Mutex
	conns map[string][]net.Conn // theirs
	down  map[string]bool
	brief time.Duration // after which each connection ends; 0: never
	dials int
}

func (f *fleetOfServers) dial(ctx context.Context, network, address string) (net.Conn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dials++
	if f.down[address] {
		return nil, fmt.Errorf("dial %s: refused", address)
	}
	ours, err := natstest.Pipe(func(c *natstest.Conn) {
		f.mu.Lock()
		f.conns[address] = append(f.conns[address], c.Conn)
		f.mu.Unlock()
		c.Welcome(natstest.Info)
		if f.brief > 0 {
			time.AfterFunc(f.brief, func() { c.Close() })
		}
		c.AnswerPings()
	})(ctx, network, address)
	return ours, err
}

// dialled is how often anybody dialled.
func (f *fleetOfServers) dialled() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dials
}

// stop ends a server.
func (f *fleetOfServers) stop(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down[address] = true
	for _, c := range f.conns[address] {
		c.Close()
	}
}

var threeServers = []string{"192.0.2.1:4222", "192.0.2.2:4222", "192.0.2.3:4222"}

// linked runs that many links to servers.
func linked(t *testing.T, f *fleetOfServers, n int, servers ...string) (links []*Link, handlers []*recorder) {
	t.Helper()
	f.conns, f.down = make(map[string][]net.Conn), make(map[string]bool)
	for range n {
		e := endpoint(t, Federation, natstest.Side(servers...))
		e.Dial = f.dial
		var r recorder
		l := New(Config{Endpoint: e, Name: "x", Handler: &r, Log: natstest.Log(&r), Events: r.Event})
		keep(t, l)
		links, handlers = append(links, l), append(handlers, &r)
	}
	synctest.Wait()
	return links, handlers
}

func TestAnotherServerIsTriedAtOnce(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		var f fleetOfServers
		links, _ := linked(t, &f, 1, threeServers...)
		natstest.Pass(time.Minute)
		for range 2 {
			from := strings.TrimPrefix(links[0].Status().URL, "nats://")
			f.stop(from)
			synctest.Wait() // no time passes
			if st := links[0].Status(); !st.Connected || strings.HasSuffix(st.URL, from) {
				t.Fatalf("%+v", st)
			}
		}
		natstest.Pass(time.Minute)
		began, dials := time.Now(), f.dialled()
		f.stop(strings.TrimPrefix(links[0].Status().URL, "nats://"))
		synctest.Wait()
		if n := f.dialled() - dials; n != 2 {
			t.Errorf("%d attempts at once on the two others, which are down", n)
		}
		natstest.Pass(backoffMin * 3 / 2)
		if n := f.dialled() - dials; n < 3 || time.Since(began) > time.Second {
			t.Errorf("%d attempts in %s", n, time.Since(began))
		}
	})
}

// A server that has lost our connection rests for a moment, because it has lost others, too.
func TestTheSameServerIsLeftAloneForAMoment(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f := fleetOfServers{brief: time.Minute}
		links, _ := linked(t, &f, 1, "192.0.2.1:4222")
		natstest.Pass(time.Minute)
		if st, n := links[0].Status(), f.dialled(); st.Connected || n != 1 {
			t.Errorf("%d attempts at once: %+v", n, st)
		}
		natstest.Pass(backoffMin * 3 / 2)
		if st := links[0].Status(); !st.Connected {
			t.Errorf("%+v", st)
		}
	})
}

func TestServersThatKeepLosingUsAreNotAskedEndlessly(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f := fleetOfServers{brief: time.Millisecond}
		linked(t, &f, 1, threeServers...)
		natstest.Pass(time.Minute)
		if n := f.dialled(); n > 3*60 || n < 20 {
			t.Errorf("%d attempts on three servers in a minute", n)
		}
	})
}

func TestLinksThatLoseAServerSpread(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		var f fleetOfServers
		links, _ := linked(t, &f, 60, threeServers...)
		connected := func() map[string]int {
			n := map[string]int{}
			for _, l := range links {
				n[strings.TrimPrefix(l.Status().URL, "nats://")]++
			}
			return n
		}
		before := connected()
		f.stop(threeServers[0])
		synctest.Wait()
		after := connected()
		for _, address := range threeServers[1:] {
			if after[address] == before[address] {
				t.Errorf("nobody came to %s: before %v, now %v", address, before, after)
			}
		}
	})
}

func TestRecordsWithoutWeightsAreShuffledWithinTheirPriority(t *testing.T) {
	record := func(target string, priority, weight uint16) *net.SRV {
		return &net.SRV{Target: target, Priority: priority, Weight: weight}
	}
	seen := map[string]bool{}
	for range 1000 {
		all := []*net.SRV{
			record("a", 1, 0), record("b", 1, 0), record("c", 1, 0),
			record("d", 2, 7), record("e", 2, 7), record("f", 3, 0), record("g", 4, 0),
		}
		shuffleUnweighted(all)
		var order strings.Builder
		for _, r := range all {
			order.WriteString(r.Target)
		}
		seen[order.String()] = true
	}
	var orders []string
	for o := range seen {
		orders = append(orders, o)
	}
	slices.Sort(orders)
	if want := []string{"abcdefg", "acbdefg", "bacdefg", "bcadefg", "cabdefg", "cbadefg"}; !slices.Equal(orders, want) {
		t.Errorf("orders %q", orders)
	}
}
