package relay_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/state"
	"github.com/fedrelay/fedrelay/wire"
)

// A witness is a relay, or a relay behind an edge, with taps on both ends. The server of the
// collective denies copies to the node "secret".
type witness struct {
	relay, edge  *fedtest.Relay // edge may be nil
	client, node *fedtest.Tap
}

func newWitness(t *testing.T, throughEdge bool, set func(*config.Config)) *witness {
	t.Helper()
	anybody, u := &server.User{Username: "anybody", Password: "x"}, *relayUser
	u.Permissions = &server.Permissions{Publish: &server.SubjectPermission{Deny: []string{fedtest.Node("secret")}}}
	n := &fedtest.Networks{
		Federation: fedtest.StartServer(t, embedded.Options{}),
		Collective: fedtest.StartServer(t, embedded.Options{
			Users: []*server.User{anybody, &u}, Tune: func(o *server.Options) { o.NoAuthUser = anybody.Username },
		}),
	}
	w := &witness{}
	if throughEdge {
		n.Line = fedtest.StartServer(t, embedded.Options{})
	}
	c := n.Config()
	c.Collective.User, c.Collective.Password = u.Username, u.Password
	set(&c)
	w.relay = fedtest.StartRelay(t, c)
	if throughEdge {
		e := n.EdgeConfig()
		set(&e)
		w.edge = fedtest.StartRelay(t, e)
	}
	w.client, w.node = fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Collective)
	return w
}

// until waits until a relay says of a request what is wanted.
func until(t *testing.T, r *fedtest.Relay, id, what string, ok func(state.Request) bool) state.Request {
	t.Helper()
	var d state.Request
	defer func() {
		if t.Failed() {
			t.Logf("%+v", d)
		}
	}()
	fedtest.Eventually(t, what, func() bool {
		var found bool
		d, found = r.Request(id)
		return found && ok(d)
	})
	return d
}

func TestARelayKnowsWhoHasNotAnswered(t *testing.T) {
	onBothKindsOfPlane(t, func(t *testing.T, set func(*config.Config)) {
		w := newWitness(t, false, set)
		targets := append(fedtest.Nodes(10), fedtest.Node("secret"), "mcollective.node.*", fedtest.Nodes(1)[0])
		w.client.Send(fedtest.FederationSubject, fedtest.Request("q1", targets[:6]...))
		w.client.Send(fedtest.FederationSubject, fedtest.Request("q1", targets[6:]...))
		for i, target := range targets[:10] {
			if name, _ := state.NodeName(target); i != 3 {
				w.node.Send(fedtest.CollectiveSubject, fedtest.Reply("q1", name))
				w.node.Send(fedtest.CollectiveSubject, fedtest.Reply("q1", name))
			}
		}
		d := until(t, w.relay, "q1", "all is known", func(d state.Request) bool {
			return d.Replies == 18 && d.Copies["denied"] == 1 && d.Copies["confirmed"] == 11 && d.Copies["in_flight"] == 0
		})
		m := state.Merge([]state.Request{d})
		if want := []string{"mcollective.node.*", targets[3], targets[10]}; !slices.Equal(m.Missing, want) {
			t.Errorf("missing %q", m.Missing)
		}
		if !slices.Equal(m.Denied, targets[10:11]) || m.Answered != 9 || m.Others != 0 || m.Forgotten {
			t.Errorf("%+v", m)
		}
		if d.Sender != "bastion1" || d.ReplyTo != fedtest.ReplySubject("q1") || d.Cluster != fedtest.Cluster || d.Identity != "relay1" ||
			d.Messages != 2 || d.Targets != 13 || d.Skipped["wildcard"] != 1 || d.Copies["skipped"] != 1 || len(d.Answered) != 9 ||
			d.First.IsZero() || d.Last.Before(d.First) || d.FirstReply.IsZero() || d.LastReply.Before(d.FirstReply) {
			t.Errorf("%+v", d)
		}
		if s := w.relay.Requests(10); len(s) != 1 || s[0].ID != "q1" || s[0].Targets != 13 || s[0].Replies != 18 || s[0].Sender != "bastion1" {
			t.Errorf("%+v", s)
		}
		if _, found := w.relay.Request("q2"); found {
			t.Error("a request is known that nobody has made")
		}
	})
}

