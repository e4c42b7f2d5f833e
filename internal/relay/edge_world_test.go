package relay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/toy"
)

// A farm is nodes of a collective that answer each copy at once, and count what they get.
type farm struct {
	nc *nats.Conn

	mu     sync.Mutex
	copies map[string]int // by node and request
}

// startFarm stands for all nodes on a server until the test ends.
func startFarm(t *testing.T, s *embedded.Server) *farm {
	t.Helper()
	f := &farm{nc: fedtest.Connect(t, s), copies: make(map[string]int)}
	if _, err := f.nc.Subscribe("mcollective.node.>", f.answer); err != nil {
		t.Fatal(err)
	}
	flush(t, f.nc)
	return f
}

func flush(t *testing.T, nc *nats.Conn) {
	t.Helper()
	if err := nc.FlushTimeout(fedtest.Patience); err != nil {
		t.Fatal(err)
	}
}

// answer echoes the federation object, as a node does.
func (f *farm) answer(m *nats.Msg) {
	if fedtest.IsOwn(m.Subject) {
		return
	}
	var copied struct {
		Protocol string                     `json:"protocol"`
		Headers  map[string]json.RawMessage `json:"headers"`
	}
	if json.Unmarshal(m.Data, &copied) != nil {
		return
	}
	node := strings.TrimPrefix(m.Subject, "mcollective.node.")
	reply, sender := "reply-to", "mc_sender"
	if copied.Protocol != "choria:transport:1" {
		reply, sender = "reply", "sender"
	}
	var to string
	_ = json.Unmarshal(copied.Headers[reply], &to)
	f.mu.Lock()
	f.copies[node+" "+string(copied.Headers["federation"])]++
	f.mu.Unlock()
	_ = f.nc.Publish(to, fmt.Appendf(nil, `{"protocol":%q,"data":"aGVsbG8=","headers":{%q:%q,"federation":%s}}`,
		copied.Protocol, sender, node, copied.Headers["federation"]))
}

// once checks that no node got the same request twice.
func (f *farm) once(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for what, n := range f.copies {
		if n != 1 {
			t.Errorf("%d copies: %s", n, what)
		}
	}
}

// An asker is a client that sends requests in groups and waits for all replies.
type asker struct {
	nc       *nats.Conn
	name     string
	cluster  string
	v2       bool
	requests int
	answered *atomic.Int64 // requests of all askers, by askOn
}

func newAsker(t *testing.T, s *embedded.Server, name string) *asker {
	t.Helper()
	return &asker{nc: fedtest.Connect(t, s), name: name, cluster: fedtest.Cluster}
}

// send sends a request for nodes, in groups of so many, and returns the replies to come.
func (a *asker) send(nodes []string, group int) (*nats.Subscription, error) {
	a.requests++
	id := fmt.Sprintf("%s%d", a.name, a.requests)
	sub, err := a.nc.SubscribeSync(fedtest.ReplySubject(id))
	if err != nil {
		return nil, err
	}
	if err := a.nc.Flush(); err != nil {
		return nil, err
	}
	for from := 0; from < len(nodes); from += group {
		targets := nodes[from:min(from+group, len(nodes))]
		if err := a.nc.Publish("choria.federation."+a.cluster+".federation", []byte(a.request(id, targets))); err != nil {
			return nil, err
		}
	}
	return sub, a.nc.Flush()
}

func (a *asker) request(id string, targets []string) string {
	if !a.v2 {
		return fedtest.Request(id, targets...)
	}
	return fmt.Sprintf(`{"protocol":"io.choria.protocol.v2.transport","data":"aGVsbG8=","headers":{"reply":"%s","sender":"bastion1",`+
		`"federation":{"request":"%s","targets":["%s"]}}}`, fedtest.ReplySubject(id), id, strings.Join(targets, `","`))
}

