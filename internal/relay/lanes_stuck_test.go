package relay_test

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// One connection that takes no more holds up the nodes on its lane, and no others.
func TestALaneThatIsHeldUpHoldsUpItsNodesOnly(t *testing.T) {
	parkOnBothPlanes(t, func(t *testing.T, portable bool) {
		f := newPark(t, parkOptions{portable: portable, sizing: hurried(), proxied: true})
		nodes := fedtest.Nodes(2300)
		f.lightly(nodes, "it has all lanes", f.hasLanes(6))
		f.quiet()
		f.proxy.HoldOnly("publish 4", fedtest.ToServer)
		f.ask(nodes)
		fedtest.Eventually(t, "all nodes on other lanes get theirs", func() bool { return f.arrivedNodes(nodes, f.sent) > 1800 })
		if n := f.arrivedNodes(nodes, f.sent); n > 2050 {
			t.Errorf("%d of 2300 nodes got theirs: no lane was held up", n)
		}
		f.proxy.ReleaseOnly("publish 4", fedtest.ToServer)
		fedtest.Eventually(t, "all the others get theirs, too", func() bool { return f.arrivedNodes(nodes, f.sent) == 2300 })
		f.endsWhole()
	})
}

// A node that does not read is cut off by its server, which holds the publisher back before. Others
// lose nothing by that.
func TestANodeThatDoesNotReadCostsOthersNothing(t *testing.T) {
	parkOnBothPlanes(t, func(t *testing.T, portable bool) {
		const size, messages = 60 << 10, 500
		impatient := embedded.Options{Tune: func(o *server.Options) {
			o.MaxPending, o.WriteDeadline = 8<<20, 2*time.Second
		}}
		f := newPark(t, parkOptions{portable: portable, sizing: hurried(), collective: impatient})
		nodes := fedtest.Nodes(2300)
		f.lightly(nodes, "it has all lanes", f.hasLanes(6))
		stuck := f.stuckNode("stuck")
		defer stuck.Close()
		large := strings.Replace(fedtest.Request("s", fedtest.Node("stuck")), "aGVsbG8=", numberMark+"%08d"+strings.Repeat("QUJD", size/4), 1)
		for range messages {
			f.sent++
			if err := f.client.Publish(fedtest.FederationSubject, fmt.Appendf(nil, large, f.sent)); err != nil {
				t.Fatal(err)
			}
		}
		f.ask(nodes)
		fedtest.Within(t, time.Minute, 10*time.Millisecond, "all get theirs", func() bool {
			return f.arrivedNodes(nodes, f.sent) == len(nodes)
		})
		f.endsWhole()
	})
}

// stuckNode returns the connection of a node that subscribes and then reads nothing.
func (f *park) stuckNode(name string) net.Conn {
	f.t.Helper()
	u, err := url.Parse(f.Collective.ClientURL())
	if err != nil {
		f.t.Fatal(err)
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		f.t.Fatal(err)
	}
	fmt.Fprintf(c, "CONNECT {\"verbose\":false}\r\nSUB %s 1\r\nPING\r\n", fedtest.Node(name))
	for lines := bufio.NewScanner(c); lines.Scan(); {
		if lines.Text() == "PONG" {
			return c
		}
	}
	f.t.Fatal("no PONG")
	return nil
}

// quiet waits until nothing is under way.
func (f *park) quiet() {
	f.t.Helper()
	fedtest.Within(f.t, time.Minute, 5*time.Millisecond, "nothing is under way", func() bool {
		books, _ := f.relay.Ledgers()
		return books.Balanced()
	})
}

// arrivedNodes returns how many of the nodes have got the request of that number.
func (f *park) arrivedNodes(nodes []string, number int) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, subject := range nodes {
		if f.latest[subject] == number {
			n++
		}
	}
	return n
}
