package deploy

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// A served is the package on a machine, whose service reaches the collective through a proxy.
type served struct {
	*machine
	*fedtest.Networks
	members  *fedtest.Proxy
	settings string
}

const configFile = "/etc/fedrelay/fedrelay.yaml"

// A real systemd starts, reloads, watches, restarts and stops the service of the package, which is
// upgraded under load and removed.
func TestSystemdRunsThePackage(t *testing.T) {
	older, newer := deb(t, "old"), deb(t, "new")
	s := &served{machine: boot(t)}
	s.install(older)
	t.Log(strings.SplitN(s.run("systemctl", "--version"), "\n", 2)[0])
	t.Run("without settings", s.withoutSettings)
	s.serve(t)
	for _, c := range []struct {
		name string
		try  func(*testing.T)
	}{
		{"a side is away", s.sideAway},
		{"reload", s.reload},
		{"it hangs", s.hangs},
		{"it dies", s.dies},
		{"a long stop", s.longStop},
		{"upgrade", func(t *testing.T) { s.upgrade(t, newer) }},
		{"removal", s.removal},
	} {
		s.t = t
		if !t.Run(c.name, func(t *testing.T) { s.t = t; c.try(t) }) {
			t.Fatal(s.run("journalctl", "--no-pager", "--unit=fedrelay", "--lines=100", "--output=cat"))
		}
	}
}

// install copies a package to the machine and installs it. Triggers would renew the index of all
// manual pages.
func (s *served) install(file string) string {
	s.t.Helper()
	from, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(filepath.Join(s.root, "mnt", filepath.Base(file)), from, 0o644)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return s.run("dpkg", "--no-triggers", "--install", "/mnt/"+filepath.Base(file))
}

// serve starts two networks whose servers want a login, and writes the settings for a relay.
func (s *served) serve(t *testing.T) {
	t.Helper()
	s.Networks = fedtest.StartNetworks(t, embedded.Options{Tune: func(o *server.Options) {
		o.Users = []*server.User{{Username: "relay", Password: "secret"}, {Username: "load", Password: "load"}}
	}})
	s.members = fedtest.NewProxy(t, s.Collective)
	login := "user: relay, password: \"${file:/etc/fedrelay/password}\""
	s.settings = fmt.Sprintf("cluster: %s\nidentity: served\nfederation: {servers: [%q], %s}\ncollective: {servers: [%q], %s}\nhttp: {listen: \"127.0.0.1:0\"}\ndrain: {replies: 1s}\n",
		fedtest.Cluster, byName(s.Federation.ClientURL()), login, byName(s.members.URL()), login)
	s.write(configFile, s.settings)
	s.write("/etc/fedrelay/password", "secret")
}

// byName returns an address that has to be resolved.
func byName(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) }

// show returns a property of the service.
func (s *served) show(property string) string {
	s.t.Helper()
	return strings.TrimSpace(s.run("systemctl", "show", "fedrelay", "--value", "--property="+property))
}

func (s *served) untilIs(property, value string) {
	s.t.Helper()
	// Not anywhere in it: inactive is not active, and a refused reload is not ready.
	s.until(property+" is "+value, func() bool { return strings.HasPrefix(s.show(property), value) })
}

func (s *served) mustBe(property, value string) {
	s.t.Helper()
	if is := s.show(property); is != value {
		s.t.Errorf("%s is %q, not %q", property, is, value)
	}
}

// Nobody has said what to relay: starting again does not help.
func (s *served) withoutSettings(t *testing.T) {
	if said, err := s.try("systemctl", "start", "fedrelay"); err == nil {
		t.Errorf("started without settings: %s", said)
	}
	s.mustBe("ActiveState", "failed")
	s.mustBe("ExecMainStatus", "2")
	s.mustBe("NRestarts", "0")
}

// systemd waits for both sides, and says which is missing. Whoever stops waiting has done nothing
// wrong.
func (s *served) sideAway(t *testing.T) {
	s.members.Down()
	s.run("systemctl", "start", "--no-block", "fedrelay")
	s.untilIs("StatusText", "not ready: collective: not connected")
	s.mustBe("ActiveState", "activating")
	s.run("systemctl", "stop", "fedrelay")
	s.mustBe("ActiveState", "inactive")
	s.run("systemctl", "start", "--no-block", "fedrelay")
	s.untilIs("StatusText", "not ready: collective: not connected")
	s.members.Up()
	s.untilIs("ActiveState", "active")
	s.untilIs("StatusText", "ready; request 0 received")
}

// systemctl returns when the settings are in force, or when the status says that they are not. Each
// time the relay is asked once.
func (s *served) reload(t *testing.T) {
	for _, c := range []struct{ more, said, status string }{
		{"limits: {targets: 7}\n", "limits.targets: 50000 -> 7", "ready; "},
		{"trase: never\n", "unknown key", "the last reload was refused; ready; "},
		{"", "limits.targets: 7 -> 50000", "ready; "},
	} {
		s.write(configFile, s.settings+c.more)
		s.run("systemctl", "reload", "fedrelay")
		if status := s.show("StatusText"); !strings.HasPrefix(status, c.status) {
			t.Errorf("after a reload the status is %s", status)
		}
		s.until(c.said, func() bool { return strings.Contains(s.said(), c.said) })
	}
	if n := strings.Count(s.said(), `"by":"SIGHUP"`); n != 3 {
		t.Errorf("three reloads were %d", n)
	}
	s.mustBe("ActiveState", "active")
	s.mustBe("NRestarts", "0")
}

