package service_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is for answers that come; tests wait for it only where none is to come.
const patience = 300 * time.Millisecond

// A source is an instance that has nothing but documents.
type source struct {
	cluster, identity string
	request           state.Request
	summaries         []state.Summary
	probing           chan struct{} // each probe waits for one; nil: they do not
	probes            atomic.Int64
	slow              time.Duration // that each document takes
	asked             atomic.Int64
}

func (s *source) Instance() state.Instance {
	s.asked.Add(1)
	<-time.After(s.slow)
	return state.Instance{
		Schema: state.Schema, Cluster: s.cluster, Identity: s.identity, Ready: true,
		Request: state.Path{Received: 7, Fates: map[string]int64{"confirmed": 70}},
	}
}
func (s *source) Requests(int) []state.Summary     { return s.summaries }
func (s *source) Rejections(int) []state.Rejection { return nil }

func (s *source) Request(id string) (state.Request, bool) {
	return s.request, id == s.request.ID && id != ""
}

func (s *source) Probe(ctx context.Context, target string) state.Probe {
	s.probes.Add(1)
	if s.probing != nil {
		select {
		case <-s.probing:
		case <-ctx.Done():
		}
	}
	return state.Probe{Schema: state.Schema, Target: target, Subscribed: "yes"}
}

func (s *source) statistics() state.Statistics {
	return state.Statistics{Cluster: s.cluster, Instance: s.identity, Status: "OK"}
}

// instance returns s for a Server.
func (s *source) instance() service.Instance {
	return service.Instance{Cluster: s.cluster, Identity: s.identity, Source: s, Statistics: s.statistics}
}

// A book takes log lines.
type book struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lines.Write(p)
}

func (b *book) count(words string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(b.lines.String(), words)
}

func (b *book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lines.String()
}

// A serverLog counts what a nats-server complains about.
type serverLog struct{ book }

func (l *serverLog) Noticef(string, ...any) {}
func (l *serverLog) Warnf(string, ...any)   {}
func (l *serverLog) Debugf(string, ...any)  {}
func (l *serverLog) Tracef(string, ...any)  {}
func (l *serverLog) Fatalf(string, ...any)  {}

func (l *serverLog) Errorf(format string, args ...any) {
	fmt.Fprintf(l, format+"\n", args...)
}

// A world is a server that lets in a relay with certain rights, and operators with all.
type world struct {
	t      *testing.T
	server *embedded.Server
	log    *serverLog
	kept   *natsserver.Options
}

// newWorld starts a server where the user relay has the given permissions.
func newWorld(t *testing.T, p natsserver.Permissions, tune ...func(*natsserver.Options)) *world {
	t.Helper()
	w := &world{t: t, log: &serverLog{}}
	w.server = fedtest.StartServer(t, embedded.Options{
		Users: users(p),
		Tune: func(o *natsserver.Options) {
			for _, f := range tune {
				f(o)
			}
			w.kept = o.Clone()
		},
	})
	w.server.Inner().SetLogger(w.log, false, false)
	return w
}

func users(p natsserver.Permissions) []*natsserver.User {
	return []*natsserver.User{
		{Username: "operator", Password: "pw"},
		{Username: "relay", Password: "pw", Permissions: &p},
	}
}

// permit gives the relay other permissions from now on.
func (w *world) permit(p natsserver.Permissions) {
	w.t.Helper()
	o := w.kept.Clone()
	o.Users = users(p)
	if err := w.server.Inner().ReloadOptions(o); err != nil {
		w.t.Fatal(err)
	}
}

// side returns the settings of a user.
func (w *world) side(user string) config.Side {
	return config.Side{Servers: []string{w.server.ClientURL()}, User: user, Password: "pw"}
}

// options returns what a Server needs to speak for sources.
func (w *world) options(sources ...*source) service.Options {
	w.t.Helper()
	endpoint, err := link.NewEndpoint(link.Federation, w.side("relay"))
	if err != nil {
		w.t.Fatal(err)
	}
	o := service.Options{
		Endpoint: endpoint, Name: "fedrelay service", Version: "v1.2.3",
		Duties: service.Duties{Answer: true, Publish: config.PublishFalse, Interval: 5 * time.Millisecond},
	}
	for _, s := range sources {
		o.Instances = append(o.Instances, s.instance())
	}
	return o
}

// launch runs a Server until the end of the test. change may change it before.
func (w *world) launch(o service.Options, change ...func(*service.Server)) (*service.Server, *book) {
	w.t.Helper()
	log := &book{}
	o.Log = slog.New(slog.NewTextHandler(log, nil))
	s := service.New(o)
	s.Hurry()
	for _, f := range change {
		f(s)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(ctx)
	}()
	w.t.Cleanup(func() {
		cancel()
		<-ended
	})
	return s, log
}

// operator connects an operator.
func (w *world) operator() *link.Session {
	w.t.Helper()
	s, err := service.Connect(context.Background(), w.side("operator"), "operator")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(s.Close)
	return s
}

// ask asks one question, and fails the test if that is not possible. Answers may come too late for
// it on a slow machine.
func ask[T any](t *testing.T, s *link.Session, verb string, question any, o ...service.AskOption) []T {
	t.Helper()
	return askFor[T](t, s, verb, question, patience, o...)
}

// askAll asks one question that n instances will answer.
func askAll[T any](t *testing.T, s *link.Session, verb string, question any, n int, o ...service.AskOption) []T {
	t.Helper()
	return askFor[T](t, s, verb, question, fedtest.Patience, append(o, service.Expect(n))...)
}

func askFor[T any](t *testing.T, s *link.Session, verb string, question any, patience time.Duration, o ...service.AskOption) []T {
	t.Helper()
	all, err := service.Ask[T](t.Context(), s.Conn, fedtest.Cluster, verb, question, patience, o...)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// answered waits until one instance answers.
func answered(t *testing.T, s *link.Session) {
	t.Helper()
	fedtest.Eventually(t, "an instance answers", func() bool {
		return len(ask[state.Instance](t, s, service.State, nil, service.Expect(1))) == 1
	})
}

// london is an instance of the cluster under test.
func london() *source { return &source{cluster: fedtest.Cluster, identity: "relay1"} }

// all allows everything.
var all = natsserver.Permissions{}

// allow returns closed lists.
func allow(publish, subscribe []string) natsserver.Permissions {
	return natsserver.Permissions{
		Publish:   &natsserver.SubjectPermission{Allow: publish},
		Subscribe: &natsserver.SubjectPermission{Allow: subscribe},
	}
}
