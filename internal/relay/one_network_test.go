package relay_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/telemetry"
)

// People federate one network for the sake of security. Nodes and clients on it work through the
// relay. Each copy and each reply comes once, and nothing goes round in circles.
func TestOneNetworkOnBothSidesIsServed(t *testing.T) {
	for _, cluster := range []string{"london", "eu.london"} {
		t.Run(cluster, func(t *testing.T) {
			one := fedtest.StartServer(t, embedded.Options{Name: "only"})
			n := &fedtest.Networks{Federation: one, Collective: one}
			settings := n.Config()
			settings.Cluster = cluster
			r := fedtest.StartRelay(t, settings)
			result := askNodes(t, one, one, cluster)
			if !result.Complete() || result.Replied != 20 || result.Delivered != 20 || result.Duplicates+result.Foreign+result.Corrupt > 0 {
				t.Errorf("%+v", result)
			}
			want := "federation and collective are one network (both are connected to server only)"
			if all := strings.Join(r.Warnings(), "\n"); !strings.HasPrefix(all, want) {
				t.Errorf("warnings %q", all)
			}
			if err := r.Stop(); err != nil {
				t.Error(err)
			}
			request, reply := r.Ledgers()
			if request.Received != 1 || reply.Received != 20 {
				t.Errorf("more went round than was asked: %s; %s", request.String(), reply.String())
			}
		})
	}
}

// Who says that it is meant is not warned, and may say so while the relay runs.
func TestOneNetworkOnPurposeIsNotWarnedOf(t *testing.T) {
	one := fedtest.StartServer(t, embedded.Options{})
	settings := (&fedtest.Networks{Federation: one, Collective: one}).Config()
	settings.OneNetwork = true
	var log logBook
	p := fedtest.StartProcess(t, settings, slog.New(slog.NewTextHandler(&log, nil)))
	warned := func() bool { return strings.Contains(strings.Join(p.Views()[0].Warnings(), "\n"), "are one network") }
	if warned() || log.count("are one network") > 0 {
		t.Errorf("%q", p.Views()[0].Warnings())
	}
	settings.OneNetwork = false
	if _, err := p.Reload(settings); err != nil || !warned() {
		t.Errorf("after a reload: %v, %q", err, p.Views()[0].Warnings())
	}
	settings.OneNetwork = true
	if _, err := p.Reload(settings); err != nil || warned() {
		t.Errorf("after another: %v, %q", err, p.Views()[0].Warnings())
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
}

// askNodes has a client ask 20 nodes once.
func askNodes(t *testing.T, federation, collective *embedded.Server, cluster string) fleet.Result {
	t.Helper()
	roster, err := fleet.NewRoster(fleet.Names(cluster, 20))
	if err != nil {
		t.Fatal(err)
	}
	ledger := fleet.NewLedger(roster)
	nodes, err := fleet.StartNodes(fleet.NodesOptions{URL: collective.ClientURL(), Roster: roster, Ledger: ledger})
	if err != nil {
		t.Fatal(err)
	}
	defer nodes.Close()
	client, err := fleet.Dial(fleet.ClientOptions{
		URL: federation.ClientURL(), Clusters: []string{cluster}, Roster: roster, Ledger: ledger, CheckEvery: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	all := make([]int, roster.Len())
	for i := range all {
		all[i] = i
	}
	result, err := client.Ask(t.Context(), roster.Directed(all))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// clusterOfTwo are two servers of one cluster.
func clusterOfTwo(t *testing.T) (a, b *embedded.Server) {
	t.Helper()
	a = clustered(t, "", nil)
	b = clustered(t, "", a)
	fedtest.Eventually(t, "the servers have found each other", func() bool { return a.Inner().NumRoutes() > 0 && b.Inner().NumRoutes() > 0 })
	return a, b
}

func TestOneNetworkIsKnownByServerAndClusterNotByName(t *testing.T) {
	accounts := fedtest.StartServer(t, embedded.Options{Tune: func(o *server.Options) {
		x, y := server.NewAccount("X"), server.NewAccount("Y")
		o.Accounts = []*server.Account{x, y}
		o.Users = []*server.User{{Username: "x", Password: "x", Account: x}, {Username: "y", Password: "y", Account: y}}
	}})
	as := func(user string) config.Side {
		return config.Side{Servers: []string{accounts.ClientURL()}, User: user, Password: user}
	}
	a, beside := clusterOfTwo(t)
	other, _ := clusterOfTwo(t)
	for name, c := range map[string]struct {
		networks *fedtest.Networks
		says     string
		sides    [2]config.Side
	}{
		"two servers of a cluster": {networks: &fedtest.Networks{Federation: a, Collective: beside}, says: "both are connected to cluster collective"},
		"two clusters of one name": {networks: &fedtest.Networks{Federation: a, Collective: other}},
		"two networks":             {networks: fedtest.StartNetworks(t, embedded.Options{Name: "same"})},
		"two accounts of a server": {sides: [2]config.Side{as("x"), as("y")}},
		"one account, two logins":  {sides: [2]config.Side{as("x"), as("x")}, says: "both are connected to server "},
	} {
		t.Run(name, func(t *testing.T) {
			if c.networks == nil {
				c.networks = &fedtest.Networks{Federation: accounts, Collective: accounts}
			}
			settings := c.networks.Config()
			if c.sides[0].User != "" {
				settings.Federation, settings.Collective = c.sides[0], c.sides[1]
			}
			r := fedtest.StartRelay(t, settings)
			if all := strings.Join(r.Warnings(), "\n"); c.says == "" && all != "" || !strings.Contains(all, c.says) {
				t.Errorf("warnings %q, want %q", all, c.says)
			}
			line := *c.networks
			line.Line = line.Collective
			edge := line.EdgeConfig()
			edge.Federation, edge.Line = settings.Federation, settings.Collective
			e := fedtest.LaunchRelay(t, edge)
			if c.says == "" {
				e.WaitReady()
				return
			}
			says(t, e, c.says)
		})
	}
}

func TestOneNetworkUnderTwoNamesIsLoggedOnceAndShown(t *testing.T) {
	one := fedtest.StartServer(t, embedded.Options{})
	settings := (&fedtest.Networks{Federation: one, Collective: one}).Config()
	settings.Collective.Servers = []string{strings.Replace(one.ClientURL(), embedded.Host, "localhost", 1)}
	var log logBook
	r := launchWith(t, settings, slog.New(slog.NewTextHandler(&log, nil)))
	fedtest.Eventually(t, "the log says so", func() bool { return log.count("are one network") == 1 })
	if err := one.Restart(); err != nil {
		t.Fatal(err)
	}
	fedtest.Eventually(t, "it is ready again", func() bool {
		ok, _ := r.Ready()
		return ok && r.Sides()[0].Events["connected"] > 2
	})
	page, err := telemetry.Serve("127.0.0.1:0", []telemetry.View{r}, telemetry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer page.Shutdown(context.Background())
	answer, err := http.Get("http://" + page.Addr().String() + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(body), "warning: federation and collective are one network") {
		t.Errorf("%d %v: %s", answer.StatusCode, err, body)
	}
	if n := log.count("are one network"); n != 1 {
		t.Errorf("logged %d times", n)
	}
}
