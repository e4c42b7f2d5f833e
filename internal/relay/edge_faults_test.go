package relay_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/internal/telemetry"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// On one network an edge would get back what it sends.
func TestAnEdgeBetweenOneNetworkCarriesNothing(t *testing.T) {
	s := fedtest.StartServer(t, embedded.Options{})
	n := &fedtest.Networks{Federation: s, Line: s}
	var log logBook
	e := fedtest.LaunchRelayWith(t, n.EdgeConfig(), relay.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	const text = "federation and line are one network (both are connected to server "
	says(t, e, text)
	fedtest.Eventually(t, "it is logged", func() bool { return log.count(text) > 0 })
	client := fedtest.NewTap(t, s)
	client.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Nodes(2)...))
	client.Send(edgeAddress+"."+fedtest.ReplySubject("q"), `{}`)
	for _, side := range e.Sides() {
		if side.Subscribed {
			t.Errorf("subscribed on the %s", side.Name)
		}
	}
	if request, reply := e.Ledgers(); request.Received+reply.Received != 0 {
		t.Error(e.LedgerLine())
	}
	fedtest.Eventually(t, "that is all it says", func() bool {
		ok, reasons := e.Ready()
		return !ok && len(reasons) == 1
	})
}

// Two edges that lead to each other find their own address in what comes back.
func TestEdgesThatFeedEachOtherEndTheLoop(t *testing.T) {
	n := fedtest.StartLine(t, embedded.Options{})
	there := edgeConfig(n, "edge1", config.WireCompact)
	back := edgeConfig(n, "edge2", config.WireJSON)
	back.Federation, back.Line = back.Line, back.Federation
	back.Federation.Name, back.Line.Name = "federation", "line"
	back.Edge.Group = "fra"
	a, b := fedtest.StartRelay(t, there), fedtest.StartRelay(t, back)
	client := fedtest.NewTap(t, n.Federation)
	client.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Nodes(3)...))
	fedtest.Eventually(t, "the loop ends", func() bool {
		request, _ := a.Ledgers()
		return request.Rejected[wire.Loop] == 1
	})
	settle(t, a, b)
	if request, _ := b.Ledgers(); request.Received != 1 || request.Copies != 3 {
		t.Error(b.LedgerLine())
	}
}

func TestAnEdgeBehindAnEdge(t *testing.T) {
	for _, kind := range []string{"new", "old"} {
		t.Run(kind+" relay", func(t *testing.T) {
			n := fedtest.StartLine(t, embedded.Options{})
			far := *n
			far.Federation, far.Line = n.Line, fedtest.StartServer(t, embedded.Options{})
			f := startFarm(t, n.Collective)
			wires := []string{config.WireCompact, config.WireCompact}
			if kind == "new" {
				fedtest.StartRelay(t, far.Config())
			} else {
				startJSONRelay(t, far.Line, n.Collective)
				wires[1] = config.WireJSON
			}
			near := fedtest.StartRelay(t, edgeConfig(n, "edge1", wires[0]))
			c := edgeConfig(&far, "edge2", wires[1])
			c.Edge.Group = "fra"
			second := fedtest.StartRelay(t, c)
			a := newAsker(t, n.Federation, "a")
			a.ask(t, fedtest.Nodes(100), 30)
			f.once(t)
			settle(t, near, second)
			for _, e := range []*fedtest.Relay{near, second} {
				request, reply := e.Ledgers()
				if request.Fate(pipeline.Confirmed) != 100 || reply.Fate(pipeline.Confirmed) != 100 {
					t.Error(e.LedgerLine())
				}
			}
			if w := near.Warnings(); len(w) != 0 {
				t.Errorf("%q", w)
			}
		})
	}
}

// rejects sends a message to a path of the edge, 0 for requests, and returns why it is rejected.
func (c *chain) rejects(t *testing.T, subject, message string, path int) (reason wire.Reason) {
	t.Helper()
	read := func() pipeline.Snapshot {
		request, reply := c.edge.Ledgers()
		return []pipeline.Snapshot{request, reply}[path]
	}
	before := read()
	[]*fedtest.Tap{c.clients, c.line}[path].Send(subject, message)
	fedtest.Eventually(t, "the message is rejected", func() bool {
		for r, n := range read().Rejected {
			if n > before.Rejected[r] {
				reason = wire.Reason(r)
			}
		}
		return reason != wire.OK
	})
	return reason
}

