package deploy

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/telemetry"
	"github.com/fedrelay/fedrelay/internal/tools"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A broken thing is what Prometheus sees of a relay before it is broken and after.
type broken struct {
	name          string
	before, after scrape
	fires         []string // the alerts that this is worth, and no others
}

var things = map[string]func(*testing.T) broken{
	"nothing is wrong":            nothing,
	"a side is down":              sideDown,
	"a permission is taken away":  permissionTaken,
	"copies to one node denied":   oneNodeDenied,
	"a storm behind a slow side":  storm,
	"a connection lost unasked":   cut,
	"messages that are not ours":  rubbish,
	"certificates about to end":   certificates,
	"a server that is gone again": gone,
}

// breakAll breaks all things at the same time: that a login may do nothing is found out after five
// seconds.
func breakAll(t *testing.T) (all []broken) {
	var mu sync.Mutex // guards all
	t.Run("things", func(t *testing.T) {
		for name, breakIt := range things {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				b := breakIt(t)
				b.name = name
				mu.Lock()
				defer mu.Unlock()
				all = append(all, b)
			})
		}
	})
	return all
}

// A real relay is scraped, broken and scraped again. Then promtool decides over what Prometheus
// would have seen.
func TestAlertsFireWhenTheThingIsBroken(t *testing.T) {
	tools.Need(t, "promtool")
	all := breakAll(t)
	var file strings.Builder
	rules, err := filepath.Abs(alertsFile)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&file, "rule_files: [%q]\nevaluation_interval: 1m\ntests:\n  - interval: 1m\n    input_series:\n", rules)
	var firing []string
	for _, b := range all {
		b.write(&file)
		for _, alert := range b.fires {
			firing = append(firing, fmt.Sprintf("{labels: '{alertname=%q, instance=%q}', value: 1}", alert, b.name))
		}
	}
	file.WriteString("    promql_expr_test:\n")
	expect(&file, whole-time.Minute, nil)
	expect(&file, later, firing)
	path := filepath.Join(t.TempDir(), "broken.yml")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "test", "rules", path)
}

const (
	whole = 5 * time.Minute  // for so long everything is well
	later = 12 * time.Minute // when it is asked which alerts fire
)

// write writes what Prometheus has seen, for promtool. The instance is named after what is broken.
func (b broken) write(file *strings.Builder) {
	names := maps.Clone(b.before.series)
	maps.Copy(names, b.after.series)
	for _, series := range slices.Sorted(maps.Keys(names)) {
		before, after := b.before.value(series, whole), b.after.value(series, later)
		named := strings.Replace(series, `instance="relay1"`, fmt.Sprintf("instance=%q", b.name), 1)
		fmt.Fprintf(file, "      - {series: %q, values: '%sx4 %sx20'}\n", named, before, after)
	}
}

// expect writes which alerts fire then, and that there are no others.
func expect(file *strings.Builder, at time.Duration, firing []string) {
	const expr = `count by (alertname, instance) (ALERTS{alertstate="firing"}) > bool 0`
	fmt.Fprintf(file, "      - {expr: %q, eval_time: %s, exp_samples: [%s]}\n", expr, at, strings.Join(firing, ", "))
}

// A stage is a relay between two networks, and its page.
type stage struct {
	*fedtest.Networks
	relay               *fedtest.Relay
	page                *telemetry.Server
	clients, nodes      *fedtest.Tap
	federation, members *fedtest.Proxy
}

func newStage(t *testing.T, o embedded.Options, change func(*config.Config)) *stage {
	t.Helper()
	s := &stage{Networks: fedtest.StartNetworks(t, o)}
	s.federation, s.members = fedtest.NewProxy(t, s.Federation), fedtest.NewProxy(t, s.Collective)
	c := s.Config()
	c.Federation.Servers, c.Collective.Servers = []string{s.federation.URL()}, []string{s.members.URL()}
	if change != nil {
		change(&c)
	}
	s.relay = fedtest.StartRelay(t, c)
	s.page = serve(t, telemetry.Options{}, s.relay.Relay)
	if o.TLS == nil {
		login := nats.UserInfo("load", "load")
		s.clients, s.nodes = fedtest.NewTap(t, s.Federation, login), fedtest.NewTap(t, s.Collective, login)
	}
	return s
}

