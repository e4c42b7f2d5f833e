package service_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

// Who is seen to answer answers each question. The server numbers subscriptions as they come.
func TestStateIsTheLastToBeAnswered(t *testing.T) {
	for name, rights := range map[string]natsserver.Permissions{
		"micro service": all,
		"subscriptions": allow([]string{"_INBOX.>"}, []string{"choria.federation.london.fedrelay.*"}),
	} {
		w := newWorld(t, rights)
		w.launch(w.options(london()))
		answered(t, w.operator())
		connections, err := w.server.Inner().Connz(&natsserver.ConnzOptions{Username: true, Subscriptions: true, SubscriptionsDetail: true})
		if err != nil {
			t.Fatal(err)
		}
		var verbs []string // by number
		for _, c := range connections.Conns {
			slices.SortFunc(c.SubsDetail, func(a, b natsserver.SubDetail) int { return cmp.Compare(number(t, a), number(t, b)) })
			for _, s := range c.SubsDetail {
				if verb, ok := strings.CutPrefix(s.Subject, service.Subject(fedtest.Cluster, "")); ok {
					verbs = append(verbs, verb)
				}
			}
		}
		if !slices.Equal(verbs, service.Verbs()) || verbs[len(verbs)-1] != service.State {
			t.Errorf("%s: %q", name, verbs)
		}
	}
}

