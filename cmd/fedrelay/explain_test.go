package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

// remembering is an instance that has documents.
type remembering struct {
	name     string
	request  state.Request
	rejected []state.Rejection
}

func (r *remembering) Instance() state.Instance {
	return state.Instance{Schema: state.Schema, Cluster: fedtest.Cluster, Identity: r.name}
}

func (r *remembering) Requests(n int) []state.Summary {
	all := []state.Summary{{ID: r.request.ID, First: r.request.First, Targets: r.request.Targets, Replies: r.request.Replies}}
	if r.request.ID == "" {
		return nil
	}
	return all[:min(n, len(all))]
}

func (r *remembering) Request(id string) (state.Request, bool) { return r.request, id == r.request.ID }

func (r *remembering) Rejections(n int) []state.Rejection {
	return r.rejected[:min(n, len(r.rejected))]
}
func (r *remembering) Probe(context.Context, string) state.Probe { return state.Probe{} }

// launch has r answer operators at a server until the test ends.
func (r *remembering) launch(t *testing.T, s *embedded.Server) {
	t.Helper()
	launch(t, s, r.name, r)
}

// launch has a source answer operators at a server until the test ends.
func launch(t *testing.T, s *embedded.Server, name string, source state.Source) {
	t.Helper()
	endpoint, err := link.NewEndpoint(link.Federation, config.Side{Servers: []string{s.ClientURL()}})
	if err != nil {
		t.Fatal(err)
	}
	server := service.New(service.Options{
		Endpoint: endpoint, Duties: service.Duties{Answer: true, Publish: config.PublishFalse},
		Instances: []service.Instance{{Cluster: fedtest.Cluster, Identity: name, Source: source}},
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		server.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
}

// says runs the program, and returns what it prints and its exit code.
func says(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs strings.Builder
	root := app()
	root.Writer, root.ErrWriter = &out, &errs
	args = append([]string{"fedrelay"}, args...)
	if err := root.Run(t.Context(), command.HelpFirst(root, args)); err != nil {
		code = report(&errs, err)
	}
	return out.String(), errs.String(), code
}

var came = time.Date(2026, 11, 28, 5, 12, 41, 123e6, time.UTC)

// Two instances, one of which knows the request; a broker that answers nothing.
func TestInstancesExplainARequestTogether(t *testing.T) {
	s := fedtest.StartServer(t, embedded.Options{})
	one := &remembering{name: "relay1", request: state.Request{
		Schema: state.Schema, ID: "8f2a", Cluster: fedtest.Cluster, Identity: "relay1", First: came, Messages: 1, Targets: 2,
		Copies: map[string]int64{"confirmed": 2}, Names: []string{fedtest.Node("a"), fedtest.Node("b")},
		Replies: 1, FirstReply: came.Add(time.Second), LastReply: came.Add(time.Second), Answered: []uint32{state.Mark([]byte("a"))},
	}}
	one.launch(t, s)
	two := &remembering{name: "relay2", rejected: []state.Rejection{{At: came, Cluster: fedtest.Cluster, Identity: "relay2", Path: "request", Reason: "wildcard", Size: 9}}}
	two.launch(t, s)
	broker := fedtest.Connect(t, s, nats.Name("fedbroker_london_fb1"))
	if _, err := broker.QueueSubscribe(fedtest.FederationSubject, "london_federation", func(*nats.Msg) {}); err != nil {
		t.Fatal(err)
	}
	at := []string{"--cluster", fedtest.Cluster, "--federation", s.ClientURL(), "--timeout", "500ms"}
	run := func(args ...string) (string, string, int) { return says(t, append(args, at...)...) }
	fedtest.Eventually(t, "both answer", func() bool {
		out, _, _ := run("explain", "--json", "8f2a")
		var e state.Explanation
		return json.Unmarshal([]byte(out), &e) == nil && len(e.Instances) == 2 && len(e.Silent) == 1 && len(e.Together.Missing) == 1
	})
	out, errs, code := run("explain", "8f2a")
	for _, want := range []string{
		"request 8f2a\n", "\nrelay1    +0.000s        2        2      0        1     +1.000s\nknow nothing of it: relay2\n",
		"have not answered, so what they carried is missing here: fedbroker_london_fb1", "\nNO ANSWER SEEN: 1 of 2 nodes\n", "any of these nodes may have answered.\n  mcollective.node.b\n",
	} {
		if !strings.Contains(out, want) || errs != "" || code != 0 {
			t.Errorf("no %q, exit code %d, in\n%s%s", want, code, out, errs)
		}
	}
	const listed = "\n8f2a                              05:12:41        2        1\n\n" +
		"have not answered, so requests that only they have seen are missing here:\nfedbroker_london_fb1 (connected to\n"
	if out, errs, code := run("explain"); !strings.Contains(out, listed) || errs != "" || code != 0 {
		t.Errorf("list, exit code %d:\n%s%s", code, out, errs)
	}
	if out, errs, code := run("explain", "unknown"); out != "" || code != 1 || !strings.Contains(errs, `none of 2 instances of cluster london knows request "unknown"; it may have gone through one of these, which do not answer: fedbroker_london_fb1`) {
		t.Errorf("unknown, exit code %d:\n%s%s", code, out, errs)
	}
	if out, errs, code := run("rejects"); !strings.Contains(out, "  rejected on the request path: wildcard, 9 bytes\n") || !strings.Contains(out, "WHAT TO DO\n") ||
		!strings.Contains(out, "\n\nhave not answered, so what they have rejected is missing here:\nfedbroker_london_fb1 (connected to\n") || errs != "" || code != 0 {
		t.Errorf("rejects, exit code %d:\n%s%s", code, out, errs)
	}
	const warned = "fedrelay: warning: have not answered, so what they know is missing: fedbroker_london_fb1 (connected to "
	for verb, want := range map[string]string{"rejects": `"reason": "wildcard"`, "explain": `"id": "8f2a"`} {
		if out, errs, _ := run(verb, "--json"); !strings.Contains(out, want) || !strings.HasPrefix(errs, warned) {
			t.Errorf("%s as JSON:\n%s%s", verb, out, errs)
		}
	}
	if _, errs, code := run("explain", "a", "b"); code != 2 || !strings.Contains(errs, "want one request at most, got 2") {
		t.Errorf("two requests, exit code %d: %s", code, errs)
	}
	if _, errs, code := says(t, "rejects", "--cluster", "tokyo", "--federation", s.ClientURL(), "--timeout", "10s"); code != 1 ||
		!strings.Contains(errs, "no instance listens to questions") || !strings.Contains(errs, "no instance of cluster tokyo answers") {
		t.Errorf("nobody, exit code %d: %s", code, errs)
	}
}

// awaitAnswer waits until an instance answers operators. A question may be lost while the instance
// tries what its login may do.
func awaitAnswer(t *testing.T, operator *nats.Conn) {
	t.Helper()
	fedtest.Eventually(t, "an instance answers", func() bool {
		m, err := operator.Request(service.Subject(fedtest.Cluster, service.State), nil, 500*time.Millisecond)
		return err == nil && len(m.Data) > 0
	})
}

// New rejections are printed once, each on a line.
func TestRejectsAreFollowed(t *testing.T) {
	s := fedtest.StartServer(t, embedded.Options{})
	one := &remembering{name: "relay1"}
	for i := range 3 {
		one.rejected = append(one.rejected, state.Rejection{At: came.Add(time.Duration(-i) * time.Second), Cluster: fedtest.Cluster, Identity: "relay1", Reason: "loop"})
	}
	one.launch(t, s)
	awaitAnswer(t, fedtest.Connect(t, s))
	broker := fedtest.Connect(t, s, nats.Name("fedbroker_london_fb1"))
	if _, err := broker.QueueSubscribe(fedtest.FederationSubject, "london_federation", func(*nats.Msg) {}); err != nil {
		t.Fatal(err)
	}
	if err := broker.Flush(); err != nil {
		t.Fatal(err)
	}
	cmd := child(t, "rejects", "--cluster", fedtest.Cluster, "--federation", s.ClientURL(), "--timeout", "50ms", "--interval", "100ms", "--follow", "--json", "--last", "2")
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(out)
	for i := range 2 {
		var r state.Rejection
		if err := d.Decode(&r); err != nil || !r.At.Equal(came.Add(time.Duration(i-1)*time.Second)) {
			t.Errorf("%+v, %v", r, err)
		}
	}
	asked := func() bool {
		v, err := s.Inner().Varz(&natsserver.VarzOptions{})
		return err == nil && v.InMsgs > 8
	}
	fedtest.Eventually(t, "it has asked several times", asked)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var again state.Rejection
	if d.Decode(&again) == nil {
		t.Errorf("printed again: %+v", again)
	}
	_ = cmd.Wait()
	if !strings.HasPrefix(errs.String(), "fedrelay: warning: have not answered, so what they know is missing: fedbroker_london_fb1 ") {
		t.Errorf("who is silent: %s", errs.String())
	}
}

// Who may not ask is told which rights to add, and none that would take others away.
func TestAnOperatorWithoutRightsIsToldWhichToAdd(t *testing.T) {
	x := &natsserver.SubjectPermission{Allow: []string{"x"}}
	users := []*natsserver.User{
		{Username: "publish", Password: "p", Permissions: &natsserver.Permissions{Publish: x}},
		{Username: "subscribe", Password: "p", Permissions: &natsserver.Permissions{Subscribe: x}},
	}
	s := fedtest.StartServer(t, embedded.Options{Users: users})
	for kind, subject := range map[string]string{"publish": "choria.federation.*.fedrelay.*", "subscribe": "_INBOX.>"} {
		_, errs, code := says(t, "rejects", "--cluster", fedtest.Cluster, "--federation", s.ClientURL(), "--fed-user", kind, "--fed-password", "p")
		want := "add to the list in the permissions of this user: " + kind + `: { allow: ["` + subject + `"] } (`
		if code != 1 || !strings.Contains(errs, want) {
			t.Errorf("exit code %d: %s", code, errs)
		}
	}
}