func TestRejectionsAreRemembered(t *testing.T) {
	w := newWitness(t, false, func(*config.Config) {})
	bad := strings.Replace(fedtest.Request("b1", fedtest.Node("x")), fedtest.ReplySubject("b1"), "$SYS.REQ.\u00e4", 1)
	w.client.Send(fedtest.FederationSubject, bad)
	w.client.Send(fedtest.FederationSubject, "no JSON")
	w.client.Send(fedtest.FederationSubject, fedtest.Request("b2", fedtest.Node("x"), "mcollective.node.>", "mcollective.node.*"))
	fedtest.Eventually(t, "requests are remembered", func() bool { return len(w.relay.Rejections(100)) == 3 })
	reply := strings.Replace(fedtest.Reply("b1", "n1"), fedtest.ReplySubject("b1"), "mcollective.node.n2", 1)
	w.node.Send(fedtest.CollectiveSubject, reply)
	fedtest.Eventually(t, "all are remembered", func() bool { return len(w.relay.Rejections(100)) == 4 })
	got := map[string]state.Rejection{}
	for _, r := range w.relay.Rejections(100) {
		if r.At.IsZero() || r.Identity != "relay1" || r.Cluster != fedtest.Cluster {
			t.Errorf("%+v", r)
		}
		got[r.Path+" "+r.Reason] = r
	}
	for what, want := range map[string]state.Rejection{
		"request bad_subject":     {Sender: "bastion1", Request: "b1", Size: len(bad), Subject: `$SYS.REQ.\u00e4`},
		"request malformed":       {Size: 7},
		"request wildcard":        {Sender: "bastion1", Request: "b2", Subject: "mcollective.node.>", Targets: 2, Size: got["request wildcard"].Size},
		"reply reply_not_allowed": {Sender: "n1", Request: "b1", Size: len(reply), Subject: "mcollective.node.n2"},
	} {
		r, found := got[what]
		want.At, want.Identity, want.Cluster, want.Path, want.Reason = r.At, r.Identity, r.Cluster, r.Path, r.Reason
		if !found || r != want {
			t.Errorf("%s: %+v, want %+v; all are %v", what, r, want, got)
		}
	}
	if d, found := w.relay.Request("b1"); !found || len(d.Rejected) != 2 || d.Rejected[0].Path != "request" {
		t.Errorf("%+v", d)
	}
	if len(w.relay.Rejections(2)) != 2 || w.relay.Rejections(2)[0].Path != "reply" {
		t.Errorf("%+v", w.relay.Rejections(2))
	}
}

// An edge knows what its clients asked and what they got, and the relay behind it knows the same
// request by the id that the edge gave it.
func TestAnEdgeKnowsItsRequests(t *testing.T) {
	w := newWitness(t, true, func(*config.Config) {})
	targets := append(fedtest.Nodes(5), fedtest.Node("secret"))
	w.client.Send(fedtest.FederationSubject, fedtest.Request("e1", targets[:3]...))
	w.client.Send(fedtest.FederationSubject, fedtest.Request("e1", targets[3:]...))
	copies := 0
	for copies < 5 {
		m := w.node.Next()
		name, _ := state.NodeName(m.Subject)
		copies++
		if copies == 1 {
			continue
		}
		answer := fedtest.Reply("e1", name)
		w.node.Send(fedtest.CollectiveSubject, strings.Replace(answer, fedtest.ReplySubject("e1"), replySubjectOf(string(m.Data)), 1))
	}
	for _, r := range []*fedtest.Relay{w.edge, w.relay} {
		d := until(t, r, "e1", "all replies are known", func(d state.Request) bool { return d.Replies == 4 && d.Copies["in_flight"] == 0 })
		m := state.Merge([]state.Request{d})
		if m.Answered != 4 || len(m.Missing) != 2 || m.Targets != 6 || m.Forgotten {
			t.Errorf("%s: %+v", d.Identity, m)
		}
		if denied := r == w.relay; denied != (m.Copies["denied"] == 1) || m.Copies["confirmed"]+m.Copies["denied"] != 6 {
			t.Errorf("%s: %v", d.Identity, m.Copies)
		}
	}
}

// replySubjectOf returns the reply subject that a copy carries.
func replySubjectOf(message string) string {
	_, rest, _ := strings.Cut(message, `"reply-to":"mcollective.reply.`)
	address, _, _ := strings.Cut(rest, `"`)
	return "mcollective.reply." + address
}

