package preflight

import (
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	requests = "choria.federation.london.federation"
	replies  = "choria.federation.london.collective"
)

// user may publish and subscribe to what is listed; "" stands for everything.
func user(name, publish, subscribe string) *natsserver.User {
	u := natstest.User(name, "secret")
	u.Permissions = &natsserver.Permissions{}
	if publish != "" {
		u.Permissions.Publish = &natsserver.SubjectPermission{Allow: strings.Fields(publish)}
	}
	if subscribe != "" {
		u.Permissions.Subscribe = &natsserver.SubjectPermission{Allow: []string{subscribe, "_INBOX.>"}}
	}
	return u
}

// networks are two servers that all tests share, with users of many kinds.
type networks struct{ federation, collective *embedded.Server }

const nodesAndAgents = "mcollective.node.> mcollective.broadcast.agent.* mcollective.broadcast.service.* "

func startNetworks(t *testing.T) networks {
	t.Helper()
	other := natsserver.NewAccount("OTHER")
	stray := natstest.User("stray", "secret")
	stray.Account = other
	n := networks{
		natstest.Start(t, embedded.Options{Name: "fed1", Users: []*natsserver.User{
			user("full", "", ""), user("least", "*.reply.>", requests), user("mute", "$SYS.REQ.USER.INFO", requests),
		}}),
		natstest.Start(t, embedded.Options{Name: "col1", MaxPayload: 1 << 20, Users: []*natsserver.User{
			user("full", "", ""), stray,
			user("least", nodesAndAgents, replies),
			user("deaf", "$SYS.REQ.USER.INFO "+nodesAndAgents, "other.>"),
			user("deaf, untold", nodesAndAgents, "other.>"),
			user("mute", "$SYS.REQ.USER.INFO mcollective.node.>", replies),
			user("mute, untold", "mcollective.node.>", replies),
			user("elsewhere", "$SYS.REQ.USER.INFO eu.node.> eu.broadcast.agent.*", replies),
			user("jetstream", "$JS.API.> $SYS.REQ.USER.INFO _INBOX.>", "_INBOX.>"),
			user("jetstream, untold", "$JS.API.> _INBOX.>", "_INBOX.>"),
		}, Tune: func(o *natsserver.Options) { o.Accounts = []*natsserver.Account{other} }}),
	}
	node := natstest.Client(t, as(n.collective, "full"))
	_, err := node.Subscribe("mcollective.broadcast.agent.discovery", func(*nats.Msg) { t.Error("a node got something") })
	natstest.Succeeds(t, err)
	natstest.Succeeds(t, node.Flush())
	return n
}

func as(s *embedded.Server, user string) string {
	return strings.Replace(s.ClientURL(), "nats://", "nats://"+user+":secret@", 1)
}

// config is for a relay that logs in as these users.
func (n networks) config(federation, collective string) config.Config {
	c := config.Default()
	c.Cluster, c.Identity = "london", "relay1"
	c.Federation.Servers, c.Federation.User, c.Federation.Password = []string{n.federation.ClientURL()}, federation, "secret"
	c.Collective.Servers, c.Collective.User, c.Collective.Password = []string{n.collective.ClientURL()}, collective, "secret"
	return c
}

func checked(t *testing.T, c config.Config) *Report {
	t.Helper()
	return checkedWith(t, Options{Config: c, Where: func(key string) string { return "at " + key }})
}

func checkedWith(t *testing.T, o Options) *Report {
	t.Helper()
	r := NewReport(time.Now())
	Run(t.Context(), o, r)
	return r
}

// finds fails the test unless a check of that kind holds all of says, in its text, its place or
// what is to do.
func finds(t *testing.T, r *Report, side, id string, level Level, says ...string) {
	t.Helper()
	var all strings.Builder
	for _, c := range r.Checks {
		text := c.Where + ": " + c.Text + "\n" + strings.Join(c.Fix, "\n")
		holds := c.ID == id && c.Side == side && c.Level == level
		for _, s := range says {
			holds = holds && strings.Contains(text, s)
		}
		if holds {
			return
		}
		all.WriteString(string(c.Level) + " " + c.Side + " " + c.ID + ": " + text + "\n")
	}
	t.Errorf("no %s check %s of %q saying %q among\n%s", level, id, side, says, all.String())
}

