package preflight

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// choria are two brokers that admit Choria's tokens only.
type choria struct{ federation, collective *embedded.Server }

func startChoria(t *testing.T) choria {
	t.Helper()
	return choria{natstest.Start(t, natstest.ChoriaBroker()), natstest.Start(t, natstest.ChoriaBroker())}
}

// config is for a relay whose tokens are made as printed, but for what edit changes in a command.
func (b choria) config(t *testing.T, collectives []string, edit func(side, command string) string) config.Config {
	t.Helper()
	c := config.Default()
	c.Cluster, c.Identity, c.Allow.Collectives = "london", "relay1", collectives
	c.Federation.Servers, c.Collective.Servers = []string{b.federation.ClientURL()}, []string{b.collective.ClientURL()}
	for name, side := range map[string]*config.Side{link.Federation: &c.Federation, link.Collective: &c.Collective} {
		lines := Grant(Choria, Holder{Name: "fedrelay", Side: name}, relay.RightsOf(c, name))
		side.Choria = natstest.ChoriaLogin(t, edit(name, lines[len(lines)-1]), config.ChoriaToken{})
	}
	return c
}

func asPrinted(_, command string) string { return command }

// looked is a report on one side alone, which is quicker.
func looked(t *testing.T, c config.Config, name string) *Report {
	t.Helper()
	s := &side{o: Options{Config: c}, name: name, cfg: c.Federation}
	if name == link.Collective {
		s.cfg = c.Collective
	}
	s.look(t.Context())
	if s.session == nil {
		t.Fatal(s.checks)
	}
	s.session.Close()
	r := NewReport(time.Now())
	r.Add(s.checks...)
	return r
}

// missing are the checks that find rights missing.
func missing(r *Report) (all []Check) {
	for _, c := range r.Checks {
		if c.ID == idOperators || (c.ID == idSubscribe || c.ID == idPublish) && c.Level != OK {
			all = append(all, c)
		}
	}
	return all
}

func TestChoriaTokensAsPrintedAreEnough(t *testing.T) {
	t.Parallel()
	b := startChoria(t)
	for _, collectives := range [][]string{nil, {"choria"}, {"acme", "eu"}} {
		c := b.config(t, collectives, asPrinted)
		for _, side := range []string{link.Federation, link.Collective} {
			r := looked(t, c, side)
			finds(t, r, side, idClock, OK, "agrees") // so the login was told its rights
			if m := missing(r); len(m) > 0 {
				t.Errorf("collectives %q, %s: %+v", collectives, side, m)
			}
		}
		// So it may trace.
		finds(t, looked(t, c, link.Collective), link.Collective, idNodes, Warning, "no node of collective")
	}
}

// Each right that a token lacks is named, and what is printed then holds all rights, for the same
// key.
func TestEachRightThatAChoriaTokenLacksIsNamed(t *testing.T) {
	t.Parallel()
	b := startChoria(t)
	acme := []string{"acme"}
	flags := func(command string) (all []string) {
		words := strings.Fields(command)
		for i, w := range words {
			if w == "--subscribe" || w == "--publish" {
				all = append(all, w+" "+words[i+1])
			}
		}
		return all
	}
	for _, side := range []string{link.Federation, link.Collective} {
		var printed string
		b.config(t, acme, func(name, command string) string {
			if name == side {
				printed = command
			}
			return command
		})
		all := flags(printed)
		if len(all) < 5 {
			t.Fatalf("%s: %s", side, printed)
		}
		for _, flag := range all {
			c := b.config(t, acme, func(name, command string) string {
				if name == side {
					return strings.Replace(command, " "+flag, "", 1)
				}
				return command
			})
			m := missing(looked(t, c, side))
			if len(m) != 1 || len(m[0].Fix) == 0 {
				t.Errorf("%s without %s: %+v", side, flag, m)
				continue
			}
			fix := m[0].Fix[len(m[0].Fix)-1]
			if got := flags(fix); !slices.Equal(got, all) {
				t.Errorf("%s without %s: to do: %s", side, flag, fix)
			}
			token := map[string]*config.Side{link.Federation: &c.Federation, link.Collective: &c.Collective}[side]
			token.Choria = natstest.ChoriaLogin(t, strings.TrimSpace(fix), token.Choria)
			if m := missing(looked(t, c, side)); len(m) > 0 {
				t.Errorf("%s, after %s: %+v", side, fix, m)
			}
		}
	}
}

// What is said about a denied inbox names the inbox of the caller.
func TestTheInboxOfACallerIsNamed(t *testing.T) {
	t.Parallel()
	b := startChoria(t)
	inbox := link.ChoriaInbox("up=fedrelay") + ".>"
	r := looked(t, b.config(t, nil, func(_, command string) string { return strings.Replace(command, " --publish '"+inbox+"'", "", 1) }), link.Collective)
	finds(t, r, link.Collective, idNodes, Note, "may not publish to "+inbox)
	finds(t, r, link.Collective, idOperators, Note, "whether a node listens", "--publish '"+inbox+"'")
}

// A network with tokens calls its collective choria as often as mcollective.
func TestNodesOfCollectiveChoriaAreFound(t *testing.T) {
	t.Parallel()
	b := startChoria(t)
	c := b.config(t, nil, asPrinted)
	endpoint := natstest.Must(link.NewEndpoint(link.Collective, config.Side{
		Servers: c.Collective.Servers,
		Choria:  natstest.ChoriaLogin(t, "choria jwt client n up=n issuer.seed --public-key n.public --subscribe 'choria.broadcast.agent.>'", config.ChoriaToken{}),
	}))
	node := natstest.Must(link.SingleFramed(t.Context(), endpoint, "node"))
	defer node.Close()
	natstest.Must(node.Conn.Subscribe("choria.broadcast.agent.discovery", func(*nats.Msg) { t.Error("a node got something") }))
	natstest.Succeeds(t, node.Conn.Flush())
	finds(t, looked(t, c, link.Collective), link.Collective, idNodes, OK, "nodes of collective choria are there")
}

// That nodes may answer is known once one has.
func TestARelayThatHasGotRepliesEndsTheDoubtAboutItsCluster(t *testing.T) {
	t.Parallel()
	b := startChoria(t)
	c := b.config(t, nil, asPrinted)
	for body, want := range map[string]Level{
		`{"instances":[{"cluster":"london","reply":{"accepted":7}}]}`: OK,
		`{"instances":[{"cluster":"paris","reply":{"accepted":7}}]}`:  Warning,
		`{"instances":[{"cluster":"london","reply":{"accepted":0}}]}`: Warning,
		`no JSON`: Warning,
	} {
		relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/api/v1/state" {
				t.Error(r.URL)
			}
			_, _ = w.Write([]byte(body))
		}))
		c.HTTP.Listen = relay.Listener.Addr().String()
		finds(t, looked(t, c, link.Collective), link.Collective, idCluster, want, "london")
		relay.Close()
		if want == OK {
			finds(t, looked(t, c, link.Collective), link.Collective, idCluster, Warning, "no collective is known to be named london")
		}
	}
}
