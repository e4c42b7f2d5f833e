package observe

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

// A scene is a model of one cluster, and the clock that it lives by.
type scene struct {
	*Model
	t   *testing.T
	now time.Time
}

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func newScene(t *testing.T) *scene {
	s := &scene{t: t, now: noon}
	s.Model = NewModel([]string{"production"}, time.Second, func() time.Time { return s.now })
	s.Connected("nats://fed1:4222")
	s.Asked()
	return s
}

func (s *scene) pass(d time.Duration) { s.now = s.now.Add(d) }

// say makes an instance answer. It has the clock of the scene, if it has none of its own.
func (s *scene) say(i state.Instance) {
	if i.Now.IsZero() {
		i.Now = s.now
	}
	if i.Cluster == "" {
		i.Cluster = "production"
	}
	if i.Schema == 0 {
		i.Schema = state.Schema
	}
	s.hear(service.Answer, i)
}

func (s *scene) hear(k service.Kind, document any) {
	s.t.Helper()
	data, err := json.Marshal(document)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Hear(service.News{Kind: k, Cluster: "production", Data: data})
}

func (s *scene) cluster() Cluster { return s.Snapshot().Clusters[0] }

// member returns the only member with a name.
func (s *scene) member(name string) Member {
	s.t.Helper()
	var found []Member
	for _, m := range s.cluster().Members {
		if m.Name == name {
			found = append(found, m)
		}
	}
	if len(found) != 1 {
		s.t.Fatalf("%d members are called %s: %+v", len(found), name, found)
	}
	return found[0]
}

// relay is an instance that has carried so much.
func relay(name string, received, sent, replies int64) state.Instance {
	path := func(received, sent int64) state.Path {
		return state.Path{
			Received: received, Accepted: received, Copies: sent, Fates: map[string]int64{"confirmed": sent},
			Latency: state.Histogram{Bounds: []float64{0.001, 0.01}, Counts: []int64{received, 0, 0}},
		}
	}
	return state.Instance{
		Identity: name, Version: "1.0.0", Started: noon.Add(-time.Hour), Ready: true,
		Request: path(received, sent), Reply: path(replies, replies),
		Sides: []state.Side{{Name: "federation", Up: true, Subscribed: true}, {Name: "collective", Up: true, Subscribed: true}},
	}
}

func TestTheArticle(t *testing.T) {
	s := newScene(t)
	s.say(relay("2", 491, 6096, 1))
	s.say(relay("1", 533, 6192, 1))
	var out strings.Builder
	if err := WriteText(&out, s.Snapshot()); err != nil {
		t.Fatal(err)
	}
	const want = `Federation Broker: production
    Received: 1024  Sent: 12288
    1: Received: 533 (52.1%) Sent: 6192 (50.4%)
    2: Received: 491 (47.9%) Sent: 6096 (49.6%)
`
	if !strings.HasPrefix(out.String(), want) {
		t.Errorf("got\n%s", out.String())
	}
}

func TestNothingIsNotNaN(t *testing.T) {
	s := newScene(t)
	s.say(relay("1", 0, 0, 0))
	var out strings.Builder
	if err := WriteText(&out, s.Snapshot()); err != nil {
		t.Fatal(err)
	}
	if err := WriteJSON(&out, s.Snapshot()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "NaN") || !strings.Contains(out.String(), "1: Received: 0 (0.0%) Sent: 0 (0.0%)\n") {
		t.Errorf("got\n%s", out.String())
	}
}

func TestRates(t *testing.T) {
	s := newScene(t)
	s.say(relay("1", 100, 1000, 900))
	if f := s.member("1").Request; f.ReceivedRate != 0 || f.SentRate != 0 {
		t.Errorf("a rate without a difference: %+v", f)
	}
	s.pass(2 * time.Second)
	s.say(relay("1", 120, 3000, 1900))
	m := s.member("1")
	if m.Request.ReceivedRate != 10 || m.Request.SentRate != 1000 || m.Reply.SentRate != 500 {
		t.Errorf("%+v %+v", m.Request, m.Reply)
	}
	if l := m.Request.Latency; l.Count != 20 || !l.Recent || l.P99 <= 0 || l.P99 > 0.001 {
		t.Errorf("%+v", l)
	}
	s.Tick()
	h := s.cluster().History
	if len(h) != 1 || h[0].Request.Sent != 1000 || h[0].Reply.Received != 500 || h[0].Request.Latency.Count() != 20 {
		t.Errorf("%+v", h)
	}
}