// await takes one reply of each node, and fails if one is missing or comes twice.
func await(sub *nats.Subscription, nodes []string) error {
	defer func() { _ = sub.Unsubscribe() }()
	answered := make(map[string]bool)
	for range nodes {
		m, err := sub.NextMsg(fedtest.Patience)
		if err != nil {
			return fmt.Errorf("%d of %d have answered: %w", len(answered), len(nodes), err)
		}
		var reply struct {
			Headers map[string]any `json:"headers"`
		}
		if err := json.Unmarshal(m.Data, &reply); err != nil {
			return fmt.Errorf("%q: %w", m.Data, err)
		}
		sender, _ := reply.Headers["mc_sender"].(string)
		if sender == "" {
			sender, _ = reply.Headers["sender"].(string)
		}
		if _, federated := reply.Headers["federation"]; federated || answered[sender] {
			return fmt.Errorf("%q answers again, or is still federated: %s", sender, m.Data)
		}
		answered[sender] = true
	}
	if n, _, _ := sub.Pending(); n > 0 {
		return fmt.Errorf("%d replies too many", n)
	}
	return nil
}

// ask is send and await.
func (a *asker) ask(t *testing.T, nodes []string, group int) {
	t.Helper()
	sub, err := a.send(nodes, group)
	if err == nil {
		err = await(sub, nodes)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// askOn asks again and again until ctx ends.
func (a *asker) askOn(ctx context.Context, nodes []string, group int) error {
	for ctx.Err() == nil {
		sub, err := a.send(nodes, group)
		if err == nil {
			err = await(sub, nodes)
		}
		if err != nil {
			return fmt.Errorf("%s: request %d: %w", a.name, a.requests, err)
		}
		a.answered.Add(1)
	}
	return nil
}

// A jsonRelay is a relay of the old kind: it reads JSON only, and shares the queue groups.
type jsonRelay struct {
	fed, col *nats.Conn
	subs     []*nats.Subscription
}

// startJSONRelay runs until stop, at the latest until the test ends.
func startJSONRelay(t *testing.T, federation, collective *embedded.Server) *jsonRelay {
	t.Helper()
	r := &jsonRelay{fed: fedtest.Connect(t, federation), col: fedtest.Connect(t, collective)}
	subscribe := func(nc *nats.Conn, subject, queue string, f nats.MsgHandler) {
		sub, err := nc.QueueSubscribe(subject, queue, f)
		if err != nil {
			t.Fatal(err)
		}
		flush(t, nc)
		r.subs = append(r.subs, sub)
	}
	subscribe(r.col, fedtest.CollectiveSubject, fedtest.Cluster+"_collective", func(m *nats.Msg) {
		subject, out := toy.OpenReply(m.Data)
		_ = r.fed.Publish(subject, out)
	})
	subscribe(r.fed, fedtest.FederationSubject, fedtest.Cluster+"_federation", func(m *nats.Msg) {
		if len(m.Data) == 0 || m.Data[0] != '{' {
			return
		}
		targets, out := toy.OpenRequest(m.Data, fedtest.Cluster)
		for _, target := range targets {
			_ = r.col.Publish(target, out)
		}
	})
	return r
}

// stop leaves the groups and carries what has come.
func (r *jsonRelay) stop(t *testing.T) {
	t.Helper()
	for _, sub := range r.subs {
		if err := sub.Drain(); err != nil {
			t.Fatal(err)
		}
		fedtest.Eventually(t, "the old relay has drained", func() bool { return !sub.IsValid() })
	}
	for _, nc := range []*nats.Conn{r.fed, r.col} {
		flush(t, nc)
		nc.Close()
	}
}

// settle waits until the books of all relays balance.
func settle(t *testing.T, all ...*fedtest.Relay) {
	t.Helper()
	for _, r := range all {
		fedtest.Eventually(t, "the books balance", func() bool {
			request, reply := r.Ledgers()
			return request.Balanced() && reply.Balanced() && request.InFlight() == 0 && reply.InFlight() == 0
		})
	}
}

// edgeConfig is the settings of an edge with a name of its own.
func edgeConfig(n *fedtest.Networks, identity, wire string) config.Config {
	c := n.EdgeConfig()
	c.Identity, c.Edge.Wire = identity, wire
	return c
}

// relayConfig is the settings of a relay with a name of its own.
func relayConfig(n *fedtest.Networks, identity string) config.Config {
	c := n.Config()
	c.Identity = identity
	return c
}
