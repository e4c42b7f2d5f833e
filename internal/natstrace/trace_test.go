package natstrace

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// connect connects once.
func connect(t *testing.T, url string, o ...nats.Option) *nats.Conn {
	t.Helper()
	closed := make(chan struct{})
	o = append(o, nats.NoReconnect(), nats.ClosedHandler(func(*nats.Conn) { close(closed) }))
	nc, err := nats.Connect(url, o...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close(); <-closed })
	return nc
}

// route makes servers one cluster of that name.
func route(name string, to *embedded.Server) func(*natsserver.Options) {
	return func(o *natsserver.Options) {
		o.Cluster = natsserver.ClusterOpts{Name: name, Host: embedded.Host, Port: natsserver.RANDOM_PORT}
		if to != nil {
			o.Routes = natsserver.RoutesFromStr("nats://" + to.Inner().ClusterAddr().String())
		}
	}
}

// listen subscribes, and fails the test if it gets a message.
func listen(t *testing.T, nc *nats.Conn, subject, queue string) {
	t.Helper()
	_, err := nc.QueueSubscribe(subject, queue, func(m *nats.Msg) { t.Errorf("delivered: %s %q", m.Subject, m.Header) })
	natstest.Succeeds(t, err)
	natstest.Succeeds(t, nc.Flush())
}

func trace(t *testing.T, nc *nats.Conn, subject string) Result {
	t.Helper()
	r, err := Trace(t.Context(), nc, subject)
	if err != nil {
		t.Fatalf("%s: %v", subject, err)
	}
	return r
}

// until traces again until want says that the interest is known to all servers.
func until(t *testing.T, nc *nats.Conn, subject string, want func(Result) bool) (r Result) {
	t.Helper()
	natstest.Eventually(t, "the way to "+subject, func() bool { r = trace(t, nc, subject); return want(r) })
	return r
}

// way is a result in one line.
func way(r Result) string {
	var all []string
	for _, s := range r.Servers {
		line := fmt.Sprintf("%s<%s %s", s.Name, s.From, s.FromName)
		for _, e := range s.To {
			line += fmt.Sprintf(">%s %s", e.Kind, strings.TrimSpace(e.Name+" "+e.Queue))
		}
		all = append(all, line)
	}
	return strings.Join(all, "; ")
}

func isFound(r Result) bool { return r.Found() == Yes && r.Complete }

func TestAWayLeadsOverRoutesAndLeafNodes(t *testing.T) {
	n1 := natstest.Start(t, embedded.Options{Name: "n1", Leaf: embedded.Leaf{Listen: true}, Tune: route("hub", nil)})
	n2 := natstest.Start(t, embedded.Options{Name: "n2", Tune: route("hub", n1)})
	far := natstest.Start(t, embedded.Options{Name: "far", Leaf: embedded.Leaf{Hub: n1.LeafAddress()}})
	listen(t, connect(t, far.ClientURL(), nats.Name("web1")), "node.web1", "")
	listen(t, connect(t, n1.ClientURL(), nats.Name("member")), "shared", "group")
	asker := connect(t, n2.ClientURL(), nats.Name("relay"))

	r := until(t, asker, "node.web1", isFound)
	if got, want := way(r), "n2<client relay>route n1; n1<route n2>leaf far; far<leaf n1>client web1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if s := r.Servers[2]; s.Hop != "1.1" || s.Version == "" || s.Account == "" || r.Servers[0].Cluster != "hub" {
		t.Errorf("servers: %+v", r.Servers)
	}
	if got := r.Receivers(); len(got) != 1 || got[0].Name != "web1" {
		t.Errorf("receivers: %+v", got)
	}
	r = until(t, asker, "shared", isFound)
	if got, want := way(r), "n2<client relay>route n1; n1<route n2>client member group"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if r := trace(t, asker, "nobody.at.all"); r.Found() != No || !r.Complete {
		t.Errorf("nobody: %s in %s", r.Found(), way(r))
	}
}