// An instance that replaces its session answers one question twice.
func TestTwoAnswersToOneQuestionAreOne(t *testing.T) {
	s := newScene(t)
	s.say(relay("1", 100, 0, 0))
	s.pass(time.Second)
	s.say(relay("1", 200, 0, 0))
	s.pass(time.Millisecond)
	s.say(relay("1", 200, 0, 0))
	if got := s.member("1").Request.ReceivedRate; got != 100 {
		t.Errorf("%v/s", got)
	}
}

// The clock of an instance tells better than ours how much time there is between two answers. If it
// was set in the meantime it tells nothing.
func TestRatesByWhoseClock(t *testing.T) {
	for name, c := range map[string]struct {
		theirs time.Duration
		want   float64
	}{
		"as ours": {time.Second, 100}, "the network was slow": {800 * time.Millisecond, 125},
		"set back": {-time.Hour, 100}, "set forward": {time.Hour, 100}, "stands still": {0, 100},
	} {
		s := newScene(t)
		i := relay("1", 100, 0, 0)
		i.Now = noon.Add(17 * time.Minute)
		s.say(i)
		s.pass(time.Second)
		i = relay("1", 200, 0, 0)
		i.Now = noon.Add(17*time.Minute + c.theirs)
		s.say(i)
		if got := s.member("1").Request.ReceivedRate; got != c.want {
			t.Errorf("%s: %v/s, want %v", name, got, c.want)
		}
	}
}

func TestTheSilentStay(t *testing.T) {
	s := newScene(t)
	s.say(relay("1", 100, 1000, 0))
	s.say(relay("2", 100, 1000, 0))
	for range 12 {
		s.pass(time.Second)
		s.say(relay("2", 100, 1000, 0))
	}
	c, m := s.cluster(), s.member("1")
	if c.Answering != 1 || c.Request.Received != 200 || m.Silent != 12 || m.Request.Received != 100 {
		t.Errorf("%+v", c)
	}
	var out strings.Builder
	if err := WriteText(&out, s.Snapshot()); err != nil {
		t.Fatal(err)
	}
	if want := "1: Received: 100 (50.0%) Sent: 1000 (50.0%)  silent for 12s\n"; !strings.Contains(out.String(), want) {
		t.Errorf("got\n%s", out.String())
	}
	s.ForgetSilent()
	if c := s.cluster(); len(c.Members) != 1 || c.Request.Received != 100 {
		t.Errorf("%+v", c)
	}
}

func TestARestartCountsAnew(t *testing.T) {
	s := newScene(t)
	s.say(relay("1", 100, 1000, 0))
	s.pass(3 * time.Second)
	again := relay("1", 5, 50, 0)
	again.Started = s.now
	s.say(again)
	if m := s.member("1"); m.Request.Received != 5 || m.Request.ReceivedRate != 0 || m.Silent != 0 {
		t.Errorf("%+v", m)
	}
	s.pass(time.Second)
	again.Request.Received = 6
	s.say(again)
	if m := s.member("1"); m.Request.ReceivedRate != 1 || len(s.cluster().Advice) != 0 {
		t.Errorf("%+v %q", m, s.cluster().Advice)
	}
	s.pass(2 * time.Minute)
	s.Tick()
	if n := len(s.clusters[0].members); n != 1 {
		t.Errorf("%d members are kept", n)
	}
}

func TestTwoInstancesWithOneName(t *testing.T) {
	s := newScene(t)
	other := relay("1", 7, 70, 0)
	other.Started = noon.Add(-time.Minute)
	for range 3 {
		s.say(relay("1", 100, 1000, 0))
		s.say(other)
		s.pass(time.Second)
	}
	c := s.cluster()
	if len(c.Members) != 2 || c.Request.Received != 107 {
		t.Errorf("%+v", c)
	}
	if len(c.Advice) != 1 || !strings.Contains(c.Advice[0], `two instances are called "1"`) {
		t.Errorf("%q", c.Advice)
	}
}