func TestSeededMisconfigurationsAreFound(t *testing.T) {
	t.Parallel()
	n := startNetworks(t)
	t.Run("missing sub permission", func(t *testing.T) {
		r := checked(t, n.config("full", "deaf"))
		finds(t, r, "collective", idSubscribe, Critical, "subscribing to "+replies+" in queue group london_collective is denied",
			`user "deaf"`, `subscribe: { allow: ["`+replies+`"] }`)
		r = checked(t, n.config("full", "deaf, untold"))
		finds(t, r, "collective", idSubscribe, Critical, "is denied", `subscribe: { allow: ["`+replies+`"] }`)
	})
	t.Run("missing pub permission", func(t *testing.T) {
		r := checked(t, n.config("mute", "mute"))
		finds(t, r, "federation", idPublish, Critical, "publishing to mcollective.reply.> and london.reply.> is denied", `publish:   { allow: ["*.reply.>"] }`)
		finds(t, r, "collective", idPublish, Critical, "mcollective.broadcast.agent.* and london.broadcast.agent.* is denied", `publish:   { allow: ["*.broadcast.agent.*"] }`)
		r = checked(t, n.config("full", "mute, untold"))
		finds(t, r, "collective", idPublish, Critical, "mcollective.broadcast.agent.* and london.broadcast.agent.* is denied", `publish:   { allow: ["*.broadcast.agent.*"] }`)
		c := n.config("full", "elsewhere")
		finds(t, checked(t, c), "collective", idPublish, OK, "may publish to eu.node.>")
		c.Allow.Collectives = []string{"mcollective"}
		finds(t, checked(t, c), "collective", idPublish, Critical, "publishing to mcollective.node.> is denied by the server")
	})
	t.Run("same server on both sides", func(t *testing.T) {
		c := n.config("full", "full")
		c.Federation.Servers = c.Collective.Servers
		finds(t, checked(t, c), "", idNetwork, Warning, "one network on both sides: both are connected to server col1", "at collective.servers", "give collective.servers", "one_network: true")
		c.OneNetwork = true
		finds(t, checked(t, c), "", idNetwork, OK, "one network on both sides: both are connected to server col1, as one_network says")
		two := n.config("full", "full")
		two.OneNetwork = true
		finds(t, checked(t, two), "", idNetwork, Note, "these are two networks, although one_network is true")
		c.OneNetwork = false
		c.Cluster, c.Edge.Clusters, c.Edge.Group = "", []string{"london"}, "ams"
		c.Line, c.Collective = c.Collective, config.Default().Collective
		finds(t, checked(t, c), "", idNetwork, Critical, "an edge would get back what it sends")
	})
	t.Run("max_payload mismatch", func(t *testing.T) {
		small := natstest.Start(t, embedded.Options{MaxPayload: 1 << 16, Users: []*natsserver.User{user("least", "*.reply.>", requests)}})
		c := n.config("least", "least")
		c.Federation.Servers = []string{small.ClientURL()}
		finds(t, checked(t, c), "", idPayload, Warning, "1MiB on the collective and 64KiB on the federation", "set max_payload: 1048576 on the servers of the federation")
	})
	t.Run("wrong account", func(t *testing.T) {
		finds(t, checked(t, n.config("least", "stray")), "collective", idNodes, Warning, "no node of collective mcollective is there", "in account OTHER", "are this the right server, login and account?")
	})
	t.Run("no queue subscribers", func(t *testing.T) {
		r := checked(t, n.config("full", "full"))
		finds(t, r, "federation", idGroup, Warning, "nobody is in queue group london_federation", "are lost")
		finds(t, r, "collective", idGroup, Warning, "nobody is in queue group london_collective")
	})
	t.Run("JS-only creds", func(t *testing.T) {
		for _, login := range []string{"jetstream", "jetstream, untold"} {
			finds(t, checked(t, n.config("least", login)), "collective", idLogin, Critical, "this login is for JetStream", "fedrelay config permissions", "at collective")
		}
	})
	t.Run("clock skew", func(t *testing.T) {
		for off, want := range map[time.Duration]Level{0: OK, 20 * time.Second: Warning, -20 * time.Second: Warning, 2 * time.Minute: Critical} {
			r := checkedWith(t, Options{Config: n.config("mute", "least"), clockOff: off})
			says := map[bool][]string{true: {"ahead of that of server fed1", "NTP"}, false: {"behind that of server fed1", "NTP"}}[off > 0]
			if off == 0 {
				says = []string{"agrees"}
			}
			finds(t, r, "federation", idClock, want, says...)
		}
	})
	t.Run("DNS failure", func(t *testing.T) {
		c := n.config("least", "least")
		c.Federation.Servers = []string{"nats://nowhere.invalid:4222"}
		r := checked(t, c)
		finds(t, r, "federation", idConnect, Critical, "nowhere.invalid", "at federation.servers", "dns")
		if !r.Unreachable() {
			t.Error("it does not count as unreachable")
		}
	})
	t.Run("port closed", func(t *testing.T) {
		l := natstest.Must(net.Listen("tcp", "127.0.0.1:0"))
		c := n.config("least", "least")
		c.Collective.Servers = []string{"nats://" + l.Addr().String()}
		natstest.Succeeds(t, l.Close())
		finds(t, checked(t, c), "collective", idConnect, Critical, "connection refused", "is the NATS server running", "at collective.servers")
	})
}