// said returns what the process has logged that runs now.
func (s *served) said() string {
	s.t.Helper()
	return s.run("journalctl", "--no-pager", "--output=cat", "_PID="+s.show("MainPID"))
}

// metrics returns those of the process that runs now.
func (s *served) metrics() string {
	s.t.Helper()
	_, after, _ := strings.Cut(s.said(), `"http":"`)
	address, _, _ := strings.Cut(after, `"`)
	response, err := scraper.Get("http://" + address + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// override changes the unit, because a test need not wait for as long as an operator may want.
func (s *served) override(line string) {
	s.t.Helper()
	s.run("mkdir", "-p", "/run/systemd/system/fedrelay.service.d")
	s.write("/run/systemd/system/fedrelay.service.d/test.conf", "[Service]\n"+line+"\n")
	s.run("systemctl", "daemon-reload")
	s.run("systemctl", "restart", "fedrelay")
}

// A process that does nothing any more is ended and started again.
func (s *served) hangs(t *testing.T) {
	s.mustBe("WatchdogUSec", "30s")
	s.override("WatchdogSec=3") // a busy machine may take a second for one sign of life
	s.run("systemctl", "kill", "--signal=STOP", "fedrelay")
	s.untilIs("NRestarts", "1")
	s.untilIs("ActiveState", "active")
	if said := s.run("journalctl", "--no-pager", "--unit=fedrelay"); !strings.Contains(said, "Watchdog timeout") {
		t.Error("it was not the watchdog")
	}
	s.override("WatchdogSec=30")
}

// systemd gives a relay more time to drain if its settings need it, here for a reply that does not
// come.
func (s *served) longStop(t *testing.T) {
	s.write(configFile, s.settings[:strings.Index(s.settings, "drain:")]+"drain: {replies: 3s}\n")
	s.override("TimeoutStopSec=1")
	clients := fedtest.NewTap(t, s.Federation, nats.UserInfo("load", "load"))
	nodes := fedtest.NewTap(t, s.Collective, nats.UserInfo("load", "load"))
	clients.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Node("n1")))
	nodes.Until(fedtest.Node("n1"))
	began := time.Now()
	s.run("systemctl", "stop", "fedrelay")
	if took := time.Since(began); took < 2*time.Second {
		t.Errorf("it has not waited, but ended after %s", took)
	}
	s.mustBe("Result", "success")
	s.write(configFile, s.settings)
	s.override("TimeoutStopSec=60")
}

// Go ends a process that panics in the same way as one that gets SIGQUIT. The kernel ends one with
// SIGKILL that takes too much memory.
func (s *served) dies(t *testing.T) {
	for i, signal := range []string{"QUIT", "KILL"} {
		s.run("systemctl", "kill", "--signal="+signal, "fedrelay")
		s.untilIs("NRestarts", fmt.Sprint(i+1))
		s.untilIs("ActiveState", "active")
	}
}

// While a second relay runs beside it, the service is restarted, upgraded and stopped under load.
func (s *served) upgrade(t *testing.T, newer string) {
	c := s.Config()
	for _, side := range []*config.Side{&c.Federation, &c.Collective} {
		side.User, side.Password = "load", "load"
	}
	fedtest.StartRelay(t, c)
	traffic := startTraffic(t, s.Networks, nats.UserInfo("load", "load"))
	carries := func() {
		t.Helper()
		traffic.more(500)
		s.until("the service carries some", func() bool { return acceptedReplies.MatchString(s.metrics()) })
	}
	carries()
	s.run("systemctl", "restart", "fedrelay")
	carries()
	before := s.version()
	s.install(newer)
	carries()
	if after := s.version(); after == before {
		t.Errorf("version %s runs on", before)
	}
	s.run("systemctl", "stop", "fedrelay")
	s.mustBe("ActiveState", "inactive")
	s.run("systemctl", "enable", "--now", "fedrelay")
	carries()
	traffic.end()
}

var (
	acceptedReplies = regexp.MustCompile(`fedrelay_messages_total\{path="reply",fate="accepted",reason=""\} [1-9]`)
	versionLabel    = regexp.MustCompile(`fedrelay_build_info\{version="([^"]*)"`)
)

// version returns that of the process that runs now.
func (s *served) version() string {
	s.t.Helper()
	found := versionLabel.FindStringSubmatch(s.metrics())
	if found == nil {
		s.t.Fatal("no version in the metrics")
	}
	return found[1]
}

func (s *served) removal(t *testing.T) {
	s.run("dpkg", "--no-triggers", "--remove", "fedrelay")
	s.mustBe("LoadState", "not-found")
	s.mustBe("ActiveState", "inactive")
	s.run("rm", "/etc/fedrelay/password")
	s.run("dpkg", "--no-triggers", "--purge", "fedrelay")
	left := s.run("find", "/etc", "/usr", "/var/lib", "/run", "-xdev", "-iname", "*fedrelay*", "-not", "-path", "/run/systemd/*")
	if left != "" {
		t.Errorf("a purge leaves %s", left)
	}
}