// A newer relay may say more than we know, and less.
func TestAnotherSchema(t *testing.T) {
	s := newScene(t)
	s.Hear(service.News{Kind: service.Answer, Cluster: "production",
		Data: []byte(`{"schema":7,"cluster":"production","identity":"new","now":"2026-11-28T12:00:00Z","moons":[1,2]}`)})
	c := s.cluster()
	if len(c.Members) != 1 || len(c.Advice) != 1 || !strings.Contains(c.Advice[0], "new speaks schema 7, and this program 1") {
		t.Errorf("%+v", c)
	}
	s.Hear(service.News{Kind: service.Answer, Cluster: "production", Data: []byte(`{"schema":8,"identity":12}`)})
	s.Hear(service.News{Kind: service.Answer, Cluster: "production", Data: []byte(`{"cluster":"tokyo","identity":"x"}`)})
	if a := s.cluster().Advice; len(a) != 2 || a[0] != "2 answers could not be read" {
		t.Errorf("%q", a)
	}
}

func TestAClockThatIsWrong(t *testing.T) {
	s := newScene(t)
	i := relay("1", 0, 0, 0)
	i.Now = noon.Add(90 * time.Second)
	s.say(i)
	if a := s.cluster().Advice; len(a) != 1 || a[0] != "the clock of 1 is 1m30s ahead" {
		t.Errorf("%q", a)
	}
}

func TestWhatOthersWroteIsPrintable(t *testing.T) {
	s := newScene(t)
	i := relay("evil\x1b[2J\u202e\xff", 0, 0, 0)
	i.Version, i.Reasons, i.Warnings = "\x1b]0;x\a", []string{"\n\n"}, []string{strings.Repeat("x", 10_000)}
	i.Sides[0].LastError, i.Sides[1].LastDenied = "a\tb", "\u00e9\u4e16"
	i.Request.Fates = map[string]int64{"\x1bc": 1}
	s.say(i)
	var out strings.Builder
	if err := WriteText(&out, s.Snapshot()); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.String() {
		if r != '\n' && (r < ' ' || r > '~') {
			t.Fatalf("%q in\n%q", r, out.String())
		}
	}
	if out.Len() > 3000 {
		t.Errorf("%d bytes", out.Len())
	}
}

// broker is the document of a broker of 2017.
func broker(name string, received, sent, replies int64) map[string]any {
	return map[string]any{
		"version": "0.0.25", "start_time": noon.Add(-time.Hour).Unix(), "cluster": "production", "instance": name,
		"status": "OK", "threads": map[string]any{"x": map[string]any{"alive": true, "status": "sleep"}},
		"federation": map[string]any{"received": received, "sent": replies, "connected_server": "nats://fed1:4222", "work_queue": 3},
		"collective": map[string]any{"received": replies, "sent": sent, "connected_server": "disconnected", "work_queue": 0},
		"/stats":     map[string]any{"requests": 0},
	}
}

func TestABrokerOf2017(t *testing.T) {
	s := newScene(t)
	s.hear(service.Statistics, broker("1 @ fb1.example.net", 31, 6100, 5096))
	s.pass(10 * time.Second)
	s.hear(service.Statistics, broker("1 @ fb1.example.net", 41, 7100, 5196))
	m := s.member("1 @ fb1.example.net")
	if m.Kind != Broker || m.Request.Received != 41 || m.Request.Sent != 7100 || m.Reply.Received != 5196 || m.Reply.Sent != 5196 ||
		m.Request.ReceivedRate != 1 || m.Request.SentRate != 100 || m.Reply.SentRate != 10 || m.Request.Queue != 3 {
		t.Errorf("%+v", m)
	}
	s.pass(20 * time.Second)
	if m := s.member("1 @ fb1.example.net"); m.Silent != 0 {
		t.Errorf("silent for %v, though it speaks every 10 seconds", m.Silent)
	}
	s.pass(20 * time.Second)
	if m := s.member("1 @ fb1.example.net"); m.Silent != 40 {
		t.Errorf("silent for %v", m.Silent)
	}
}