func TestSeededMisconfigurationsOfTLSAreFound(t *testing.T) {
	t.Parallel()
	n := startNetworks(t)
	ca, stranger := natstest.NewAuthority(t, "fedrelay test CA"), natstest.NewAuthority(t, "another CA")
	withTLS := func(until time.Time, first bool) config.Config {
		o := embedded.Options{TLS: ca.Server(until, "127.0.0.1"), Tune: func(o *natsserver.Options) { o.TLSHandshakeFirst = first }}
		c := n.config("least", "least")
		c.Federation = natstest.Side(strings.Replace(natstest.Start(t, o).ClientURL(), "nats://", "tls://", 1))
		c.Federation.TLS.CA = ca.Path
		return c
	}
	good := withTLS(natstest.Soon(), false)
	finds(t, checked(t, good), "federation", idConnect, OK, ", TLS")
	t.Run("wrong CA", func(t *testing.T) {
		c := good
		c.Federation.TLS.CA = stranger.Path
		finds(t, checked(t, c), "federation", idConnect, Critical, "certificate signed by unknown authority", stranger.Path, "give the file of that authority")
	})
	t.Run("expired cert", func(t *testing.T) {
		finds(t, checked(t, withTLS(time.Now().Add(-time.Hour), false)), "federation", idConnect, Critical, "certificate expired", "renew it there")
	})
	t.Run("TLS-first mismatch", func(t *testing.T) {
		c := good
		c.Federation.TLS.First = true
		finds(t, checked(t, c), "federation", idConnect, Critical, "set federation.tls.first: false")
		c = withTLS(natstest.Soon(), true)
		finds(t, checked(t, c), "federation", idConnect, Critical, "federation.tls.first: true")
	})
}

// What is documented as least rights passes, on a server that does not tell.
func TestLeastRightsPass(t *testing.T) {
	t.Parallel()
	r := checked(t, startNetworks(t).config("least", "least"))
	if r.Level != OK || r.Count(OK) < 8 {
		t.Errorf("%+v", r)
	}
	finds(t, r, "federation", idOperators, Note, "asking what the login may do", "and perhaps no: the statistics document",
		`publish:   { allow: ["$SYS.REQ.USER.INFO", "choria.federation.london.stats"] }`,
		`subscribe: { allow: ["_INBOX.>", "choria.federation.london.fedrelay.>", "$SRV.>"] }`, "allow_responses: true")
	finds(t, r, "collective", idOperators, Note, "and perhaps no: fedrelay trace", `"_INBOX.>"] }`)
}

// An allow does not help against a deny, and takes all else away where there was no allow before.
func TestADenyIsToBeTakenAway(t *testing.T) {
	t.Parallel()
	denied := natstest.User("denied", "secret")
	denied.Permissions = &natsserver.Permissions{
		Publish:   &natsserver.SubjectPermission{Deny: []string{"mcollective.>", "london.>", "other.>"}},
		Subscribe: &natsserver.SubjectPermission{Allow: []string{"_INBOX.>"}, Deny: []string{"choria.federation.> london_collective"}},
	}
	n := startNetworks(t)
	n.collective = natstest.Start(t, embedded.Options{Users: []*natsserver.User{denied}})
	var fixes []string
	for _, c := range checked(t, n.config("full", "denied")).Checks {
		if c.Level == Critical {
			fixes = append(fixes, c.Fix...)
		}
	}
	want := []string{
		`add to the lists in the permissions of user "denied" on the server:`,
		`    subscribe: { allow: ["choria.federation.london.collective"] }`,
		`take out of publish: { deny: [...] }, which counts more than allow: "london.>", "mcollective.>"`,
		`take out of subscribe: { deny: [...] }, which counts more than allow: "choria.federation.> london_collective"`,
	}
	if !slices.Equal(fixes, want) {
		t.Errorf("%q", fixes)
	}
}

