package trace

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/sign"
	"github.com/fedrelay/fedrelay/internal/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	caller = "choria=alice.mcollective"
	web1   = "web1.example.net" // answers
	web2   = "web2.example.net" // is there, and does not
	web9   = "web9.example.net" // is not there
)

// user is a login with such rights to publish.
func user(name string, p *server.SubjectPermission) *server.User {
	return &server.User{Username: name, Permissions: &server.Permissions{Publish: p}}
}

func logins(federation, collective *config.Side, name string) {
	federation.User, collective.User = name, name
}

// startNodes starts nodes that answer, or do not.
func startNodes(t *testing.T, s *embedded.Server, silent bool, names ...string) {
	t.Helper()
	roster, err := fleet.NewRoster(names)
	if err != nil {
		t.Fatal(err)
	}
	o := fleet.NodesOptions{URL: s.ClientURL(), NATS: []nats.Option{nats.UserInfo("all", "")}, Roster: roster, Connections: 1}
	if silent {
		o.Behaviour.Loss = 1
	}
	nodes, err := fleet.StartNodes(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nodes.Close)
}

// operator connects as who runs traces.
func operator(t *testing.T, s *embedded.Server, user string) *link.Session {
	t.Helper()
	session, err := service.Connect(t.Context(), config.Side{Servers: []string{s.ClientURL()}, User: user}, "operator")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(session.Close)
	return session
}

// awaitService waits until an instance answers operators.
func awaitService(t *testing.T, s *link.Session) {
	t.Helper()
	fedtest.Within(t, fedtest.Patience, 10*time.Millisecond, "an instance answers operators", func() bool {
		got, err := service.Ask[state.Instance](t.Context(), s.Conn, fedtest.Cluster, service.State, nil, 200*time.Millisecond, service.Expect(1))
		return err == nil && len(got) == 1
	})
}

// run traces the way to a node. Only one that answers gets the time that a slow machine may need.
func run(t *testing.T, s *link.Session, node string, clusters ...string) state.Trace {
	t.Helper()
	signer, err := sign.Unsigned(caller)
	if err != nil {
		t.Fatal(err)
	}
	patience := 500 * time.Millisecond
	if node == web1 && clusters[0] == fedtest.Cluster {
		patience = fedtest.Patience
	}
	r, err := Run(t.Context(), Options{
		Session: s, Signer: signer, Node: node, Collective: "mcollective", Clusters: clusters, Identity: "client1",
		Patience: patience, Recall: 200 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func text(t *testing.T, r state.Trace) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteText(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// One world for all that can go wrong with one relay.
func TestWhereAWayEnds(t *testing.T) {
	allow := func(subjects ...string) *server.SubjectPermission { return &server.SubjectPermission{Allow: subjects} }
	deny := func(subjects ...string) *server.SubjectPermission { return &server.SubjectPermission{Deny: subjects} }
	n := fedtest.StartNetworks(t, embedded.Options{Users: []*server.User{
		user("all", nil), user("relay", deny("mcollective.node.denied.>")), user("mute", allow("choria.federation.*.fedrelay.*", "_INBOX.>")),
		user("blind", deny("_INBOX.>")), user("nobody", allow("x")), user("client", deny("choria.federation.*.fedrelay.>")),
	}, Tune: func(o *server.Options) { o.ServerName = "s" }})
	startNodes(t, n.Collective, false, web1, "denied.example.net")
	startNodes(t, n.Collective, true, web2)
	c := n.Config()
	c.Allow.DenyCollectives = []string{"secret"}
	logins(&c.Federation, &c.Collective, "relay")
	fedtest.StartProcess(t, c, nil)
	all := operator(t, n.Federation, "all")
	awaitService(t, all)

	for _, c := range []struct {
		name, user, node, cluster string
		want                      state.Outcome
		last, detail, advice      string
	}{
		{"answered", "all", web1, fedtest.Cluster, state.Answered, web1, "answered in", ""},
		{"silent", "all", web2, fedtest.Cluster, state.Silent, "", "does not answer", "not signed"},
		{"nobody", "all", web9, fedtest.Cluster, state.NoNode, "s", "nobody on the collective", "another network"},
		{"denied", "all", "denied.example.net", fedtest.Cluster, state.CopyDenied, "", "denied", "mcollective.node.>"},
		{"no relay", "all", web1, "paris", state.NoRelay, "s", "nobody subscribes", "start a relay"},
		{"may not ask", "mute", web1, fedtest.Cluster, state.CannotSend, "s", "does not let this login publish", "choria.federation.*.federation"},
		{"may do nothing", "nobody", web9, fedtest.Cluster, state.CannotSend, "", "does not let this login publish to choria.federation.london.federation", "also to publish to choria.federation.*.fedrelay.*"},
		{"may not ask relays", "client", web9, fedtest.Cluster, state.Unclear, "s", "may not ask instances", "choria.federation.*.fedrelay.*"},
		{"cannot trace", "blind", web9, fedtest.Cluster, state.NoNode, "s", "nobody on the collective", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, operator(t, n.Federation, c.user), c.node, c.cluster)
			v := r.Clusters[0]
			if v.Outcome != c.want || !strings.Contains(v.Detail, c.detail) || !strings.Contains(v.Advice, c.advice) || c.last != "" && v.LastHop != c.last {
				t.Errorf("%s, last hop %q: %s; %s", v.Outcome, v.LastHop, v.Detail, v.Advice)
			}
			drawn := text(t, r)
			if !strings.Contains(drawn, v.Detail) || strings.ContainsRune(drawn, '\x1b') {
				t.Error(drawn)
			}
			if c.user == "blind" && !strings.Contains(drawn, "not traced: this login may not publish to its own inbox") {
				t.Error(drawn)
			}
			if t.Failed() {
				t.Log(drawn)
			}
		})
	}
	t.Run("several clusters", func(t *testing.T) {
		t.Parallel()
		r := run(t, operator(t, n.Federation, "all"), web1, fedtest.Cluster, "paris")
		if len(r.Clusters) != 2 || r.Clusters[1].Outcome != state.NoRelay || r.Clusters[0].Outcome != state.Answered || r.Clusters[0].Request == r.Clusters[1].Request {
			t.Errorf("%+v", r.Clusters)
		}
	})
	t.Run("a name that no subject can hold", func(t *testing.T) {
		signer, _ := sign.Unsigned(caller)
		_, err := Run(t.Context(), Options{Session: all, Signer: signer, Node: "web *", Collective: "mcollective", Clusters: []string{fedtest.Cluster}, Identity: "client1", Patience: time.Second})
		if err == nil || !strings.Contains(err.Error(), "web *") {
			t.Error(err)
		}
	})
}

func TestAWayIsDrawn(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{Users: []*server.User{user("all", nil)}, Tune: func(o *server.Options) { o.ServerName = "s" }})
	startNodes(t, n.Collective, false, web1)
	c := n.Config()
	logins(&c.Federation, &c.Collective, "all")
	p := fedtest.StartProcess(t, c, nil)
	all := operator(t, n.Federation, "all")
	awaitService(t, all)
	r := run(t, all, web1, fedtest.Cluster)
	fed, col := n.Federation.ClientURL(), n.Collective.ClientURL()
	want := []state.Hop{
		{From: fed, By: "client1", To: fed}, {From: fed, By: "relay1 (fedrelay:london)", To: col}, {From: col, By: web1, To: col},
		{From: col, By: "relay1 (fedrelay:london)", To: fed}, {From: fed, By: "client1"},
	}
	got := r.Clusters[0].Path
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("path\n%+v\nwant\n%+v", got, want)
		}
	}
	if seen := r.Clusters[0].Seen; len(seen) != 1 || seen[0].Replies != 1 || len(r.Clusters[0].Legs) != 4 {
		t.Errorf("the relay remembers %+v; legs %+v", seen, r.Clusters[0].Legs)
	}
	drawn := text(t, r)
	for _, line := range []string{
		"  client1                              this program\n", "  relay1                               relay of london, on the way there\n",
		"  web1.example.net                     the node\n", "  relay1                               relay of london, on the way back\n",
		"└─ s to client fedrelay london relay1 federation receive of queue group london_federation",
	} {
		if !strings.Contains(drawn, line) {
			t.Errorf("not drawn: %s\n%s", line, drawn)
		}
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
}

