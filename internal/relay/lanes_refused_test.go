package relay_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// staysReady returns a function that checks that the relay has been ready all the time until then.
func (f *park) staysReady() (check func()) {
	var unready atomic.Int64
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.NewTicker(100 * time.Microsecond); ctx.Err() == nil; <-tick.C {
			if ok, _ := f.relay.Ready(); !ok {
				unready.Add(1)
			}
		}
	}()
	f.t.Cleanup(cancel)
	return func() {
		f.t.Helper()
		cancel()
		<-ended
		if n := unready.Load(); n > 0 {
			f.t.Errorf("the relay was not ready %d times", n)
		}
	}
}

// A server that takes no more connections is told apart from one that is broken: the relay goes on
// with what it has, gives back what it got, says so once, and tries again later.
func TestALimitOfConnectionsStopsGrowth(t *testing.T) {
	parkOnBothPlanes(t, func(t *testing.T, portable bool) {
		sizing := hurried()
		sizing.Patience = 300 * time.Millisecond
		// The nodes have one connection, so the relay may have four.
		limited := embedded.Options{Tune: func(o *server.Options) { o.MaxConn = 5 }}
		f := newPark(t, parkOptions{portable: portable, sizing: sizing, collective: limited})
		check := f.staysReady()
		nodes := fedtest.Nodes(2300)
		f.ask(nodes)
		refused := func() bool { return f.relay.Sides()[collective].Events["connect_failed"] > 0 }
		f.lightly(nodes, "it is refused", refused)
		f.lightly(nodes, "it gives back what it got", f.keepsWhatItUses)
		failures := f.relay.Sides()[collective].Events["connect_failed"]
		f.lightly(nodes, "it tries again", func() bool {
			return f.relay.Sides()[collective].Events["connect_failed"] >= failures+2
		})
		fedtest.Eventually(t, "it gives those back, too", f.keepsWhatItUses)
		check()
		want := fmt.Sprintf(" could not be had; if connections are limited there, "+
			"raise max_connections of the server or the account, or set pipeline.lanes: %d", f.lanes())
		if n := f.log.count(want); n != 1 || f.log.count("level=WARN") != 1 {
			t.Errorf("said %d times:\n%s", n, f.log.String())
		}
		f.endsWhole()
	})
}

// keepsWhatItUses reports whether the relay has no more connections than it uses. It uses one lane,
// or a few more if it began to grow before it had counted all nodes of a request.
func (f *park) keepsWhatItUses() bool { return f.lanes() < 4 && f.connections() == 1+f.lanes() }

// Where no connections are left, nodes cannot connect either. So those that were made are given
// back at once.
func TestAFullServerIsNotPressed(t *testing.T) {
	parkOnBothPlanes(t, func(t *testing.T, portable bool) {
		sizing := hurried()
		sizing.Patience, sizing.Retry = time.Hour, time.Hour
		limited := embedded.Options{Tune: func(o *server.Options) { o.MaxConn = 5 }}
		f := newPark(t, parkOptions{portable: portable, sizing: sizing, collective: limited})
		f.ask(fedtest.Nodes(2300))
		fedtest.Eventually(t, "it is refused", func() bool { return f.log.count(" could not be had; ") == 1 })
		fedtest.Eventually(t, "it gives back what it got", f.keepsWhatItUses)
		f.endsWhole()
	})
}

// A server that goes away while the lanes grow stops that, too, but not for long.
func TestLanesGrowAfterTheServerHasRestarted(t *testing.T) {
	parkOnBothPlanes(t, func(t *testing.T, portable bool) {
		f := newPark(t, parkOptions{portable: portable, sizing: hurried()})
		nodes := fedtest.Nodes(2300)
		f.lightly(nodes, "it begins to grow", func() bool { return f.lanes() > 1 })
		f.lossy = true
		if err := f.Collective.Restart(); err != nil {
			t.Fatal(err)
		}
		f.lightly(nodes, "it has all lanes", f.hasLanes(6))
		f.relay.WaitReady()
		f.ends()
	})
}

// dialer makes real connections, of which it can refuse any.
type dialer struct {
	refuse atomic.Bool
	net.Dialer
}

var errNoDescriptors = errors.New("too many open files")

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if d.refuse.Load() {
		return nil, errNoDescriptors
	}
	return d.DialContext(ctx, network, address)
}

// One lane that cannot connect again keeps the path out of its queue group for a while. Then it is
// left out.
func TestALaneThatStaysLostIsGivenUp(t *testing.T) {
	parkOnBothPlanes(t, func(t *testing.T, portable bool) {
		sizing := hurried()
		sizing.Patience = 300 * time.Millisecond
		var d dialer
		f := newPark(t, parkOptions{portable: portable, sizing: sizing, dial: d.dial, config: func(c *config.Config) {
			c.Pipeline.CopyTTL = time.Second
		}})
		nodes := fedtest.Nodes(2300)
		f.lightly(nodes, "it has all lanes", f.hasLanes(6))
		f.lossy = true
		d.refuse.Store(true)
		f.cut("collective publish 4")
		fedtest.Eventually(t, "it is not ready", func() bool {
			ok, _ := f.relay.Ready()
			return !ok
		})
		fedtest.Eventually(t, "it goes on without that lane", f.hasLanes(5))
		f.relay.WaitReady()
		if n := f.log.count("publishing over 5 connections now: the others could not be had again"); n != 1 {
			t.Errorf("said %d times:\n%s", n, f.log.String())
		}
		d.refuse.Store(false)
		f.lightly(nodes, "it has all lanes again", f.hasLanes(6))
		f.ends()
	})
}

// cut has the collective's server end the connection of a name.
func (f *park) cut(name string) {
	f.t.Helper()
	list, err := f.Collective.Inner().Connz(&server.ConnzOptions{Limit: 1000})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, c := range list.Conns {
		if c.Name == "fedrelay london relay1 "+name {
			if err := f.Collective.Inner().DisconnectClientByID(c.Cid); err != nil {
				f.t.Fatal(err)
			}
			return
		}
	}
	f.t.Fatalf("no connection %q", name)
}

// A drain does not wait for lanes that come up, and an abort does not, either.
func TestARelayMayStopWhileItsLanesGrow(t *testing.T) {
	parkOnBothPlanes(t, func(t *testing.T, portable bool) {
		for name, stop := range map[string]func(*park){
			"drain": func(f *park) { f.relay.Drain() },
			"abort": func(f *park) { f.relay.Abort() },
		} {
			t.Run(name, func(t *testing.T) {
				var d slowDialer
				f := newPark(t, parkOptions{portable: portable, sizing: hurried(), dial: d.dial})
				d.slow.Store(true)
				nodes := fedtest.Nodes(2300)
				f.lightly(nodes, "a lane is on its way", func() bool { return d.waiting.Load() > 0 })
				began := time.Now()
				stop(f)
				<-f.relay.Done()
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("it took %s", took)
				}
				if f.lanes() != 1 {
					t.Errorf("%d lanes", f.lanes())
				}
				f.ends()
			})
		}
	})
}

// slowDialer makes connections, or waits for ever.
type slowDialer struct {
	slow    atomic.Bool
	waiting atomic.Int64
	net.Dialer
}

func (d *slowDialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if d.slow.Load() {
		d.waiting.Add(1)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return d.DialContext(ctx, network, address)
}
