package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

// A troubled cluster has three instances, of which r3 is stopped, not ended. Two brokers of others
// are in the queue group: one of 2017, which publishes statistics, and go-choria's, which publishes
// nothing. Requests go to three nodes: n1 answers, silent does not, and the server denies denied.
type troubled struct {
	networks *fedtest.Networks
	all      []*process
	client   *nats.Conn
}

func startTroubled(t *testing.T) *troubled {
	c := &troubled{networks: fedtest.StartNetworks(t, embedded.Options{Tune: func(o *natsserver.Options) {
		deny := &natsserver.SubjectPermission{Deny: []string{fedtest.Node("denied")}}
		o.Users, o.NoAuthUser = []*natsserver.User{{Username: "any", Permissions: &natsserver.Permissions{Publish: deny}}}, "any"
	}})}
	for _, name := range []string{"r1", "r2", "r3"} {
		c.all = append(c.all, start(t, c.args("--identity", name, "--collective", c.networks.Collective.ClientURL(),
			"--http", "127.0.0.1:0", "--drain-replies", "0s")...))
	}
	for _, p := range c.all {
		p.ready()
	}
	c.node(t)
	c.client = fedtest.Connect(t, c.networks.Federation)
	fedtest.Eventually(t, "all answer operators", func() bool { // soon after they are ready
		all, err := service.Ask[state.Instance](t.Context(), c.client, fedtest.Cluster, service.State, nil, 200*time.Millisecond, service.Expect(3))
		return err == nil && len(all) == 3
	})
	c.ask(t, 40)
	c.all[2].freeze()
	c.brokers(t)
	return c
}

// args are the flags of every verb.
func (c *troubled) args(more ...string) []string {
	return append([]string{"--cluster", fedtest.Cluster, "--federation", c.networks.Federation.ClientURL()}, more...)
}

// node answers as n1, and is silent.
func (c *troubled) node(t *testing.T) {
	nc := fedtest.Connect(t, c.networks.Collective)
	for name, answer := range map[string]nats.MsgHandler{"silent": func(*nats.Msg) {}, "n1": func(m *nats.Msg) {
		var request struct {
			Headers struct {
				ReplyTo    string          `json:"reply-to"`
				Federation json.RawMessage `json:"federation"`
			} `json:"headers"`
		}
		if err := json.Unmarshal(m.Data, &request); err != nil {
			t.Error(err)
		}
		reply := fmt.Sprintf(`{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"mc_sender":"n1","federation":%s}}`, request.Headers.Federation)
		if err := nc.Publish(request.Headers.ReplyTo, []byte(reply)); err != nil {
			t.Error(err)
		}
	}} {
		if _, err := nc.Subscribe(fedtest.Node(name), answer); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
}

// ask sends n requests, and waits for the answers of n1.
func (c *troubled) ask(t *testing.T, n int) {
	got := make(chan *nats.Msg, n)
	if _, err := c.client.ChanSubscribe(fedtest.ReplySubject(">"), got); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		request := fedtest.Request(fmt.Sprintf("%032x", i), fedtest.Node("n1"), fedtest.Node("silent"), fedtest.Node("denied"))
		if err := c.client.Publish(fedtest.FederationSubject, []byte(request)); err != nil {
			t.Fatal(err)
		}
	}
	fedtest.Eventually(t, "n1 has answered", func() bool { return len(got) == n })
}

// brokers join the group of those that take requests.
func (c *troubled) brokers(t *testing.T) {
	for _, name := range []string{"fedbroker_london_3 @ fb3.example.net", "choria_nats_ingest"} {
		nc := fedtest.Connect(t, c.networks.Federation, nats.Name(name))
		if _, err := nc.QueueSubscribe(fedtest.FederationSubject, "london_federation", func(*nats.Msg) {}); err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	publishOld(t, c.client)
}

// end lets r3 go on, and has all instances drain.
func (c *troubled) end() {
	c.all[2].signal(syscall.SIGCONT)
	for _, p := range c.all {
		p.stop()
	}
}

func TestOneInstanceIsStoppedAndBrokersAreSilent(t *testing.T) {
	c := startTroubled(t)
	defer c.end()
	t.Run("explain", c.explained)
	t.Run("rejects", c.rejected)
	t.Run("observe", c.observed)
	t.Run("trace", c.traced)
	t.Run("check", c.checked)
	t.Run("no escapes", c.plain)
}

// shows runs a verb until it prints all that is wanted, and returns that with one blank where there
// were several. On a busy machine an instance may answer too late.
func (c *troubled) shows(t *testing.T, wanted []string, verb string, more ...string) (text string) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("%s: %s", verb, text)
		}
	}()
	fedtest.Eventually(t, fmt.Sprintf("%s prints %q", verb, wanted), func() bool {
		out, errs, code := says(t, append([]string{verb}, c.args(more...)...)...)
		text = strings.Join(strings.Fields(out), " ")
		if strings.ContainsRune(out+errs, '\x1b') {
			t.Fatalf("an escape: %q", out+errs)
		}
		ended := code == 0 || verb == "trace" // which ends with an error if there is no answer
		return ended && !slices.ContainsFunc(wanted, func(want string) bool { return !strings.Contains(text, want) })
	})
	return text
}