func TestASealedRequestKeepsItsID(t *testing.T) {
	w := newWitness(t, false, func(c *config.Config) { sealed(t, c, config.ReturnRequire) })
	w.client.Send(fedtest.FederationSubject, fedtest.Request("s1", fedtest.Node("n1"), fedtest.Node("n2")))
	m := w.node.Next()
	_, rest, _ := strings.Cut(string(m.Data), `"req":"`)
	id, _, _ := strings.Cut(rest, `"`)
	w.node.Send(fedtest.CollectiveSubject, strings.Replace(fedtest.Reply("s1", "n2"), `"req":"s1"`, fmt.Sprintf(`"req":%q`, id), 1))
	d := until(t, w.relay, "s1", "the reply is known", func(d state.Request) bool { return d.Replies == 1 })
	if m := state.Merge([]state.Request{d}); !slices.Equal(m.Missing, []string{fedtest.Node("n1")}) {
		t.Errorf("%+v", m)
	}
}

// Nothing is remembered where that is switched off.
func TestNothingIsRememberedWithoutMemory(t *testing.T) {
	w := newWitness(t, false, func(c *config.Config) { c.Recent.Bytes = 0 })
	w.client.Send(fedtest.FederationSubject, fedtest.Request("o1", fedtest.Node("n1"), fedtest.Node("secret")))
	w.client.Send(fedtest.FederationSubject, "no JSON")
	w.node.Send(fedtest.CollectiveSubject, fedtest.Reply("o1", "n1"))
	fedtest.Eventually(t, "all is settled", func() bool {
		request, reply := w.relay.Ledgers()
		return request.Fates[0][0]+reply.Fates[0][0] == 2
	})
	if _, found := w.relay.Request("o1"); found || len(w.relay.Requests(9))+len(w.relay.Rejections(9)) != 0 {
		t.Error("something is remembered")
	}
}

// What is spelled in another way is the same node and the same request: names outside ASCII, and
// texts with escapes.
func TestSpellingsOfANameAreOneName(t *testing.T) {
	w := newWitness(t, false, func(c *config.Config) { c.Compat, c.Limits.SubjectLength = config.CompatPeer, 1024 })
	long := strings.Repeat("n", 300)
	w.client.Send(fedtest.FederationSubject, strings.Replace(fedtest.Request("u1", fedtest.Node("n\u00f6rd"), fedtest.Node("xxx"),
		fedtest.Node("\xff"), fedtest.Node("\x7f\u2028"), fedtest.Node(long)), "xxx", `s\u00fcd`, 1))
	for _, name := range []string{"n\u00f6rd", `s\u00fcd`, "\xff", "\x7f\u2028", long} {
		w.node.Send(fedtest.CollectiveSubject, fedtest.Reply(`\u0075\u0031`, name))
	}
	d := until(t, w.relay, "u1", "all have answered", func(d state.Request) bool { return d.Replies == 5 })
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	d = state.Request{}
	if err := json.Unmarshal(text, &d); err != nil { // what an operator gets
		t.Fatal(err)
	}
	if m := state.Merge([]state.Request{d}); m.Answered != 5 || len(m.Missing) != 0 || m.Others != 0 {
		t.Errorf("%q: %+v", d.Names, m)
	}
	w.client.Send(fedtest.FederationSubject, strings.Replace(fedtest.Request(`\u0075\u0032`, fedtest.Node("x")), fedtest.ReplySubject(`\u0075\u0032`), "$SYS.x", 1))
	fedtest.Eventually(t, "the rejection is that of its request", func() bool {
		d, _ := w.relay.Request("u2")
		return len(d.Rejected) == 1 && d.Rejected[0].Request == "u2"
	})
	// Of a bundle it cannot be the address.
	edge := string(wire.AppendEdge(nil, "g.c", []byte(`mcollective.reply.x.\"`)))
	w.node.Send(fedtest.CollectiveSubject, strings.Replace(fedtest.Reply("u3", "n"), fedtest.ReplySubject("u3"), edge, 1))
	if d := until(t, w.relay, "u3", "it is rejected", func(d state.Request) bool { return len(d.Rejected) == 1 }); d.Replies != 0 {
		t.Errorf("%d replies are counted that nobody got", d.Replies)
	}
}