func TestACollectiveThatIsDown(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	p := fedtest.StartProcess(t, n.Config(), nil)
	n.Collective.Stop()
	fedtest.Eventually(t, "the relay takes nothing", func() bool { return !p.Sources()[0].Instance().Sides[0].Subscribed })
	s := operator(t, n.Federation, "")
	awaitService(t, s)
	r := run(t, s, web9, fedtest.Cluster)
	if v := r.Clusters[0]; v.Outcome != state.CollectiveDown || v.LastHop != "relay1" || !strings.Contains(text(t, r), "collective") {
		t.Errorf("%s: %s", v.Outcome, text(t, r))
	}
}

// Behind an edge the nodes are not seen, but their answers come.
func TestThroughAnEdge(t *testing.T) {
	n := fedtest.StartLine(t, embedded.Options{})
	startNodes(t, n.Collective, false, web1)
	fedtest.StartProcess(t, n.EdgeConfig(), nil)
	s := operator(t, n.Federation, "")
	awaitService(t, s)
	if v := run(t, s, web9, fedtest.Cluster).Clusters[0]; v.Outcome != state.NoRelay || !strings.Contains(v.Detail, "no relay of london listens on the line") {
		t.Errorf("without a relay: %s, %s", v.Outcome, v.Detail)
	}
	c := n.Config()
	c.Service.Enabled = false
	fedtest.StartProcess(t, c, nil)
	r := run(t, s, web1, fedtest.Cluster)
	if v := r.Clusters[0]; v.Outcome != state.Answered || len(v.Path) != 7 || !strings.Contains(text(t, r), "the node") {
		t.Errorf("%s: %s", v.Outcome, text(t, r))
	}
	fedtest.Eventually(t, "the probe is made anew", func() bool {
		v := run(t, s, web9, fedtest.Cluster).Clusters[0]
		return v.Outcome == state.Unclear && strings.Contains(v.Advice, "servers of the line")
	})
}

// A broker that says nothing to operators.
func TestASilentBroker(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	c := n.Config()
	c.Service.Enabled = false
	fedtest.StartProcess(t, c, nil)
	r := run(t, operator(t, n.Federation, ""), web9, fedtest.Cluster)
	if v := r.Clusters[0]; v.Outcome != state.Unclear || !strings.Contains(v.LastHop, "fedrelay london relay1") || !strings.Contains(v.Advice, "service.enabled") {
		t.Errorf("%s, %q: %s", v.Outcome, v.LastHop, text(t, r))
	}
	if said := text(t, r); !slices.Equal(r.Clusters[0].Silent, []string{"relay1"}) || !strings.Contains(said, "\n  have not answered, so how far they reach is missing here: relay1\n") {
		t.Errorf("%v: %s", r.Clusters[0].Silent, said)
	}
}

func TestATraceEndsWithItsContext(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	s := operator(t, n.Federation, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	signer, _ := sign.Unsigned(caller)
	start := time.Now()
	_, err := Run(ctx, Options{Session: s, Signer: signer, Node: web1, Collective: "mcollective", Clusters: []string{"london"}, Identity: "client1", Patience: time.Minute})
	if err == nil || time.Since(start) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(start))
	}
}