func TestWhatAnEdgeRejects(t *testing.T) {
	c := newChain(t, nil)
	inner := fedtest.ReplySubject("q")
	replies := func(address string) string {
		part := wire.Parts{Version: wire.V1, Data: []byte(`"aGk="`), FedRequest: []byte("4f"), FedReply: []byte(inner)}
		return string(new(compact.Encoder).AppendReplies(nil, []byte(address), []wire.Parts{part}))
	}
	replyTo := func(subject string) string {
		return strings.Replace(fedtest.Request("q", fedtest.Node("a")), inner, subject, 1)
	}
	marks := strings.Repeat("m.reply.edge.x.y.=.", wire.MaxEdges)
	single := `{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"mc_sender":"n1"}}`
	const clients, line = 0, 1
	for what, m := range map[string]struct {
		subject, message string
		path             int
		want             wire.Reason
	}{
		"replies for another edge":     {edgeAddress, replies("mcollective.reply.edge.fra.london.="), line, wire.Misdirected},
		"replies for no edge":          {edgeAddress, replies("mcollective.reply.c1.="), line, wire.Misdirected},
		"a request for replies":        {edgeAddress, compactOf(t, fedtest.Request("q", fedtest.Node("a"))), line, wire.CompactKind},
		"replies for a request":        {fedtest.FederationSubject, replies(edgeAddress), clients, wire.CompactKind},
		"half a bundle":                {edgeAddress, replies(edgeAddress)[:20], line, wire.CompactChecksum},
		"a single reply to nobody":     {edgeAddress, single, line, wire.NoReply},
		"a single reply to nodes":      {edgeAddress + ".mcollective.node.a", single, line, wire.ReplyNotAllowed},
		"a single reply to brokers":    {edgeAddress + "." + fedtest.FederationSubject, single, line, wire.Loop},
		"a request that has been here": {fedtest.FederationSubject, replyTo(edgeAddress + "." + inner), clients, wire.Loop},
		"too many edges":               {fedtest.FederationSubject, replyTo(marks + inner), clients, wire.TooManyEdges},
		"a reply subject too long":     {fedtest.FederationSubject, replyTo(inner + "." + strings.Repeat("x", 170)), clients, wire.SubjectTooLong},
		"a request that is late":       {fedtest.FederationSubject, withDeadline(t, time.Now().Add(-time.Minute)), clients, wire.Late},
	} {
		if got := c.rejects(t, m.subject, m.message, m.path); got != m.want {
			t.Errorf("%s: %s, want %s", what, got, m.want)
		}
	}
	if n := c.clients.Seen() + c.nodes.Seen(); n != 0 {
		t.Errorf("%d messages were published", n)
	}
}

// withDeadline is a compact request to one node.
func withDeadline(t *testing.T, deadline time.Time) string {
	t.Helper()
	var d compact.Decoder
	m := []byte(compactOf(t, fedtest.Request("q", fedtest.Node("a"))))
	if _, reason := d.Open(m, compact.Limits{Bytes: 1 << 20, Messages: 9, Targets: 9}); reason != wire.OK {
		t.Fatal(reason)
	}
	target := []byte(fedtest.Node("a"))
	return string(new(compact.Encoder).AppendRequest(nil, &compact.Request{
		Parts: wire.Parts{
			Version: wire.V1, Data: []byte(`"aGVsbG8="`), Reply: []byte(fedtest.ReplySubject("q")), FedRequest: []byte("q"),
			Text: target, Targets: []wire.Span{{Len: uint32(len(target))}},
		},
		Deadline: deadline.UnixMilli(),
	}))
}

// Clocks may differ by a few seconds. A request in time keeps its deadline on the line.
func TestARequestThatIsHardlyLateIsCarried(t *testing.T) {
	c := newChain(t, nil)
	deadline := time.Now().Add(-2 * time.Second)
	c.clients.Send(fedtest.FederationSubject, withDeadline(t, deadline))
	if m := c.nodes.Next(); m.Subject != fedtest.Node("a") {
		t.Error(m.Subject)
	}
	var d compact.Decoder
	contents, _ := d.Open(c.line.Next().Data, compact.Limits{Bytes: 1 << 20, Messages: 9, Targets: 9})
	if contents.Deadline != deadline.UnixMilli() || contents.Hops != 1 {
		t.Errorf("%+v", contents)
	}
	// The relay judges, too.
	c.line.Send(fedtest.FederationSubject, withDeadline(t, time.Now().Add(-time.Minute)))
	fedtest.Eventually(t, "the relay rejects it", func() bool {
		request, _ := c.relay.Ledgers()
		return request.Rejected[wire.Late] == 1
	})
}