// Who pastes what is printed must not take rights away: a server with a list, or with a right to
// answer, allows nothing else.
func TestNoAdviceTakesRightsAway(t *testing.T) {
	t.Parallel()
	type list = natsserver.SubjectPermission
	for _, c := range []struct {
		name               string
		publish, subscribe *list
		id                 string
		want               []string // below the heading
	}{
		{"unlisted", nil, &list{Allow: []string{requests, "_INBOX.>"}}, idOperators,
			[]string{`    subscribe: { allow: ["choria.federation.london.fedrelay.>", "$SRV.>"] }`}},
		{"unlisted and untold", nil, &list{Allow: []string{requests}}, idOperators,
			[]string{`    subscribe: { allow: ["_INBOX.>", "choria.federation.london.fedrelay.>", "$SRV.>"] }`}},
		{"denied and untold", &list{Deny: []string{"*.reply.>", "$SYS.>"}}, nil, idPublish,
			[]string{`take out of publish: { deny: [...] } what covers "*.reply.>"; an allow would take all else away`}},
		{"listed", &list{Allow: []string{"*.reply.>", "choria.federation.london.stats", "$SYS.REQ.USER.INFO"}}, nil, idOperators,
			[]string{`    subscribe: { allow: ["choria.federation.london.fedrelay.>"] }`, "    allow_responses: true"}},
	} {
		u := natstest.User("u", "secret")
		u.Permissions = &natsserver.Permissions{Publish: c.publish, Subscribe: c.subscribe}
		n := networks{federation: natstest.Start(t, embedded.Options{Users: []*natsserver.User{u}})}
		n.collective = n.federation
		var fix []string
		for _, found := range looked(t, n.config("u", "u"), "federation").Checks {
			if found.ID == idLogin {
				t.Errorf("%s: %s", c.name, found.Text)
			}
			if found.ID == c.id && found.Level != OK {
				fix = slices.DeleteFunc(found.Fix, func(line string) bool { return strings.HasPrefix(line, "add to") })
			}
		}
		if !slices.Equal(fix, c.want) {
			t.Errorf("%s: %q", c.name, fix)
		}
	}
}

func TestRecordsThatAreNotThereAreToBeMade(t *testing.T) {
	err := errors.New("federation: cannot connect: dns: no SRV record _a._tcp.example.net nor _b._tcp.example.net")
	got := connectAdvice(err, "federation.servers")
	want := []string{"make one of these records, set federation.srv.domain to the domain that has them, or write addresses into federation.servers"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestQueueGroupsAreLookedAt(t *testing.T) {
	t.Parallel()
	n := startNetworks(t)
	join := func(name, queue string) *nats.Conn {
		nc := natstest.Must(nats.Connect(as(n.federation, "full"), nats.Name(name)))
		natstest.Must(nc.QueueSubscribe(requests, queue, func(*nats.Msg) { t.Error("somebody got a message") }))
		natstest.Succeeds(t, nc.Flush())
		return nc
	}
	look := func(level Level, says ...string) {
		t.Helper()
		finds(t, checked(t, n.config("full", "least")), "federation", idGroup, level, says...)
	}
	first := join("fedrelay london relay2 federation receive", "london_federation")
	look(OK, "is served by fedrelay london relay2")
	broker := join("choria_nats_ingest", "london_federation")
	look(Warning, "go-choria's federation broker is in queue group london_federation")
	stranger := join("somebody", "london_federation")
	look(Warning, "a stranger takes messages", "somebody")
	old := join("fedbroker_london_fb1", "london_federation")
	look(Warning, "Choria's federation broker of 2017 is in queue group london_federation", "fedbroker_london_fb1")
	look(Warning, "go-choria's federation broker is in queue group london_federation")
	for _, nc := range []*nats.Conn{broker, stranger, old} {
		nc.Close()
	}
	listener := join("tap", "")
	look(Warning, `connection "tap" gets them, too`)
	listener.Close()
	first.Close()
}

// Networks that are joined somewhere have servers of different names.
func TestJoinedNetworksAreFound(t *testing.T) {
	t.Parallel()
	n := startNetworks(t)
	hub := natstest.Start(t, embedded.Options{Name: "hub", Leaf: embedded.Leaf{Listen: true}})
	leaf := natstest.Start(t, embedded.Options{Name: "leaf", Leaf: embedded.Leaf{Hub: hub.LeafAddress()}})
	natstest.Eventually(t, "the leaf has joined", func() bool { return hub.Inner().NumLeafNodes() == 1 })
	c := n.config("least", "least")
	c.Federation, c.Collective = natstest.Side(hub.ClientURL()), natstest.Side(leaf.ClientURL())
	finds(t, checked(t, c), "", idNetwork, Warning, "what is published on the collective arrives on the federation (servers leaf and hub are joined)")
	finds(t, checked(t, n.config("full", "full")), "", idNetwork, OK, "two networks: what is published on the collective does not arrive")
	two := n.config("full", "stray")
	two.Federation.Servers = two.Collective.Servers
	finds(t, checked(t, two), "", idNetwork, OK, "one server, accounts $G and OTHER")
}
