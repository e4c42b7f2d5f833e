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

// A server holds back the publisher of a node that does not read, until it cuts the node off. That
// is one lane of several. With one lane it is all of the relay.
func TestANodeThatDoesNotReadHoldsUpItsLaneOnly(t *testing.T) {
	parkOnBothPlanes(t, func(t *testing.T, portable bool) {
		const bytes, messages = 60 << 10, 1000
		impatient := embedded.Options{Tune: func(o *server.Options) {
			o.MaxPending, o.WriteDeadline = 8<<20, 5*time.Second
		}}
		f := newPark(t, parkOptions{portable: portable, sizing: hurried(), collective: impatient})
		nodes := fedtest.Nodes(2300)
		f.lightly(nodes, "it has all lanes", f.hasLanes(6))
		f.quiet()
		stuck := f.stuckNode("stuck")
		defer stuck.Close()
		large := strings.Replace(fedtest.Request("s", fedtest.Node("stuck")), "aGVsbG8=", numberMark+"%08d"+strings.Repeat("QUJD", bytes/4), 1)
		for i := range messages {
			if err := f.client.Publish(fedtest.FederationSubject, fmt.Appendf(nil, large, i)); err != nil {
				t.Fatal(err)
			}
		}
		// The nodes' own connection is quick. What is in flight is for the one that is stuck, or
		// waits behind it.
		before := f.arrived()
		f.sent += messages
		f.ask(nodes[:600])
		fedtest.Eventually(t, "most of the others get theirs", func() bool { return f.arrivedNodes(nodes[:600], f.sent) > 400 })
		books, _ := f.relay.Ledgers()
		if books.InFlight() == 0 {
			t.Errorf("nobody was held up: %d arrived before, %s", before, books.String())
		}
		fedtest.Within(t, time.Minute, 10*time.Millisecond, "all the others get theirs in the end", func() bool {
			return f.arrivedNodes(nodes[:600], f.sent) == 600
		})
		f.quiet()
		if err := f.relay.Stop(); err != nil {
			t.Error(err)
		}
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

func (f *park) arrived() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.copies
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