// A single reply shows that a relay reads JSON only. It is carried; requests may get lost.
func TestSingleRepliesAreCarriedAndWarnedOf(t *testing.T) {
	for _, form := range []string{config.WireCompact, config.WireJSON} {
		n := fedtest.StartLine(t, embedded.Options{})
		var log logBook
		e := fedtest.LaunchRelayWith(t, edgeConfig(n, "edge1", form), relay.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		e.WaitReady()
		clients, line := fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Line)
		const single = `{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"mc_sender":"n1"}}`
		for range 3 {
			line.Send(edgeAddress+"."+fedtest.ReplySubject("q"), single)
			if m := clients.Next(); m.Subject != fedtest.ReplySubject("q") || string(m.Data) != single {
				t.Errorf("%s: %s", m.Subject, m.Data)
			}
		}
		settle(t, e)
		warnings, warned := strings.Join(e.Warnings(), "\n"), form == config.WireCompact
		if strings.Contains(warnings, "(3 replies, the last one at ") != warned || strings.Contains(warnings, "set edge.wire to json") != warned {
			t.Errorf("%s: %q", form, warnings)
		}
		if n := e.Paths()[1].SingleReplies; n != 3 {
			t.Errorf("%d are counted", n)
		}
		if got := log.count("a relay replies in JSON"); got != map[bool]int{true: 1, false: 0}[warned] {
			t.Errorf("%s: %d lines", form, got)
		}
	}
}

// While the line is down, an edge leaves requests to other edges.
func TestAnEdgeLeavesItsGroupWhileTheLineIsDown(t *testing.T) {
	c := newChain(t, nil)
	c.networks.Line.Stop()
	says(t, c.edge, "line: not connected")
	fedtest.Eventually(t, "it has left the group", func() bool { return !c.edge.Sides()[0].Subscribed })
	c.clients.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Node("a")))
	if err := c.networks.Line.Restart(); err != nil {
		t.Fatal(err)
	}
	c.edge.WaitReady()
	c.relay.WaitReady()
	c.clients.Send(fedtest.FederationSubject, fedtest.Request("r", fedtest.Node("b")))
	if m := c.nodes.Next(); m.Subject != fedtest.Node("b") {
		t.Errorf("%s was not left to others", m.Subject)
	}
}

// An edge that is told to stop takes no more requests, but the replies to those it has carried.
func TestAnEdgeDrainsRequestsFirst(t *testing.T) {
	c := newChain(t, func(c *config.Config) { c.Drain.Replies = 2 * time.Second })
	c.clients.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Node("a")))
	c.nodes.Next()
	c.edge.Drain()
	fedtest.Eventually(t, "it has left the group of requests", func() bool { return !c.edge.Sides()[0].Subscribed })
	c.clients.Send(fedtest.FederationSubject, fedtest.Request("r", fedtest.Node("b")))
	c.nodes.Send(fedtest.CollectiveSubject, edgeReply("q", "a"))
	if m := c.clients.Next(); m.Subject != fedtest.ReplySubject("q") {
		t.Errorf("%s", m.Subject)
	}
	if err := c.edge.Stop(); err != nil {
		t.Error(err)
	}
	if n := c.nodes.Seen(); n != 0 {
		t.Errorf("%d requests too many", n)
	}
}

// A bundle that the line does not take at once crosses it in parts.
func TestABundleIsSplitByMaxPayload(t *testing.T) {
	const largest = 24 << 10
	n := fedtest.StartLine(t, embedded.Options{})
	n.Line = fedtest.StartServer(t, embedded.Options{MaxPayload: largest})
	fedtest.StartRelay(t, n.Config())
	e := fedtest.StartRelay(t, n.EdgeConfig())
	f := startFarm(t, n.Collective)
	random := rand.NewChaCha8([32]byte{})
	nodes := make([]string, 1000)
	for i := range nodes {
		nodes[i] = fedtest.Node(fmt.Sprintf("%016x%016x%016x", random.Uint64(), random.Uint64(), random.Uint64()))
	}
	a := newAsker(t, n.Federation, "a")
	sub, err := a.send(nodes, 50)
	if err != nil {
		t.Fatal(err)
	}
	for i := range nodes {
		nodes[i] = strings.TrimPrefix(nodes[i], "mcollective.node.")
	}
	if err := await(sub, nodes); err != nil {
		t.Error(err)
	}
	f.once(t)
	settle(t, e)
	if request, _ := e.Ledgers(); request.Fate(pipeline.Confirmed) != 1000 {
		t.Error(e.LedgerLine())
	}
}