func TestAWayLeadsOverGateways(t *testing.T) {
	gateway := func(name string, to *embedded.Server) func(*natsserver.Options) {
		return func(o *natsserver.Options) {
			o.Gateway = natsserver.GatewayOpts{Name: name, Host: embedded.Host, Port: natsserver.RANDOM_PORT}
			if to != nil {
				urls := natsserver.RoutesFromStr("nats://" + to.Inner().GatewayAddr().String())
				o.Gateway.Gateways = []*natsserver.RemoteGatewayOpts{{Name: "east", URLs: urls}}
			}
		}
	}
	east := natstest.Start(t, embedded.Options{Name: "e1", Tune: gateway("east", nil)})
	west := natstest.Start(t, embedded.Options{Name: "w1", Tune: gateway("west", east)})
	listen(t, connect(t, west.ClientURL(), nats.Name("web1")), "node.web1", "")
	r := until(t, connect(t, east.ClientURL(), nats.Name("relay")), "node.web1", isFound)
	if got, want := way(r), "e1<client relay>gateway w1; w1<gateway e1>client web1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A server names one member of a group by chance. Asked often enough, it names them all.
func TestASampleNamesEachMemberOfAGroup(t *testing.T) {
	s := natstest.Start(t, embedded.Options{})
	want := map[string]bool{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		listen(t, connect(t, s.ClientURL(), nats.Name(name)), "shared", "group")
		want[name] = true
	}
	asker := connect(t, s.ClientURL(), nats.Name("asker"))
	ways, err := Sample(t.Context(), asker, "shared", 200)
	if err != nil || len(ways) != 200 {
		t.Fatalf("%d ways, %v", len(ways), err)
	}
	for _, w := range ways {
		if !isFound(w) || len(w.Receivers()) != 1 {
			t.Fatalf("%s", way(w))
		}
		delete(want, w.Receivers()[0].Name)
	}
	if len(want) > 0 {
		t.Errorf("not named: %v", want)
	}
	if ways, err := Sample(t.Context(), asker, "nobody", 200); err != nil || len(ways) != 1 || ways[0].Found() != No {
		t.Errorf("nobody: %d ways, %v", len(ways), err)
	}
}

// Servers quote subjects in their errors.
func TestQuotesAreLeftAsTheyAre(t *testing.T) {
	if got := printable("for \"a.b\"\x1b\n"); got != `for "a.b"\x1b\n` {
		t.Error(got)
	}
}

func TestRights(t *testing.T) {
	user := func(name string, publish, subscribe *natsserver.SubjectPermission) *natsserver.User {
		return &natsserver.User{Username: name, Permissions: &natsserver.Permissions{Publish: publish, Subscribe: subscribe}}
	}
	allow := func(subjects ...string) *natsserver.SubjectPermission {
		return &natsserver.SubjectPermission{Allow: subjects}
	}
	s := natstest.Start(t, embedded.Options{Users: []*natsserver.User{
		user("any", nil, nil), user("narrow", allow("node.web1", "_INBOX.>"), allow("_INBOX.>")),
		user("mute", allow("node.web1"), nil), user("deaf", nil, allow("other")),
		user("fussy", nil, &natsserver.SubjectPermission{Deny: []string{"node.web1"}}),
	}})
	login := func(name string) *nats.Conn {
		return connect(t, s.ClientURL(), nats.Name(name), nats.UserInfo(name, ""))
	}
	listen(t, login("any"), "node.web1", "")
	narrow := login("narrow")

	if r := trace(t, narrow, "node.web1"); r.Found() != Yes {
		t.Errorf("allowed: %s", way(r))
	}
	if r := trace(t, narrow, "node.web2"); r.Found() != Denied || !strings.Contains(r.Servers[0].Error, "node.web2") {
		t.Errorf("denied: %s in %+v", r.Found(), r)
	}
	// The last error of the connection is one about another subject now.
	if r := trace(t, narrow, "node.web1"); r.Found() != Yes {
		t.Errorf("allowed after a refusal: %s", way(r))
	}
	for name, publish := range map[string]bool{"mute": true, "deaf": false} {
		_, err := Trace(t.Context(), login(name), "node.web1")
		var inbox *InboxError
		if !errors.As(err, &inbox) || inbox.Publish != publish || !strings.Contains(err.Error(), `"_INBOX.>"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
	listen(t, login("fussy"), "node.>", "") // is denied a part, and counts as nobody there
	if r := trace(t, narrow, "node.web1"); len(r.Receivers()) != 1 {
		t.Errorf("with somebody who is denied: %s", way(r))
	}
}

// accounts makes account B export the service svc, which A imports as imp.
func accounts(o *natsserver.Options) {
	a, b := natsserver.NewAccount("A"), natsserver.NewAccount("B")
	o.Accounts = []*natsserver.Account{a, b}
	o.Users = []*natsserver.User{{Username: "a", Account: a}, {Username: "b", Account: b}}
	if err := errors.Join(b.AddServiceExport("svc", nil), a.AddServiceImport(b, "imp", "svc")); err != nil {
		panic(err)
	}
}

func TestATraceEndsAtAServiceImport(t *testing.T) {
	s := natstest.Start(t, embedded.Options{Tune: accounts})
	listen(t, connect(t, s.ClientURL(), nats.UserInfo("b", "")), "svc", "")
	r := trace(t, connect(t, s.ClientURL(), nats.UserInfo("a", "")), "imp")
	if r.Found() != Unknown || !strings.Contains(r.Servers[0].Ends, "svc of account B") {
		t.Errorf("%s in %+v", r.Found(), r)
	}
}

// An old server would deliver the message.
func TestNothingIsPublishedAtAnOldServer(t *testing.T) {
	for _, version := range []string{"2.10.29", "2.9.25", "1.4.1", "", "2.11.0-preview.2", "2.11", "x.11.0"} {
		heard := make(chan string, 100)
		address := natstest.Server(t, func(c *natstest.Conn) {
			c.Welcome(strings.Replace(natstest.Info, "2.10.0", version, 1))
			c.Converse(func(line string) bool { heard <- line; return true })
		})
		nc := connect(t, "nats://"+address)
		ctx, cancel := context.WithTimeout(t.Context(), natstest.Patience)
		_, err := Trace(ctx, nc, "node.web1")
		cancel()
		var old *VersionError
		if !errors.As(err, &old) || old.Version != version {
			t.Errorf("version %q: %v", version, err)
		}
		natstest.Succeeds(t, nc.Flush())
		if len(heard) > 0 {
			t.Errorf("version %q: the server has got %q", version, <-heard)
		}
	}
	for _, version := range []string{"2.11.0", "2.11.1-RC.1", "2.15.2", "3.0.0"} {
		if !traces(version) {
			t.Errorf("version %s counts as old", version)
		}
	}
}

func TestAConnectionThatReconnectsIsRefused(t *testing.T) {
	s := natstest.Start(t, embedded.Options{})
	if _, err := Trace(t.Context(), natstest.Client(t, s.ClientURL()), "a"); err == nil || !strings.Contains(err.Error(), "reconnect") {
		t.Errorf("error %v", err)
	}
}

func TestOnlyLiteralSubjectsAreTraced(t *testing.T) {
	s := natstest.Start(t, embedded.Options{})
	nc := connect(t, s.ClientURL())
	for _, subject := range []string{"", "a.*", ">", "a..b", "a b", "a\r\nPUB x"} {
		if _, err := Trace(t.Context(), nc, subject); err == nil || !strings.Contains(err.Error(), "no subject") {
			t.Errorf("%q: %v", subject, err)
		}
	}
}

// A server that says it is new, and then sends no trace.
func TestASilentServer(t *testing.T) {
	address := natstest.Server(t, func(c *natstest.Conn) {
		c.Welcome(strings.Replace(natstest.Info, "2.10.0", "2.15.2", 1))
		c.AnswerPings()
	})
	nc := connect(t, "nats://"+address)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Trace(ctx, nc, "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("within its time: %v", err)
	}
	if _, err := retry(t.Context(), func(int) (Result, error) { return Result{}, nil }); !errors.Is(err, ErrSilent) {
		t.Errorf("after all attempts: %v", err)
	}
}

func TestServersMayAnswerInAnyOrder(t *testing.T) {
	event := func(name, hop string, hops int) []byte {
		return fmt.Appendf(nil, `{"server":{"name":%q},"request":{"header":{"Nats-Trace-Hop":[%q]}},"hops":%d,"events":[]}`, name, hop, hops)
	}
	var answers tally
	for _, e := range [][]byte{event("c", "1.1", 0), event("b", "1", 1), event("d", "2", 0), event("b", "1", 1)} {
		natstest.Succeeds(t, answers.add(e))
		if answers.complete() {
			t.Error("complete without the first server")
		}
	}
	natstest.Succeeds(t, answers.add(event("a", "", 2)))
	names := ""
	for _, s := range arranged(answers.servers) {
		names += s.Name
	}
	if !answers.complete() || names != "abcd" {
		t.Errorf("complete: %v, servers %s", answers.complete(), names)
	}
	if answers.add([]byte("{")) == nil {
		t.Error("half an event was taken")
	}
	if err := answers.add(event("z", "3", 1<<40)); err != nil || len(answers.places) > mostServers {
		t.Errorf("%v, %d places", err, len(answers.places))
	}
}

// A server whose further servers do not answer is tried again, and the result says that it is not
// complete.
func TestWhatIsMissingIsSaid(t *testing.T) {
	tried := 0
	r, err := retry(t.Context(), func(n int) (Result, error) {
		tried++
		return Result{Servers: make([]Server, 2-n%2)}, nil
	})
	if err != nil || tried != attempts || r.Complete || len(r.Servers) != 2 || r.Found() != Unknown {
		t.Errorf("%v after %d attempts: %+v", err, tried, r)
	}
}