// explained takes a request that one of the other two had, and whose reply one of them carried.
func (c *troubled) explained(t *testing.T) {
	id := ""
	fedtest.Eventually(t, "the request is listed", func() bool {
		out, _, _ := says(t, append([]string{"explain"}, c.args("--json", "--last", "100", "--timeout", "300ms")...)...)
		var all []state.Summary
		if json.Unmarshal([]byte(out), &all) != nil {
			return false
		}
		at := slices.IndexFunc(all, func(s state.Summary) bool { return s.Targets == 3 && s.Replies == 1 })
		if at >= 0 {
			id = all[at].ID
		}
		return at >= 0
	})
	c.shows(t, []string{
		"have not answered, so what they carried is missing here: choria_nats_ingest (connected to ", "), fedbroker_london_3 @ fb3.example.net (connected to ", "), r3 COPIES",
		"confirmed 2 denied 1 the collective's server does not let the relay's login publish there",
		"NO ANSWER SEEN: 2 of 3 nodes", " mcollective.node.denied (denied by the server) mcollective.node.silent ", "fedrelay trace silent",
	}, "explain", "--timeout", "300ms", id)
}

// rejected asks for messages that were rejected: there are none, as far as one can know.
func (c *troubled) rejected(t *testing.T) {
	const want = "2 instances asked: nothing has been rejected have not answered, so what they have rejected is missing here: choria_nats_ingest "
	c.shows(t, []string{want, "), r3"}, "rejects", "--timeout", "300ms")
}

func (c *troubled) observed(t *testing.T) {
	text := c.shows(t, []string{
		"Federation Broker: london Received: ", " 3 @ fb3.example.net: Received: 20 ", " r1: Received: ", " r2: Received: ",
		"3 @ fb3.example.net: broker 0.0.25 (statistics only)",
		"choria_nats_ingest is in the queue group of london, and is no fedrelay",
		"r3 is in the queue group of london and does not answer: it still gets its part of the requests.",
	}, "observe", "--once", "--timeout", "500ms")
	for _, wrong := range []string{" r3: Received", "fedbroker_london_3"} {
		if strings.Contains(text, wrong) {
			t.Errorf("%q in %s", wrong, text)
		}
	}
}

// traced asks a node that does not answer. It may not be the node's fault. The
// verb ends with an error.
func (c *troubled) traced(t *testing.T) {
	c.shows(t, []string{"silent is subscribed", "tell nothing: choria_nats_ingest (connected to ", "fedbroker_london_3 @ fb3.example.net (connected to", ", r3", "have not answered, so how far they reach is missing here: choria_nats_ingest "},
		"trace", "--timeout", "500ms", "silent")
}

func (c *troubled) checked(t *testing.T) {
	c.shows(t, []string{
		"go-choria's federation broker is in queue group london_federation, too (connection choria_nats_ingest)",
		"Choria's federation broker of 2017 is in queue group london_federation, too (connection fedbroker_london_3 @ fb3.example.net)",
	}, "check", "--connect", "--collective", c.networks.Collective.ClientURL())
}

// plain runs the verbs that the others do not. shows looks at those.
func (c *troubled) plain(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	if out, _ := child(t, "demo").CombinedOutput(); len(out) == 0 || strings.ContainsRune(string(out), '\x1b') {
		t.Errorf("demo: %q", out)
	}
	collective := c.networks.Collective.ClientURL()
	for _, v := range []struct {
		args []string
		code int
	}{
		{append([]string{"run"}, c.args("--test", "--collective", collective)...), 0},
		{append([]string{"edge"}, c.args("--test", "--line", collective)...), 0},
		{append([]string{"config", "permissions"}, c.args("--collective", collective)...), 0},
		{[]string{"config", "example"}, 0}, {[]string{"config", "schema"}, 0}, {[]string{"keys", "new", t.TempDir() + "/keys"}, 0},
		{[]string{"version"}, 0}, {[]string{"completion", "bash"}, 0}, {[]string{"help"}, 0}, {[]string{"mistake"}, 2},
	} {
		out, errs, code := says(t, v.args...)
		if code != v.code || out+errs == "" || strings.ContainsRune(out+errs, '\x1b') {
			t.Errorf("%s, exit code %d: %q", v.args, code, out+errs)
		}
	}
}
