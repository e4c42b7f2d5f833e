package relay_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/internal/state"
)

var reloads = flag.Int("reloads", 100, "how often settings are reloaded under load, on each plane")

// knowsTwo makes a server know two users, and let everybody else in as well.
func knowsTwo() embedded.Options {
	return embedded.Options{
		Users: []*server.User{
			{Username: "old", Password: "a"}, {Username: "new", Password: "b"}, {Username: "anyone"},
		},
		Tune: func(o *server.Options) { o.NoAuthUser = "anyone" },
	}
}

// variant changes settings, by the number of the reload: rules each time, connections now and then.
func variant(c config.Config, i int) config.Config {
	c.Limits.Targets = 20_000 + i%2
	c.Trace = []string{"preserve", "always", "never"}[i%3]
	c.Compat = []string{config.CompatStrict, config.CompatPeer}[i/16%2]
	c.ReturnAddress.Mode = []string{config.ReturnPlain, config.ReturnSealed}[i/3%2]
	c.Allow.Collectives = [][]string{nil, {"mcollective"}}[i/16%2]
	c.Weight = 1 + i/24%3
	if i/10%2 == 1 {
		c.Federation.User, c.Federation.Password = "old", "a"
		c.Collective.User, c.Collective.Password = "new", "b"
	}
	return c
}

// A relay that gets other settings again and again carries everything once.
func TestNothingIsLostOrDoubledWhileSettingsAreReloaded(t *testing.T) {
	onBothKindsOfPlane(t, func(t *testing.T, set func(*config.Config)) {
		n := fedtest.StartNetworks(t, knowsTwo())
		c := n.Config()
		set(&c)
		c.ReturnAddress.Keys, _ = writeKeys(t)
		p := fedtest.StartProcess(t, c, nil)
		nodes, farm := fedtest.Nodes(8), startFarm(t, n.Collective)
		var answered atomic.Int64
		ctx, stop := context.WithCancel(t.Context())
		var asking sync.WaitGroup
		for _, name := range []string{"a", "b"} {
			a := newAsker(t, n.Federation, name)
			a.answered = &answered
			asking.Go(func() {
				if err := a.askOn(ctx, nodes, 5); err != nil {
					t.Error(err)
				}
			})
		}
		moves := 0
		for i := range *reloads {
			before := answered.Load()
			changes, err := p.Reload(variant(c, i))
			if err != nil || len(changes) == 0 && i > 0 {
				t.Fatalf("reload %d: %q, %v", i, changes, err)
			}
			if said := strings.Join(changes, ""); strings.Contains(said, "in their files") {
				t.Errorf("there are no files: %s", said)
			} else if strings.Contains(said, "password") {
				moves++
			}
			fedtest.Eventually(t, "requests are answered", func() bool { return answered.Load() > before || t.Failed() })
		}
		stop()
		asking.Wait()
		farm.once(t)
		p.WaitReady()
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
		books := p.Sources()[0].Instance()
		for _, path := range []map[string]int64{books.Request.Fates, books.Reply.Fates} {
			if len(path) != 1 || path["confirmed"] == 0 {
				t.Errorf("fates %v", path)
			}
		}
		t.Logf("%d reloads, %d with other logins, %d requests answered", *reloads, moves, answered.Load())
	})
}

// Many reloads leave nothing behind: no goroutine, no connection, no memory.
func TestReloadsLeaveNothingBehind(t *testing.T) {
	n := fedtest.StartNetworks(t, knowsTwo())
	p := fedtest.StartProcess(t, n.Config(), nil)
	reload := func(times int) {
		for i := range times {
			if _, err := p.Reload(variant(n.Config(), i%20)); err != nil && !refusedForKeys(err) {
				t.Fatal(err)
			}
		}
		if _, err := p.Reload(n.Config()); err != nil {
			t.Fatal(err)
		}
		fedtest.Eventually(t, "only the connections in use are left", func() bool {
			names, err := n.Federation.Connz()
			return err == nil && len(names) == 3 // receive, publish, service
		})
		p.WaitReady()
	}
	weigh := func() (goroutines int, heap int64) {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), int64(m.HeapAlloc)
	}
	reload(40)
	goroutines, heap := weigh()
	reload(200)
	// Connections take their time to end.
	fedtest.Within(t, fedtest.Patience, 100*time.Millisecond, "nothing more is left than before", func() bool {
		moreGoroutines, moreHeap := weigh()
		if moreGoroutines <= goroutines+3 && moreHeap-heap <= 1<<20 {
			return true
		}
		t.Logf("%d goroutines, %d before; %d bytes more", moreGoroutines, goroutines, moreHeap-heap)
		return false
	})
}

func refusedForKeys(err error) bool { return strings.Contains(err.Error(), "return_address") }

