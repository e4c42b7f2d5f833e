package client_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/client"
	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/seal"
	"github.com/fedrelay/fedrelay/internal/toy"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

func TestAllNodesAnswer(t *testing.T) {
	for name, o := range map[string]client.Options{
		"single": {SingleReplies: true}, "bundles": {}, "compact": {Compact: true}, "compact, single": {Compact: true, SingleReplies: true},
	} {
		for _, version := range []fleet.Version{fleet.V1, fleet.V2} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, 450, fleet.NodesOptions{Version: version, ReplyBytes: 100})
				r := w.request()
				result, replies := ask(t, w.client(t, o), r)
				equal(t, "answered", result.Answered, r.Nodes)
				equal(t, "replies", senders(replies), r.Nodes)
				equal(t, "sent", result.Sent.Messages, map[bool]int{true: 1, false: 3}[o.Compact])
				equal(t, "bundles", result.Bundles, map[bool]int{true: 0, false: result.Received.Messages}[o.SingleReplies])
				if result.Err != nil || result.Silent != nil || result.Rejected != nil || result.Unread != 0 {
					t.Errorf("%+v", result)
				}
				checkReply(t, replies[0], version)
			})
		}
	}
}

func checkReply(t *testing.T, r *client.Reply, version fleet.Version) {
	t.Helper()
	hops := r.Trace()
	if int(r.Version) != int(version) || r.Status != client.InTime || time.Since(r.Received) > time.Minute || len(hops) != 4 || hops[2].By != r.Sender {
		t.Errorf("%+v, %q", r, hops)
	}
	if len(r.Secure) == 0 || r.Secure[0] != '{' {
		t.Errorf("%.100s", r.Secure)
	}
}

func TestSilentNodesAreNamed(t *testing.T) {
	behaviour := fleet.Behaviour{Loss: 0.01}
	for _, o := range []client.Options{{}, {Compact: true}} {
		w := newWorld(t, 10_000, fleet.NodesOptions{Behaviour: behaviour, ReplyBytes: 100})
		r := w.request()
		dice := behaviour.Dice(r.ID)
		var silent []string
		for i, name := range r.Nodes {
			if dice.Silent(i) {
				silent = append(silent, name)
			}
		}
		r.Expect = len(r.Nodes) - len(silent)
		result, replies := ask(t, w.client(t, o), r)
		equal(t, "silent", result.Silent, silent)
		equal(t, "answered", len(result.Answered), r.Expect)
		equal(t, "replies", len(replies), r.Expect)
		if len(silent) < 50 || result.Err != nil {
			t.Error(len(silent), result.Err)
		}
	}
}

func TestARelayIsRestartedMeanwhile(t *testing.T) {
	restart(t, fedtest.StartNetworks(t, embedded.Options{}), (*fedtest.Networks).Config, client.Options{})
}

func TestAnEdgeIsRestartedMeanwhile(t *testing.T) {
	networks := fedtest.StartLine(t, embedded.Options{})
	fedtest.StartRelay(t, networks.Config())
	restart(t, networks, (*fedtest.Networks).EdgeConfig, client.Options{Compact: true})
}

// restart replaces the relay or edge of that configuration, while nodes answer.
func restart(t *testing.T, networks *fedtest.Networks, settings func(*fedtest.Networks) config.Config, o client.Options) {
	first := fedtest.StartRelay(t, settings(networks))
	w := &world{networks: networks}
	delay := must(fleet.ParseDelay("uniform:50ms..500ms"))
	w.populate(t, 2000, fleet.NodesOptions{Behaviour: fleet.Behaviour{Delay: delay}})
	r := w.request()
	call := start(t, w.client(t, o), r)
	n := 0
	for range call.Replies() {
		if n++; n == 200 {
			fedtest.StartRelay(t, settings(networks))
			if err := first.Stop(); err != nil {
				t.Error(err)
			}
		}
	}
	result := call.Close()
	equal(t, "answered", result.Answered, r.Nodes)
	if n != len(r.Nodes) || result.Repeated != nil || result.Err != nil {
		t.Errorf("%d replies, repeated %v, %v", n, result.Repeated, result.Err)
	}
}