// leastRights starts networks whose logins of an edge may do what README calls enough, and no more.
func leastRights(t *testing.T, publish ...string) *fedtest.Networks {
	t.Helper()
	side := func(subscribe string, publish ...string) *embedded.Server {
		r := *may(server.SubjectPermission{Allow: publish})
		r.Permissions.Subscribe = &server.SubjectPermission{Allow: []string{subscribe, "_INBOX.>"}}
		return fedtest.StartServer(t, embedded.Options{Users: []*server.User{loadUser, &r}})
	}
	return &fedtest.Networks{
		Federation: side(fedtest.FederationSubject, "*.reply.>"),
		Line:       side("*.reply.edge.ams.london.>", publish...),
	}
}

func startAsRelayUser(t *testing.T, n *fedtest.Networks) *fedtest.Relay {
	t.Helper()
	c := n.EdgeConfig()
	for _, s := range []*config.Side{&c.Federation, &c.Line} {
		s.User, s.Password = relayUser.Username, relayUser.Password
	}
	return fedtest.LaunchRelay(t, c)
}

func TestTheLeastRightsOfAnEdgeAreEnough(t *testing.T) {
	n := leastRights(t, fedtest.FederationSubject)
	login := nats.UserInfo(loadUser.Username, loadUser.Password)
	line := fedtest.NewTap(t, n.Line, login)
	clients := fedtest.NewTap(t, n.Federation, login)
	e := startAsRelayUser(t, n)
	e.WaitReady()
	fedtest.Eventually(t, "it warns", func() bool {
		return strings.Contains(strings.Join(e.Warnings(), ""), "line: what the login may publish to is not known")
	})
	clients.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Node("a")))
	// Nothing comes before: a probe would be taken for a request.
	if m := line.Next(); m.Subject != fedtest.FederationSubject || len(m.Data) == 0 {
		t.Errorf("%s: %q", m.Subject, m.Data)
	}
	line.Send(edgeAddress+"."+fedtest.ReplySubject("q"), `{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{}}`)
	clients.Next()
	settle(t, e)
	for _, w := range e.Warnings() {
		if !strings.Contains(w, "replies in JSON") {
			t.Errorf("it still warns: %q", w)
		}
	}
}

func TestAnEdgeThatMayNotPublishStaysOutOfItsGroup(t *testing.T) {
	n := leastRights(t, "$SYS.REQ.USER.INFO", "something.else")
	e := startAsRelayUser(t, n)
	says(t, e, "line: connected to ")
	says(t, e, "this login may publish to none of "+fedtest.FederationSubject)
	if e.Sides()[0].Subscribed {
		t.Error("it takes requests")
	}
}

// A page of metrics with two clusters is valid, and says which is which.
func TestWhatAnEdgeShows(t *testing.T) {
	n := fedtest.StartLine(t, embedded.Options{})
	c := n.EdgeConfig()
	c.Edge.Clusters = []string{"london", "tokyo"}
	p, _ := startProcess(t, c)
	page := served(t, p.Views()...)
	for _, want := range []string{
		`fedrelay_copies_accepted_total{cluster="london",path="request"} 0`,
		`fedrelay_side_up{cluster="tokyo",side="line"} 1`,
		`fedrelay_ready{cluster="tokyo"} 1`,
		`,cluster="london",identity="edge1"} 1`,
	} {
		if strings.Count(page("/metrics"), want) != 1 {
			t.Errorf("not once in the metrics: %s", want)
		}
	}
	if strings.Contains(page("/metrics"), "collective") {
		t.Error("an edge has no collective")
	}
	seen := map[string]bool{}
	for _, line := range strings.Split(page("/metrics"), "\n") {
		if series, _, _ := strings.Cut(line, "} "); strings.HasPrefix(line, "fedrelay_") && seen[series] {
			t.Errorf("twice: %s", line)
		} else {
			seen[series] = true
		}
	}
	if got := page("/readyz"); got != "ok\n" {
		t.Error(got)
	}
	n.Line.Stop()
	fedtest.Eventually(t, "both clusters say what is wrong", func() bool {
		got := page("/readyz")
		return strings.Contains(got, "cluster london: line: not connected") && strings.Contains(got, "cluster tokyo: line: not connected")
	})
	if got := page("/stats"); strings.Count(got, `"cluster": "`) != 2 || got[0] != '[' {
		t.Error(got)
	}
	if got := page("/"); !strings.Contains(got, "edge for cluster london") || !strings.Contains(got, "\nline: down") {
		t.Error(got)
	}
}

// served serves views until the test ends, and returns a function that reads a page.
func served(t *testing.T, views ...telemetry.View) func(path string) string {
	t.Helper()
	s, err := telemetry.Serve("127.0.0.1:0", views, telemetry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Shutdown(context.Background()) })
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return func(path string) string {
		answer, err := client.Get("http://" + s.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
}
