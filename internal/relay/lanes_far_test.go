package relay_test

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// farDialer makes connections to a server from which everything takes so long to arrive.
type farDialer struct {
	net.Dialer
	after time.Duration
}

func (d *farDialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	server, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	near, far := net.Pipe()
	go func() {
		_, _ = io.Copy(server, far)
		server.Close()
		far.Close()
	}()
	go d.deliver(far, server)
	return near, nil
}

// A delivery is what was read at once, and when it arrives.
type delivery struct {
	bytes []byte
	due   time.Time
}

func (d *farDialer) deliver(to, from net.Conn) {
	defer to.Close()
	under := make(chan delivery, 1000)
	go func() {
		defer close(under)
		for {
			b := make([]byte, 32<<10)
			n, err := from.Read(b)
			if err != nil {
				return
			}
			under <- delivery{b[:n], time.Now().Add(d.after)}
		}
	}()
	for next := range under {
		<-time.After(time.Until(next.due))
		_, _ = to.Write(next.bytes) // a failure ends the reader, too
	}
}

// steadily sends a request to one node each few milliseconds, whatever comes of the others, until
// done says so.
func (f *park) steadily(nodes []string, what string, done func() bool) {
	f.t.Helper()
	fedtest.Within(f.t, 3*fedtest.Patience, 4*time.Millisecond, what, func() bool {
		f.ask(nodes[f.sent%len(nodes):][:1])
		return done()
	})
}

// In steady traffic to a collective that is far away something is always in doubt. The relay must
// hold its source up for longer than usual to see all of it settled.
func TestLanesGrowInSteadyTrafficToAFarCollective(t *testing.T) {
	parkOnBothPlanes(t, func(t *testing.T, portable bool) {
		sizing := hurried()
		sizing.Hold = 60 * time.Millisecond
		d := farDialer{after: 80 * time.Millisecond}
		f := newPark(t, parkOptions{portable: portable, sizing: sizing, dial: d.dial})
		nodes := fedtest.Nodes(1000)
		f.ask(nodes)
		f.steadily(nodes, "it has all lanes", f.hasLanes(3))
		f.endsWhole()
	})
}

// rationedDialer makes a few connections.
type rationedDialer struct {
	net.Dialer
	left atomic.Int64
}

func (d *rationedDialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if d.left.Add(-1) < 0 {
		return nil, errNoDescriptors
	}
	return d.DialContext(ctx, network, address)
}

// After an outage lanes come back one after the other. Those that are late must not be given up for
// having been away during the outage.
func TestLanesThatComeBackLateFromAnOutageAreKept(t *testing.T) {
	sizing := hurried()
	sizing.Patience = time.Second
	var d rationedDialer
	d.left.Store(1000)
	f := newPark(t, parkOptions{sizing: sizing, dial: d.dial})
	nodes := fedtest.Nodes(1000)
	f.lightly(nodes, "it has all lanes", f.hasLanes(3))
	f.quiet()
	d.left.Store(0)
	for _, name := range []string{"", " 2", " 3"} {
		f.cut("collective publish" + name)
	}
	up := func() (n int) {
		for _, c := range f.relay.Sides()[collective].Connections {
			if c.Role == "publish" && c.Up {
				n++
			}
		}
		return n
	}
	fedtest.Eventually(t, "all lanes are lost", func() bool { return up() == 0 })
	outage := time.Now()
	fedtest.Eventually(t, "the outage lasts", func() bool { return time.Since(outage) > 2*sizing.Patience })
	d.left.Store(1)
	fedtest.Eventually(t, "one lane is back", func() bool { return up() == 1 })
	back := time.Now()
	fedtest.Eventually(t, "others are late", func() bool { return time.Since(back) > sizing.Patience/4 })
	if n := f.lanes(); n != 3 {
		t.Errorf("%d lanes are left, want 3:\n%s", n, f.log.String())
	}
	d.left.Store(1000)
	f.ends()
}
