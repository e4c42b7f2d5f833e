package client_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/client"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/fleet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const caller = "choria=alice.mcollective"

// world is a federation with one cluster, simulated nodes and a client.
type world struct {
	networks *fedtest.Networks
	roster   *fleet.Roster
	ids      *fleet.IDs
	writer   *fleet.Writer
	nc       *nats.Conn
}

func newWorld(t testing.TB, n int, o fleet.NodesOptions) *world {
	t.Helper()
	networks := fedtest.StartNetworks(t, embedded.Options{})
	fedtest.StartRelay(t, networks.Config())
	w := &world{networks: networks}
	w.populate(t, n, o)
	return w
}

// populate starts nodes, and connects the client.
func (w *world) populate(t testing.TB, n int, o fleet.NodesOptions) {
	t.Helper()
	w.roster = must(fleet.NewRoster(fleet.Names("london", n)))
	o.Roster, o.URL = w.roster, w.networks.Collective.ClientURL()
	nodes := must(fleet.StartNodes(o))
	t.Cleanup(nodes.Close)
	w.ids = fleet.NewIDs(o.Version, 1)
	w.writer = fleet.NewWriter(fleet.ClientOptions{Version: o.Version, Caller: caller})
	w.nc = fedtest.Connect(t, w.networks.Federation)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (w *world) client(t testing.TB, o client.Options) *client.Client {
	t.Helper()
	return newClient(t, w.nc, o)
}

func newClient(t testing.TB, nc *nats.Conn, o client.Options) *client.Client {
	t.Helper()
	o.Caller, o.Clusters = caller, []string{fedtest.Cluster}
	c, err := client.New(nc, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// request asks all nodes.
func (w *world) request() *client.Request {
	id := w.ids.Next()
	r := &client.Request{ID: id, Secure: w.writer.Secure(id, time.Now()), Wait: fedtest.Patience}
	for i := range w.roster.Len() {
		r.Nodes = append(r.Nodes, w.roster.Name(i))
	}
	return r
}

// ask asks and reads all replies.
func ask(t testing.TB, c *client.Client, r *client.Request) (*client.Result, []*client.Reply) {
	t.Helper()
	call := start(t, c, r)
	replies := slices.Collect(call.Replies())
	return call.Close(), replies
}

func start(t testing.TB, c *client.Client, r *client.Request) *client.Call {
	t.Helper()
	call, err := c.Ask(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { call.Close() })
	return call
}

func senders(replies []*client.Reply) (names []string) {
	for _, r := range replies {
		names = append(names, r.Sender)
	}
	slices.Sort(names)
	return names
}

// A page is the federation's network with hand-made answers in the place of relays.
type page struct {
	*testing.T
	*nats.Conn
	client *client.Client
	asked  chan *nats.Msg
}

func newPage(t *testing.T, o client.Options, s embedded.Options) *page {
	server := fedtest.StartServer(t, s)
	p := &page{T: t, Conn: fedtest.Connect(t, server), asked: make(chan *nats.Msg, 1000)}
	p.client = newClient(t, fedtest.Connect(t, server), o)
	if _, err := p.ChanSubscribe(fedtest.FederationSubject, p.asked); err != nil {
		t.Fatal(err)
	}
	p.flush()
	return p
}

func (p *page) flush() {
	p.Helper()
	if err := p.FlushTimeout(fedtest.Patience); err != nil {
		p.Fatal(err)
	}
}

func (p *page) request() *nats.Msg {
	p.Helper()
	select {
	case m := <-p.asked:
		return m
	case <-time.After(fedtest.Patience):
		p.Fatal("no request comes")
		return nil
	}
}

const id = "7c1f0a52d9e64b0c8a3fd2b1e6a90c44"

// replyTo is where replies come, with the mark.
const replyTo = "mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506." + id + ".="

func secure() []byte { return []byte(`{"protocol":"choria:secure:request:1","message":"..."}`) }

func reply(sender string) string {
	return fmt.Sprintf(`{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"mc_sender":"%s",`+
		`"seen-by":[["nats://a:4222","bastion1","nats://a:4222"],["nats://a:4222","relay1","nats://b:4222"]]}}`, sender)
}

func (p *page) answer(payloads ...string) {
	p.Helper()
	for _, payload := range payloads {
		if err := p.Publish(replyTo, []byte(payload)); err != nil {
			p.Fatal(err)
		}
	}
	p.flush()
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		if len(g)+len(w) > 2000 {
			g, w = g[:min(1000, len(g))], w[:min(1000, len(w))]
		}
		t.Errorf("%s:\n got %s\nwant %s", what, strings.TrimSpace(g), strings.TrimSpace(w))
	}
}