func number(t *testing.T, s natsserver.SubDetail) int {
	t.Helper()
	n, err := strconv.Atoi(s.Sid)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Two whole processes, one of them draining.
func TestAllInstancesAnswer(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	for _, name := range []string{"relay1", "relay2"} {
		c := n.Config()
		c.Identity = name
		fedtest.StartProcess(t, c, nil)
	}
	w := &world{t: t, server: n.Federation}
	o := w.operator()
	var names []string
	fedtest.Eventually(t, "both answer", func() bool {
		names = nil
		for _, i := range ask[state.Instance](t, o, service.State, nil, service.Expect(2)) {
			names = append(names, i.Identity)
		}
		slices.Sort(names)
		return len(names) == 2
	})
	if !slices.Equal(names, []string{"relay1", "relay2"}) {
		t.Error(names)
	}
	unknown := askAll[state.Request](t, o, service.Request, service.ByID{ID: "nothing"}, 2)
	if len(unknown) != 2 || unknown[0].Known() || unknown[0].ID != "nothing" || unknown[0].Cluster != fedtest.Cluster {
		t.Errorf("%+v", unknown)
	}
}

func TestADrainingProcessAnswersUntilItsEnd(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	c := n.Config()
	c.Drain.Replies = fedtest.Patience
	p := fedtest.StartProcess(t, c, nil)
	client := fedtest.Connect(t, n.Federation)
	o := (&world{t: t, server: n.Federation}).operator()
	answered(t, o)
	if err := client.Publish(fedtest.FederationSubject, []byte(fedtest.Request("r", fedtest.Node("a")))); err != nil {
		t.Fatal(err)
	}
	fedtest.Eventually(t, "it has carried the request", func() bool { return p.Sources()[0].Instance().Request.Sent() == 1 })
	p.Drain()
	fedtest.Eventually(t, "it says that it drains", func() bool {
		i := ask[state.Instance](t, o, service.State, nil, service.Expect(1))
		return len(i) == 1 && slices.Contains(i[0].Reasons, "draining")
	})
	p.Abort()
	p.Stop()
	if all := ask[state.Instance](t, o, service.State, nil); len(all) != 0 {
		t.Errorf("it answers after its end: %v", all)
	}
}

// An edge is one micro service for each cluster, on one connection.
func TestAnEdgeAnswersForEachOfItsClusters(t *testing.T) {
	w := newWorld(t, all)
	w.launch(w.options(london(), &source{cluster: "tokyo", identity: "relay1"}))
	o := w.operator()
	for _, cluster := range []string{"tokyo", "london"} {
		fedtest.Eventually(t, cluster+" answers", func() bool {
			all, err := service.Ask[state.Instance](t.Context(), o.Conn, cluster, service.State, nil, patience, service.Expect(1))
			return err == nil && len(all) == 1 && all[0].Cluster == cluster
		})
	}
	if names, err := w.server.Connz(); err != nil || len(names) != 2 {
		t.Errorf("connections %q", names)
	}
}

// nats service shows the instance, with figures.
func TestTheMicroServiceShowsFigures(t *testing.T) {
	w := newWorld(t, all)
	w.launch(w.options(london()))
	o := w.operator()
	answered(t, o)
	var info micro.Info
	var stats micro.Stats
	for subject, into := range map[string]any{"$SRV.INFO.fedrelay": &info, "$SRV.STATS.fedrelay": &stats} {
		if err := json.Unmarshal(raw(t, o, subject), into); err != nil {
			t.Fatal(subject, err)
		}
	}
	if info.Version != "1.2.3" || info.Metadata["identity"] != "relay1" || len(info.Endpoints) != len(service.Verbs()) {
		t.Errorf("info %+v", info)
	}
	for _, e := range stats.Endpoints {
		if e.QueueGroup != "" {
			t.Errorf("%s: only one instance of a queue group would answer", e.Name)
		}
		if has := bytes.Contains(e.Data, []byte(`"request":{"received":7,"sent":70,`)); has != (e.Name == service.State) {
			t.Errorf("%s: data %s", e.Name, e.Data)
		}
	}
}

// Questions to $SRV are answered by micro at once. They must not cost what answers may not.
func TestAFloodOfStatsIsCheap(t *testing.T) {
	w := newWorld(t, all)
	src := london()
	w.launch(w.options(src))
	o := w.operator()
	answered(t, o)
	before, began := src.asked.Load(), time.Now()
	for range 100 {
		raw(t, o, "$SRV.STATS.fedrelay")
	}
	if n := src.asked.Load() - before; n > 2+int64(time.Since(began)/(200*time.Millisecond)) {
		t.Errorf("%d documents were made in %s", n, time.Since(began))
	}
}

func TestVersionsAreThoseThatMicroWants(t *testing.T) {
	for version, want := range map[string]string{
		"v1.2.3": "1.2.3", "0.10.0": "0.10.0", "devel": "0.0.0+devel", "": "0.0.0", "v0.1": "0.0.0+v0-1",
		"v0.0.0-20261128051200-abcdef123456+dirty": "0.0.0+v0-0-0-20261128051200-abcdef123456-dirty", "1.02.3": "0.0.0+1-02-3",
	} {
		if got := service.Semver(version); got != want {
			t.Errorf("%q: %q, want %q", version, got, want)
		}
	}
	w := newWorld(t, all)
	o := w.options(london())
	o.Version = "v0.0.0-20261128051200-abcdef123456+dirty"
	w.launch(o)
	answered(t, w.operator())
}

// 4,000 names are compressed. On a server that takes little they are cut, and the document says
// so.
func TestLargeAnswersAreCompressedAndCut(t *testing.T) {
	src := london()
	src.request = state.Request{Schema: state.Schema, ID: "big", Messages: 1}
	for i := range 4_000 {
		name := fmt.Sprintf("node%05d.london.example.net", i)
		src.request.Names = append(src.request.Names, fedtest.Node(name))
		src.request.Answered = append(src.request.Answered, state.Mark([]byte(name)))
	}
	odd := []string{src.request.Names[0], src.request.Names[3_999]}
	src.request.Marks = map[string]uint32{odd[0]: 1, odd[1]: 2}
	for _, c := range []struct {
		payload      int32
		names, marks int // that are left: at least half of these, and no more
		forgotten    bool
	}{
		{100 << 10, 4_000, 4_000, false},
		{24 << 10, 1_000, 4_000, true},
		{10 << 10, 0, 2_500, true},
		{4 << 10, 0, 900, true},
	} {
		w := newWorld(t, all, func(o *natsserver.Options) { o.MaxPayload = c.payload })
		w.launch(w.options(src))
		o := w.operator()
		answered(t, o)
		docs := askAll[state.Request](t, o, service.Request, service.ByID{ID: "big"}, 1)
		if len(docs) != 1 {
			t.Fatal("no answer")
		}
		names, marks := len(docs[0].Names), len(docs[0].Answered)
		if docs[0].Forgotten != c.forgotten || names > c.names || marks > c.marks || names < c.names/2 || marks < c.marks/2 || docs[0].Messages != 1 {
			t.Errorf("%d bytes: forgotten %v, %d names, %d marks", c.payload, docs[0].Forgotten, names, marks)
		}
		for i, name := range odd {
			if _, kept := docs[0].Marks[name]; kept != slices.Contains(docs[0].Names, name) {
				t.Errorf("%d bytes: its mark says that name %d is kept: %v", c.payload, i, kept)
			}
		}
	}
}

// Names that are not shown as they came have their marks beside them, which go with them.
func TestOfOddNamesAsManyAreToldAsThereIsRoomFor(t *testing.T) {
	w := newWorld(t, all, func(o *natsserver.Options) { o.MaxPayload = 64 << 10 })
	src := london()
	src.request = state.Request{ID: "odd", Names: fedtest.Nodes(2000), Marks: map[string]uint32{}}
	for i, name := range src.request.Names {
		src.request.Names[i] = name + strings.Repeat("x", 100)
		src.request.Marks[src.request.Names[i]] = 4_000_000_000
	}
	w.launch(w.options(src))
	o := w.operator()
	answered(t, o)
	m, err := o.Conn.Request(service.Subject(fedtest.Cluster, service.Request), []byte(`{"id":"odd"}`), fedtest.Patience)
	if err != nil {
		t.Fatal(err)
	}
	var d state.Request
	if err := json.Unmarshal(m.Data, &d); err != nil || len(m.Data) < 32<<10 || len(d.Marks) != len(d.Names) {
		t.Errorf("%v, %d bytes, %d names, %d marks", err, len(m.Data), len(d.Names), len(d.Marks))
	}
}

// Who does not ask for it gets nothing compressed.
func TestPlainQuestionsGetPlainAnswers(t *testing.T) {
	w := newWorld(t, all)
	src := london()
	src.request = state.Request{ID: "big", Names: fedtest.Nodes(1000)}
	w.launch(w.options(src))
	o := w.operator()
	answered(t, o)
	m, err := o.Conn.Request(service.Subject(fedtest.Cluster, service.Request), []byte(`{"id":"big"}`), fedtest.Patience)
	if err != nil || m.Header.Get("Content-Encoding") != "" || !json.Valid(m.Data) {
		t.Errorf("%v, %v", err, m)
	}
}

// Who asks chooses where the answer goes, but not to the relays' own subjects.
func TestNoAnswerGoesWhereItMeansSomething(t *testing.T) {
	w := newWorld(t, all)
	src := london()
	w.launch(w.options(src))
	o := w.operator()
	answered(t, o)
	before := src.asked.Load()
	for _, reply := range []string{
		"$JS.API.STREAM.DELETE.x", "choria.federation.london.federation", "mcollective.node.a", "mcollective.broadcast.agent.rpcutil",
	} {
		if err := o.Conn.PublishRequest(service.Subject(fedtest.Cluster, service.State), reply, nil); err != nil {
			t.Fatal(err)
		}
	}
	subject := service.Subject(fedtest.Cluster, service.State)
	if err := o.Conn.Publish(subject, nil); err != nil { // without any
		t.Fatal(err)
	}
	answered(t, o)
	if n := src.asked.Load() - before; n != 1 {
		t.Errorf("%d documents were made", n)
	}
}

func TestQuestionsThatCannotBeReadAreRefused(t *testing.T) {
	w := newWorld(t, all)
	w.launch(w.options(london()))
	o := w.operator()
	answered(t, o)
	for question, want := range map[string]string{
		`{"id":`: "400 the question is no JSON of the form that this verb wants", `{"id":7}`: "400 the question is no JSON of the form that this verb wants",
		`{"id":"` + strings.Repeat("x", 5000) + `"}`: "413 the question is too large",
	} {
		m, err := o.Conn.Request(service.Subject(fedtest.Cluster, service.Request), []byte(question), fedtest.Patience)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Header.Get("Nats-Service-Error-Code") + " " + m.Header.Get("Nats-Service-Error"); got != want {
			t.Errorf("%.20s: %q", question, got)
		}
	}
	fedtest.Eventually(t, "a refusal is told", func() bool {
		var odd []error
		all := ask[state.Request](t, o, service.Request, []int{1}, service.OnOdd(func(err error) { odd = append(odd, err) }))
		return len(all) == 0 && len(odd) == 1
	})
}

// Probes wait for servers. The others need not wait for them.
func TestProbesHoldNothingUp(t *testing.T) {
	w := newWorld(t, all)
	src := london()
	src.probing = make(chan struct{})
	w.launch(w.options(src))
	o := w.operator()
	answered(t, o)
	inbox := o.Conn.NewInbox()
	sub, err := o.Conn.SubscribeSync(inbox)
	if err != nil {
		t.Fatal(err)
	}
	for range 6 {
		if err := o.Conn.PublishRequest(service.Subject(fedtest.Cluster, service.Probe), inbox, []byte(`{"target":"x"}`)); err != nil {
			t.Fatal(err)
		}
	}
	var first []*nats.Msg
	for range 2 {
		m, err := sub.NextMsg(fedtest.Patience)
		if err != nil {
			t.Fatal(err)
		}
		first = append(first, m)
	}
	if first[0].Header.Get("Nats-Service-Error-Code") != "503" || first[1].Header.Get("Nats-Service-Error-Code") != "503" {
		t.Errorf("more than four probes are under way: %v", first)
	}
	answered(t, o)
	close(src.probing)
	for range 4 {
		if m, err := sub.NextMsg(fedtest.Patience); err != nil || !strings.Contains(string(m.Data), `"subscribed":"yes"`) {
			t.Errorf("%v", err)
		}
	}
}

// The connection ends; another one follows.
func TestAnInstanceAnswersAgainAfterARestart(t *testing.T) {
	w := newWorld(t, all)
	w.launch(w.options(london()))
	answered(t, w.operator())
	if err := w.server.Restart(); err != nil {
		t.Fatal(err)
	}
	answered(t, w.operator())
}

// While the relay itself is not connected, nobody knocks in its name.
func TestNobodyKnocksWhileTheRelayIsNotConnected(t *testing.T) {
	w := newWorld(t, all)
	o := w.options(london())
	asked := make(chan struct{}, 1000)
	o.Up = func() (uint64, bool) {
		asked <- struct{}{}
		return 0, false
	}
	w.launch(o)
	for range 10 {
		<-asked
	}
	if v, err := w.server.Inner().Varz(&natsserver.VarzOptions{}); err != nil || v.TotalConnections != 0 {
		t.Errorf("%v connections", v.TotalConnections)
	}
}

// Answers of others on the inbox, and twice from one instance.
func TestOnlyAnswersOfInstancesCount(t *testing.T) {
	w := newWorld(t, all)
	o := w.operator()
	stranger := fedtest.Connect(t, w.server, nats.UserInfo("operator", "pw"))
	answer := func(m *nats.Msg, schema, instance, data string) {
		r := &nats.Msg{Subject: m.Reply, Data: []byte(data), Header: nats.Header{}}
		if schema != "" {
			r.Header.Set("Fedrelay-Schema", schema)
			r.Header.Set("Fedrelay-Instance", instance)
		}
		if err := stranger.PublishMsg(r); err != nil {
			t.Error(err)
		}
	}
	if _, err := stranger.Subscribe("choria.federation.london.fedrelay.state", func(m *nats.Msg) {
		answer(m, "", "", "hello\x1b[2J")
		answer(m, "1", "a", `{"schema":1,"identity":"a","version":"old"}`)
		answer(m, "2", "new", `{"schema":2,"identity":7}`)
		answer(m, "1", "c", `{"schema":1,`)
		answer(m, "1", "a", `{"schema":1,"identity":"a","version":"new"}`)
		answer(m, "1", "b", `{"schema":1,"identity":"b","unknown":1}`)
		answer(m, "1", "d", `{"schema":1,"identity":"d"}`)
	}); err != nil {
		t.Fatal(err)
	}
	if err := stranger.Flush(); err != nil {
		t.Fatal(err)
	}
	var odd []string
	all := askAll[state.Instance](t, o, service.State, nil, 3, service.OnOdd(func(err error) { odd = append(odd, err.Error()) }))
	if len(all) != 3 || all[0].Version != "new" || all[1].Identity != "b" {
		t.Errorf("%+v", all)
	}
	want := []string{
		`somebody who is no fedrelay answers questions: "hello\\x1b[2J"`,
		"an instance is newer than this program, which reads its documents up to number 1, and not 2: update it",
		"an answer cannot be read: unexpected end of JSON input",
	}
	if !slices.Equal(odd, want) {
		t.Errorf("odd %q", odd)
	}
}

func TestNobodyListens(t *testing.T) {
	w := newWorld(t, all)
	var odd error
	began := time.Now()
	if all := askAll[state.Instance](t, w.operator(), service.State, nil, 1, service.OnOdd(func(err error) { odd = err })); len(all) != 0 || !errors.Is(odd, service.ErrNobody) {
		t.Errorf("%v, odd %v", all, odd)
	}
	if d := time.Since(began); d > fedtest.Patience/2 {
		t.Errorf("took %s", d)
	}
}

// A flood of questions makes answers late, but holds nothing else up, and few questions wait.
func TestAFloodOfQuestionsIsLimited(t *testing.T) {
	w := newWorld(t, all)
	src := london()
	src.slow = 20 * time.Millisecond
	w.launch(w.options(src))
	o := w.operator()
	answered(t, o)
	before := src.asked.Load()
	inbox := o.Conn.NewInbox()
	for range 5_000 {
		if err := o.Conn.PublishRequest(service.Subject(fedtest.Cluster, service.State), inbox, nil); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	if raw(t, o, "$SRV.PING.fedrelay") == nil {
		t.Error("no answer to a ping")
	}
	<-time.After(600 * time.Millisecond)
	took := time.Since(began)
	// The burst is 10 documents of 20 ms; then one each 200 ms. Without a limit there would be 30.
	if n := src.asked.Load() - before; n > 14+int64(took/(200*time.Millisecond)) {
		t.Errorf("%d documents were made", n)
	}
}