// A relay publishes the document, too: it is the same instance.
func TestARelayWithStatistics(t *testing.T) {
	s := newScene(t)
	s.hear(service.Statistics, broker("1", 31, 6100, 5096))
	s.say(relay("1", 31, 6100, 5096))
	s.hear(service.Statistics, broker("1", 31, 6100, 5096))
	if m := s.member("1"); m.Kind != Relay {
		t.Errorf("%+v", m)
	}
}

func TestNobodyAnswers(t *testing.T) {
	s := newScene(t)
	s.pass(3 * time.Second)
	if a := s.cluster().Advice; len(a) != 2 || a[0] != `no answer from "choria.federation.production.fedrelay.state" for 3s` {
		t.Errorf("%q", a)
	}
	s.Hear(service.News{Kind: service.Nobody, Cluster: "production"})
	if a := s.cluster().Advice; len(a) != 3 || !strings.HasPrefix(a[0], "nobody listens at ") || !strings.Contains(a[2], "service.enabled") {
		t.Errorf("%q", a)
	}
	s.Hear(service.News{Kind: service.Denied, Cluster: "production", Subject: "choria.federation.production.fedrelay.state", Publish: true})
	if a := s.cluster().Advice; len(a) != 1 || !strings.Contains(a[0], `publish "choria.federation.*.fedrelay.*"`) {
		t.Errorf("%q", a)
	}
}

func TestThousandsOfInstances(t *testing.T) {
	s := newScene(t)
	for n := range 500 {
		i := relay("", 1, 1, 1)
		i.Identity = time.Duration(n).String()
		s.say(i)
	}
	if c := s.cluster(); c.Answering != 500 || c.Request.Received != 500 {
		t.Errorf("%d answer", c.Answering)
	}
}

func TestNaturalOrder(t *testing.T) {
	for _, c := range [][2]string{{"2", "10"}, {"fb2.example", "fb10.example"}, {"a", "b"}, {"a", "a1"}, {"", "a"}} {
		if natural(c[0], c[1]) >= 0 || natural(c[1], c[0]) <= 0 || natural(c[0], c[0]) != 0 {
			t.Errorf("%q", c)
		}
	}
}

// Whoever is in the queue group gets requests, whether it is heard or not.
func TestMembersOfTheQueueGroupThatSayNothing(t *testing.T) {
	group := []service.Member{
		{Connection: "fedrelay production 1 federation receive", Identity: "1"},
		{Connection: "fedrelay production 2 federation receive", Identity: "2"},
		{Connection: "fedbroker_production_3 @ fb3"}, {Connection: "fedbroker_production_4 @ fb4"}, {Connection: "fedbroker_production_4 @ fb4"},
	}
	s := newScene(t)
	s.say(relay("1", 1, 1, 1))
	s.hear(service.Statistics, broker("3 @ fb3", 1, 1, 1))
	s.HearGroup("production", group)
	c := s.cluster()
	if len(c.Mute) != 3 || c.Mute[0].Identity != "2" || len(c.Advice) != 2 ||
		!strings.HasPrefix(c.Advice[0], "2 is in the queue group of production and does not answer") ||
		!strings.HasPrefix(c.Advice[1], "fedbroker_production_4 @ fb4 is in the queue group of production, and is no fedrelay") {
		t.Errorf("%+v", c)
	}
	s.say(relay("2", 1, 1, 1))
	if c := s.cluster(); len(c.Mute) != 2 {
		t.Errorf("%+v", c.Mute)
	}
	s.pass(10 * time.Second) // 1 and 2 are silent; whether they have left is not known yet
	if c := s.cluster(); len(c.Mute) != 2 {
		t.Errorf("%+v", c.Mute)
	}
	s.HearGroup("production", group[:1]) // 2 has left, 1 hangs
	if c := s.cluster(); len(c.Mute) != 1 || c.Mute[0].Identity != "1" {
		t.Errorf("%+v", c.Mute)
	}
}

func TestAnInstanceRefuses(t *testing.T) {
	s := newScene(t)
	s.Hear(service.News{Kind: service.Refused, Cluster: "production", Data: []byte("too many\nquestions")})
	if a := s.cluster().Advice; !slices.Contains(a, "an instance did not answer: too many?questions") {
		t.Errorf("%q", a)
	}
}