func (s *stage) scrape(t *testing.T) scrape { return scrapeOf(t, s.page, "relay1") }

// ask sends a request, and waits until all of its copies have met their fates.
func (s *stage) ask(t *testing.T, targets ...string) {
	t.Helper()
	request, _ := s.relay.Ledgers()
	s.clients.Send(fedtest.FederationSubject, fedtest.Request("q", targets...))
	fedtest.Eventually(t, "the copies have their fates", func() bool {
		now, _ := s.relay.Ledgers()
		return now.Received > request.Received && now.InParse() == 0 && now.InFlight() == 0
	})
}

func nothing(t *testing.T) broken {
	s := newStage(t, embedded.Options{}, nil)
	before := s.scrape(t)
	s.ask(t, fedtest.Nodes(3)...)
	return broken{before: before, after: s.scrape(t)}
}

func sideDown(t *testing.T) broken {
	s := newStage(t, embedded.Options{}, nil)
	before := s.scrape(t)
	s.Collective.Stop()
	fedtest.Eventually(t, "the side is down", func() bool { return !s.relay.Sides()[1].Up })
	return broken{before: before, after: s.scrape(t), fires: []string{"FedrelaySideDown", "FedrelayNotReady"}}
}

// gone is a server that comes back: nothing is left to be done.
func gone(t *testing.T) broken {
	s := newStage(t, embedded.Options{}, nil)
	before := s.scrape(t)
	if err := s.Collective.Restart(); err != nil {
		t.Fatal(err)
	}
	fedtest.Eventually(t, "the relay has a new connection", func() bool {
		ok, _ := s.relay.Ready()
		return ok && s.relay.Sides()[1].Connections[0].Epoch > 1 && s.relay.Sides()[1].Connections[1].Epoch > 1
	})
	return broken{before: before, after: s.scrape(t)}
}

// with returns a server at which the relay may not publish to some subjects.
func with(denied ...string) *server.Options {
	users := []*server.User{{Username: "relay", Password: "relay"}, {Username: "load", Password: "load"}}
	if len(denied) > 0 {
		users[0].Permissions = &server.Permissions{Publish: &server.SubjectPermission{Deny: denied}}
	}
	return &server.Options{Users: users}
}

func permissioned(t *testing.T, denied ...string) (s *stage, takeAway func(...string)) {
	t.Helper()
	var latest *server.Options
	o := embedded.Options{Tune: func(o *server.Options) {
		o.Users = with(denied...).Users
		latest = o.Clone() // of the collective, which starts last
	}}
	s = newStage(t, o, func(c *config.Config) {
		for _, side := range []*config.Side{&c.Federation, &c.Collective} {
			side.User, side.Password = "relay", "relay"
		}
	})
	return s, func(denied ...string) {
		latest.Users = with(denied...).Users
		if err := s.Collective.Inner().ReloadOptions(latest); err != nil {
			t.Fatal(err)
		}
	}
}

func permissionTaken(t *testing.T) broken {
	s, takeAway := permissioned(t)
	before := s.scrape(t)
	takeAway("mcollective.>", "*.node.>", "*.broadcast.>")
	fedtest.Eventually(t, "the relay knows that it may publish nothing", func() bool {
		ok, reasons := s.relay.Ready()
		if ok { // else it has found out already, by connecting anew
			s.clients.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Nodes(3)...))
		}
		return !ok && strings.Contains(strings.Join(reasons, "\n"), "may publish to none")
	})
	fedtest.Eventually(t, "all copies have their fates", func() bool {
		request, _ := s.relay.Ledgers()
		return request.InParse() == 0 && request.InFlight() == 0
	})
	request, _ := s.relay.Ledgers()
	fires := []string{"FedrelayNotReady"}
	if request.Fate(pipeline.Denied) > 0 {
		fires = append(fires, "FedrelayCopiesDenied")
	}
	return broken{before: before, after: s.scrape(t), fires: fires}
}