func TestWhatTheServerDeniesIsSaid(t *testing.T) {
	for denied, permissions := range map[string]*server.Permissions{
		"Publish":      {Publish: &server.SubjectPermission{Deny: []string{fedtest.FederationSubject}}},
		"Subscription": {Subscribe: &server.SubjectPermission{Deny: []string{"*.reply.>"}}},
	} {
		s := fedtest.StartServer(t, embedded.Options{Users: []*server.User{{Username: "alice", Password: "p", Permissions: permissions}}})
		nc := fedtest.Connect(t, s, nats.UserInfo("alice", "p"), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
		call := start(t, newClient(t, nc, client.Options{}), &client.Request{ID: id, Secure: secure(), Nodes: []string{"web1"}, Wait: time.Hour})
		if err := nc.FlushTimeout(fedtest.Patience); err != nil {
			t.Fatal(err)
		}
		result := call.Close()
		wantError(t, result.Err, "does not let this login ask", denied)
		equal(t, "silent", result.Silent, []string{"web1"})
	}
}

// For a client an edge is a relay, and what they seal stays between them.
func TestEdgesAndSealsMakeNoDifference(t *testing.T) {
	for _, mode := range []string{config.ReturnPlain, config.ReturnRequire} {
		networks := fedtest.StartLine(t, embedded.Options{})
		keys := keyFile(t)
		for _, c := range []config.Config{networks.Config(), networks.EdgeConfig()} {
			c.ReturnAddress.Mode, c.ReturnAddress.Keys = mode, keys
			fedtest.StartRelay(t, c)
		}
		w := &world{networks: networks}
		w.populate(t, 450, fleet.NodesOptions{ReplyBytes: 100})
		for _, o := range []client.Options{{}, {SingleReplies: true}, {Compact: true}, {Compact: true, SingleReplies: true}} {
			r := w.request()
			result, replies := ask(t, w.client(t, o), r)
			equal(t, "replies", senders(replies), r.Nodes)
			equal(t, "answered", result.Answered, r.Nodes)
			equal(t, "bundled", result.Bundles > 0 && !result.JSONOnly, !o.SingleReplies)
			if result.Err != nil || result.Rejected != nil || result.Repeated != nil {
				t.Errorf("%s, %+v: %+v", mode, o, result)
			}
		}
	}
}

// A relay that reads only JSON sends single replies to the subject with the mark.
func TestARelayThatReadsOnlyJSONIsNoticed(t *testing.T) {
	networks := fedtest.StartNetworks(t, embedded.Options{})
	relay := &toy.Relay{Cluster: fedtest.Cluster}
	relay.Start(t, networks.Federation.ClientURL(), networks.Collective.ClientURL())
	w := &world{networks: networks}
	w.populate(t, 300, fleet.NodesOptions{})
	for _, o := range []client.Options{{}, {SingleReplies: true}} {
		r := w.request()
		result, _ := ask(t, w.client(t, o), r)
		equal(t, "answered", result.Answered, r.Nodes)
		equal(t, "noticed", result.JSONOnly, !o.SingleReplies)
	}
}

func keyFile(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "keys")
	keys := must(seal.NewKeys(seal.Generate(time.Now().Add(-time.Hour))))
	if err := os.WriteFile(path, keys.AppendFile(nil), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestABroadcastIsAnsweredByWhoHearsIt(t *testing.T) {
	w := newWorld(t, 300, fleet.NodesOptions{})
	r := w.request()
	names := r.Nodes
	r.Nodes, r.Agent, r.Expect = nil, "rpcutil", len(names)
	result, replies := ask(t, w.client(t, client.Options{}), r)
	equal(t, "replies", senders(replies), names)
	slices.Sort(result.Answered)
	equal(t, "answered", result.Answered, names)
	equal(t, "asked and silent", []int{result.Asked, len(result.Silent)}, []int{0, 0})
}

func TestBundlesAndSingleRepliesAreTaken(t *testing.T) {
	p := newPage(t, client.Options{}, embedded.Options{})
	call := start(t, p.client, &client.Request{ID: id, Secure: secure(), Nodes: []string{"web1", "web2", "web3"}, Wait: fedtest.Patience})
	p.request()
	p.answer(reply("web3"), bundle(replyTo, "web2", "web1"))
	equal(t, "replies", senders(slices.Collect(call.Replies())), []string{"web1", "web2", "web3"})
	result := call.Close()
	equal(t, "received", []any{result.Received.Messages, result.Bundles, result.JSONOnly, result.Rejected}, []any{2, 1, true, map[string]int(nil)})
}

// bundle is a compact message with the replies of some nodes to the request of the tests.
func bundle(address string, names ...string) string {
	var replies []wire.Parts
	for _, name := range names {
		replies = append(replies, wire.Parts{
			Version: wire.V1, Data: []byte(`"aGVsbG8="`), Sender: []byte(name), FedRequest: []byte(id), FedReply: []byte(replyTo),
		})
	}
	var e compact.Encoder
	return string(e.AppendReplies(nil, []byte(address), replies))
}

func TestWhatIsNotTheFirstReplyOfANodeThatWasAskedIsToldApart(t *testing.T) {
	for _, extra := range []bool{false, true} {
		p := newPage(t, client.Options{}, embedded.Options{})
		call := start(t, p.client, &client.Request{
			ID: id, Secure: secure(), Nodes: []string{"web1", "web2"}, Wait: fedtest.Patience, Extra: extra,
		})
		p.request()
		p.answer(reply("web1"), reply("web1"), reply("other"), bundle(replyTo, "web1", "web2"))
		got := map[client.Status]int{}
		for r := range call.Replies() {
			got[r.Status]++
		}
		want := map[client.Status]int{client.InTime: 2}
		if extra {
			want[client.Repeated], want[client.Unasked] = 2, 1
		}
		equal(t, "replies", got, want)
		result := call.Close()
		equal(t, "answered", result.Answered, []string{"web1", "web2"})
		equal(t, "repeated", result.Repeated, map[string]int{"web1": 2})
		equal(t, "unasked", []any{result.Unasked, result.UnaskedNames}, []any{1, []string{"other"}})
	}
}

func TestUnusableRepliesAreCountedByReason(t *testing.T) {
	p := newPage(t, client.Options{BundleReplies: 2}, embedded.Options{})
	call := start(t, p.client, &client.Request{ID: id, Secure: secure(), Nodes: []string{"web1"}, Wait: fedtest.Patience})
	p.request()
	for _, bad := range []string{
		"", "{}", `{"protocol":"choria:transport:1","data":"a","headers":{"mc_sender":"web1"}}`,
		`{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"mc_sender":"web 1"}}`,
		`{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{}}`,
		`{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"mc_sender":"web1","federation":{"req":"other"}}}`,
		`{"protocol":"io.choria.protocol.v2.transport","data":"aGVsbG8=","headers":{"sender":"web1"}}`,
		"\xfe", bundle("mcollective.reply.other.=", "web1"), bundle(replyTo, "web1", "web2", "web3"),
		string(new(compact.Encoder).AppendRequest(nil, &compact.Request{Parts: wire.Parts{
			Version: wire.V1, Data: []byte(`""`), Text: []byte("a.node.b"), Targets: []wire.Span{{Len: 8}},
		}})),
	} {
		p.answer(bad)
	}
	p.answer(reply("web1"))
	equal(t, "replies", senders(slices.Collect(call.Replies())), []string{"web1"})
	equal(t, "rejected", call.Close().Rejected, map[string]int{
		"malformed": 1, "bad_version": 1, "bad_data": 1, "bad_sender": 2, "other_request": 1, "other_version": 1,
		"compact_malformed": 1, "misdirected": 1, "decompress_limit": 1, "compact_kind": 1,
	})
}

func TestNodesThatMissTheDeadlineAreLate(t *testing.T) {
	p := newPage(t, client.Options{}, embedded.Options{})
	call := start(t, p.client, &client.Request{
		ID: id, Secure: secure(), Nodes: []string{"web1", "web2", "web3"}, Wait: time.Millisecond, Late: 300 * time.Millisecond,
	})
	p.request()
	<-time.After(2 * time.Millisecond) // the deadline is over
	p.answer(reply("web2"))
	replies := slices.Collect(call.Replies())
	if len(replies) != 1 || replies[0].Status != client.TooLate {
		t.Error(replies)
	}
	result := call.Close()
	equal(t, "late, silent", [][]string{result.Late, result.Silent, result.Answered}, [][]string{{"web2"}, {"web1", "web3"}, nil})
	if result.Err != nil {
		t.Error(result.Err)
	}
}

func TestASlowReaderLosesNothingSilently(t *testing.T) {
	w := newWorld(t, 2000, fleet.NodesOptions{ReplyBytes: 1000})
	c := w.client(t, client.Options{Buffer: 1 << 20})
	other := must(w.nc.SubscribeSync("other"))
	r := w.request()
	call := start(t, c, r)
	fedtest.Eventually(t, "all replies have come", func() bool { return call.Answered() == len(r.Nodes) })
	if err := w.nc.Publish("other", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := other.NextMsg(fedtest.Patience); err != nil {
		t.Error("another subscription is held up:", err)
	}
	replies := slices.Collect(call.Replies())
	result := call.Close()
	equal(t, "answered", result.Answered, r.Nodes)
	if len(replies)+len(result.Dropped) != len(r.Nodes) || len(result.Dropped) == 0 || len(replies) == 0 {
		t.Errorf("%d read, %d dropped", len(replies), len(result.Dropped))
	}
	if !errors.Is(result.Err, client.ErrDropped) {
		t.Error(result.Err)
	}
	all := append(senders(replies), result.Dropped...)
	slices.Sort(all)
	equal(t, "read or dropped", all, r.Nodes)
}

func TestACallEndsWithItsContext(t *testing.T) {
	p := newPage(t, client.Options{}, embedded.Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	call, err := p.client.Ask(ctx, &client.Request{ID: id, Secure: secure(), Nodes: []string{"web1", "web2"}, Wait: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	p.request()
	p.answer(reply("web1"))
	why := errors.New("enough")
	for range call.Replies() {
		cancel(why)
	}
	result := call.Close()
	if !errors.Is(result.Err, why) {
		t.Error(result.Err)
	}
	equal(t, "silent", result.Silent, []string{"web2"})
	if _, err := p.client.Ask(ctx, &client.Request{}); !errors.Is(err, why) {
		t.Error(err)
	}
}

func TestADeadlineOfTheContextIsTheEndOfTheCall(t *testing.T) {
	p := newPage(t, client.Options{}, embedded.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	call := must(p.client.Ask(ctx, &client.Request{ID: id, Secure: secure(), Nodes: []string{"web1", "web2"}, Wait: time.Hour}))
	p.request()
	p.answer(reply("web1"))
	<-ctx.Done()
	equal(t, "replies", senders(slices.Collect(call.Replies())), []string{"web1"})
	if result := call.Close(); result.Err != nil || result != call.Close() {
		t.Errorf("%+v", result)
	}
}

func TestACallEndsWithItsConnection(t *testing.T) {
	server := fedtest.StartServer(t, embedded.Options{})
	nc := fedtest.Connect(t, server)
	call := start(t, newClient(t, nc, client.Options{}), &client.Request{ID: id, Secure: secure(), Nodes: []string{"web1"}, Wait: time.Hour})
	time.AfterFunc(time.Millisecond, nc.Close)
	for range call.Replies() {
	}
	if result := call.Close(); !errors.Is(result.Err, nats.ErrConnectionClosed) {
		t.Error(result.Err)
	}
}

func TestCloseEndsReplies(t *testing.T) {
	p := newPage(t, client.Options{}, embedded.Options{})
	call := start(t, p.client, &client.Request{ID: id, Secure: secure(), Nodes: []string{"web1"}, Wait: time.Hour})
	time.AfterFunc(time.Millisecond, func() { call.Close() })
	for range call.Replies() {
		t.Error("a reply")
	}
	equal(t, "silent", call.Close().Silent, []string{"web1"})
}
