package trial

import (
	"context"
	"crypto/tls"
	"os"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/benchmarks/secure"
	"github.com/fedrelay/fedrelay/internal/child"
	"github.com/fedrelay/fedrelay/internal/cost"
)

// A testbed is everything that one trial needs: servers, a relay, clients and nodes.
type testbed struct {
	ctx       context.Context
	direct    bool
	addresses Addresses
	files     secure.Files
	security  *tls.Config // nil: no TLS
	body      message.Body
	options   options

	servers, relay *child.Process // relay is nil when direct
	http           string         // where the relay may serve HTTP, as a URL
	clients        []*bare.Conn   // each is another client
	nodes          []*bare.Conn   // share the nodes; the first one also gets broadcasts
	copies         *tally         // at the nodes; the key is serial number * options.nodes + node
	replies        *tally         // at the clients; the key is the serial number
	meters         meters
	closers        []func()
	answer         func(key int) // is called for each copy that arrives at a node
	answered       func() error  // is called when all that was read has been handled
}

// options say what a scenario needs of its testbed.
type options struct {
	nodes     int           // how many nodes have a subscription of their own
	nodeConns int           // how many connections share the nodes
	clients   int           // each with a connection and a reply subject of its own
	away      time.Duration // round trip between the relay and the servers
	body      message.Body
	// answer returns what the fields answer and answered of a testbed need. nil: nodes do not
	// answer. Nodes that do share one connection.
	answer func(b *testbed) (answer func(key int), answered func() error)
}

// newTestbed returns when messages have passed the relay both ways. The caller must close the
// testbed.
func newTestbed(ctx context.Context, c Contestant, set Settings, s Scenario) (_ *testbed, err error) {
	b := &testbed{
		ctx: ctx, direct: c.Direct(), body: s.options.body, options: s.options, files: set.Files,
		copies: newTally(s.options.body, set.Patience), replies: newTally(s.options.body, set.Patience),
		answer: func(int) {}, answered: func() error { return nil },
	}
	for _, n := range []*int{&b.options.nodes, &b.options.nodeConns, &b.options.clients} {
		*n = max(1, *n) // one for probes
	}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	serving := Serving{Away: s.options.away}
	if s.TLS {
		serving.Cert, serving.Key = set.Files.Cert, set.Files.Key
		if b.security, err = secure.Client(set.Files.CA); err != nil {
			return nil, err
		}
	}
	if b.servers, b.addresses, err = startServers(ctx, slices.Concat(set.Servers, serving.Arguments())); err != nil {
		return nil, err
	}
	if err = b.people(); err != nil {
		return nil, err
	}
	if !b.direct {
		if err = b.startRelay(c); err != nil {
			return nil, err
		}
		if err = b.awaitRelay(); err != nil {
			return nil, err
		}
	}
	return b, b.watch()
}

// people connects clients and nodes and has them subscribe.
func (b *testbed) people() error {
	if err := b.connect(); err != nil {
		return err
	}
	if b.options.answer != nil {
		b.answer, b.answered = b.options.answer(b)
	}
	return b.subscribe()
}

func (b *testbed) close() {
	for _, c := range b.closers {
		c()
	}
	b.meters.stop()
	for _, conn := range slices.Concat(b.clients, b.nodes) {
		conn.Close()
	}
	for _, p := range []*child.Process{b.relay, b.servers} {
		if p != nil {
			p.Kill() // it need not be gentle: whatever was carried has been counted
		}
	}
}

func (b *testbed) watch() (err error) {
	if b.meters.servers, err = cost.Watch(b.servers.PID(), time.Second); err != nil {
		return err
	}
	if b.relay != nil {
		if b.meters.relay, err = cost.Watch(b.relay.PID(), time.Second); err != nil {
			return err
		}
	}
	b.meters.all, err = cost.Watch(os.Getpid(), time.Second) // with its children
	return err
}