func oneNodeDenied(t *testing.T) broken {
	s, _ := permissioned(t, "mcollective.node.secret")
	before := s.scrape(t)
	s.ask(t, fedtest.Node("open"), fedtest.Node("secret"))
	after := s.scrape(t)
	for _, series := range []string{`fedrelay_last_denial_timestamp_seconds{path="request",job="fedrelay",instance="relay1"}`} {
		if before.series[series] != "0" || after.series[series] == "0" {
			t.Errorf("%s: %s, then %s", series, before.series[series], after.series[series])
		}
	}
	return broken{before: before, after: after, fires: []string{"FedrelayCopiesDenied"}}
}

// storm is more than the collective takes.
func storm(t *testing.T) broken {
	s := newStage(t, embedded.Options{}, func(c *config.Config) { c.Pipeline.MaxBytes = 4 * config.MiB })
	before := s.scrape(t)
	s.members.Hold(fedtest.ToServer)
	padding := strings.Repeat("A", 300<<10)
	for i := range 40 {
		request := fedtest.Request(fmt.Sprintf("q%d", i), fedtest.Nodes(2)...)
		s.clients.Send(fedtest.FederationSubject, strings.Replace(request, "aGVsbG8=", padding, 1))
	}
	fedtest.Eventually(t, "the path is full", func() bool {
		p := s.relay.Paths()[0]
		return p.BufferBytes > p.BufferLimit*8/10
	})
	after := s.scrape(t)
	s.members.Release(fedtest.ToServer)
	return broken{before: before, after: after, fires: []string{"FedrelayOverrun", "FedrelayStalled"}}
}

// cut ends a connection while the server owes the answer about a copy.
func cut(t *testing.T) broken {
	s := newStage(t, embedded.Options{}, nil)
	before := s.scrape(t)
	s.members.Hold(fedtest.ToRelay)
	s.clients.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Nodes(3)...))
	for range 3 {
		s.nodes.Next()
	}
	s.members.Cut()
	s.members.Release(fedtest.ToRelay)
	fedtest.Eventually(t, "the copies are unconfirmed", func() bool { return s.relay.Unconfirmed() == 3 })
	s.relay.WaitReady()
	return broken{before: before, after: s.scrape(t), fires: []string{"FedrelayCopiesUnconfirmed"}}
}

func rubbish(t *testing.T) broken {
	s := newStage(t, embedded.Options{}, nil)
	before := s.scrape(t)
	s.clients.Send(fedtest.FederationSubject, "rubbish")
	fedtest.Eventually(t, "it is rejected", func() bool {
		request, _ := s.relay.Ledgers()
		return request.Received == 1 && request.InParse() == 0
	})
	s.ask(t, fedtest.Node("n1"), "mcollective.node.*")
	return broken{before: before, after: s.scrape(t), fires: []string{"FedrelayMessagesRejected", "FedrelayTargetsSkipped"}}
}

func certificates(t *testing.T) broken {
	authority := natstest.NewAuthority(t, "an authority for an hour")
	s := newStage(t, embedded.Options{TLS: authority.Server(natstest.Soon(), "127.0.0.1")}, func(c *config.Config) {
		c.Federation.TLS.CA, c.Collective.TLS.CA = authority.Path, authority.Path
	})
	cert, key := authority.Issue(time.Now().Add(5*24*time.Hour), "127.0.0.1")
	remote, err := telemetry.ServeRemote(telemetry.Remote{
		Address: "127.0.0.1:0", Cert: natstest.File(t, "cert.pem", cert), Key: natstest.File(t, "key.pem", key),
	}, []telemetry.View{s.relay.Relay}, telemetry.Options{}, s.page)
	if err != nil {
		t.Fatal(err)
	}
	closeAtEnd(t, remote)
	fedtest.Eventually(t, "the relay has looked at its files", func() bool { return len(s.relay.Sides()[0].Expiry) > 0 })
	after := s.scrape(t)
	before := after
	before.at = after.at.Add(-40 * 24 * time.Hour) // the same, seen when there was time
	return broken{before: before, after: after, fires: []string{
		"FedrelayCredentialEnds", "FedrelayCredentialEnded", "FedrelayHTTPCertificateEnds",
	}}
}