// All or nothing: what cannot be reloaded keeps everything else from being reloaded, too.
func TestAReloadThatIsRefusedChangesNothing(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	c := n.Config()
	p := fedtest.StartProcess(t, c, nil)
	for name, wrong := range map[string]struct {
		set  func(*config.Config)
		want []string
	}{
		"restarts": {func(c *config.Config) { c.Cluster, c.Pipeline.Depth, c.Federation.Name = "paris", 9, "x" }, []string{
			"cluster: needs a restart: ", "pipeline.depth: needs a restart: ", "federation.name: needs a restart: ",
		}},
		"values": {func(c *config.Config) { c.Compat, c.Limits.Hops = "loose", -1 }, []string{"compat: ", "limits.hops: "}},
		"files":  {func(c *config.Config) { c.Federation.Creds = "/nonexistent" }, []string{"federation.creds: /nonexistent: no such file"}},
		"keys": {func(c *config.Config) { c.ReturnAddress.Mode, c.ReturnAddress.Keys = "sealed", "/nonexistent" }, []string{
			"return_address.keys: /nonexistent: no such file",
		}},
		"logins": {func(c *config.Config) { c.Federation.Token, c.Federation.User, c.Federation.Password = "t", "u", "p" }, []string{"federation"}},
	} {
		next := c
		next.Limits.Targets = 1
		wrong.set(&next)
		changes, err := p.Reload(next)
		var refused *relay.RefusedError
		if !errors.As(err, &refused) || len(changes) > 0 || len(refused.Reasons) < len(wrong.want) {
			t.Errorf("%s: %q, %v", name, changes, err)
			continue
		}
		for _, want := range wrong.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not in %q", name, want, err)
			}
		}
	}
	startFarm(t, n.Collective)
	newAsker(t, n.Federation, "a").ask(t, fedtest.Nodes(2), 2) // more than one target
	if changes, err := p.Reload(c); err != nil || len(changes) > 0 {
		t.Errorf("the settings in force are others: %q, %v", changes, err)
	}
	p.Drain()
	fedtest.Eventually(t, "it is too late", func() bool {
		_, err := p.Reload(c)
		return errors.Is(err, relay.ErrEnding)
	})
}

// What is reloaded is followed: by messages, in what is subscribed to, and by the login.
func TestReloadedSettingsAreFollowed(t *testing.T) {
	n := fedtest.StartNetworks(t, knowsTwo())
	secret := filepath.Join(t.TempDir(), "password")
	write := func(text string) {
		if err := os.WriteFile(secret, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a")
	c := n.Config()
	c.Collective.User, c.Collective.Password = "old", "${file:"+secret+"}"
	p := fedtest.StartProcess(t, c, nil)
	startFarm(t, n.Collective)
	client := newAsker(t, n.Federation, "a")
	client.ask(t, fedtest.Nodes(2), 2)
	path := func() (rejected map[string]int64) { return p.Sources()[0].Instance().Request.Rejected }
	reload := func(want string, set func(*config.Config)) {
		t.Helper()
		set(&c)
		if changes, err := p.Reload(c); err != nil || !strings.Contains(strings.Join(changes, "\n"), want) {
			t.Fatalf("%q, %v; want %s", changes, err, want)
		}
	}

	reload("limits.targets: 50000 -> 1", func(c *config.Config) { c.Limits.Targets = 1 })
	if _, err := client.send(fedtest.Nodes(2), 2); err != nil {
		t.Fatal(err)
	}
	fedtest.Eventually(t, "the limit is followed", func() bool { return path()["too_many_targets"] == 1 })
	client.ask(t, fedtest.Nodes(2), 1)

	reload("allow.deny_collectives: [] -> [mcollective]", func(c *config.Config) { c.Allow.DenyCollectives = []string{"mcollective"} })
	if _, err := client.send(fedtest.Nodes(1), 1); err != nil {
		t.Fatal(err)
	}
	fedtest.Eventually(t, "the rule is followed", func() bool { return path()["not_allowed"] == 1 || len(path()) > 1 })
	reload("allow.deny_collectives", func(c *config.Config) { c.Allow.DenyCollectives = nil })

	publishes := func() bool { return p.Views()[0].Stats().(state.Statistics).Threads["stats_publisher"].Alive }
	before := publishes()
	reload("stats.publish: ", func(c *config.Config) { c.Stats.Publish = config.PublishFalse })
	if !before || publishes() {
		t.Errorf("a publisher of statistics: %v before, %v now", before, publishes())
	}

	reload("weight: 1 -> 3", func(c *config.Config) { c.Weight = 3 })
	fedtest.Eventually(t, "there are three subscriptions", func() bool { return subscriptions(t, n.Federation, fedtest.FederationSubject) == 3 })

	// A file with other contents is enough.
	connections := func() (all []time.Time) {
		for _, s := range p.Views()[0].Sides()[1].Connections {
			all = append(all, s.Since)
		}
		return all
	}
	made := connections()
	if changes, err := p.Reload(c); err != nil || len(changes) > 0 {
		t.Errorf("nothing was to do: %q, %v", changes, err)
	}
	write("wrong")
	reload("collective: credentials or certificates have changed in their files", func(*config.Config) {})
	warned := func() bool {
		return strings.Contains(strings.Join(p.Views()[0].Warnings(), "\n"), "collective: still connected as before the reload: ")
	}
	fedtest.Eventually(t, "it is warned of", warned)
	client.ask(t, fedtest.Nodes(2), 1)
	if got := connections(); !reflect.DeepEqual(got, made) {
		t.Errorf("connections were lost: %v, %v", got, made)
	}
	write("b")
	reload("collective.user: old -> new", func(c *config.Config) { c.Collective.User = "new" })
	fedtest.Eventually(t, "the new login is used", func() bool { return users(t, n.Collective)["new"] == 2 && !warned() })
	client.ask(t, fedtest.Nodes(2), 1)
}

// subscriptions returns how many there are to a subject.
func subscriptions(t *testing.T, s *embedded.Server, subject string) (n int) {
	t.Helper()
	z, err := s.Inner().Subsz(&server.SubszOptions{Subscriptions: true, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, sub := range z.Subs {
		if sub.Subject == subject {
			n++
		}
	}
	return n
}

// users returns how many connections each user of a server has.
func users(t *testing.T, s *embedded.Server) map[string]int {
	t.Helper()
	z, err := s.Inner().Connz(&server.ConnzOptions{Username: true, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]int)
	for _, c := range z.Conns {
		all[c.AuthorizedUser]++
	}
	return all
}
