package relay_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// A flow is the load of one path: requests to a few nodes each, or replies. Its connections do not
// fail. It counts what arrives.
type flow struct {
	t        *testing.T
	from     side
	sender   *nats.Conn
	listener *nats.Conn
	every    time.Duration // between two messages
	stop     func()
	sending  sync.WaitGroup
	sent     atomic.Int64 // messages handed to the server
	arrived  atomic.Int64 // copies

	// Guarded by mu.
	mu   sync.Mutex
	seen map[string]int // copies by subject, which are all different
	bad  string         // a message that is not whole
}

const (
	// targetsEach is how many nodes a request of a flow goes to.
	targetsEach = 5
	// alone begins the ids of those that go to one node.
	alone = "alone"
)

// startFlow starts the load of the path from a side.
func startFlow(s *stage, from side) *flow {
	s.t.Helper()
	servers := [2]*embedded.Server{s.Federation, s.Collective}
	stop := make(chan struct{})
	f := &flow{t: s.t, from: from, every: s.options.every, stop: sync.OnceFunc(func() { close(stop) }), seen: make(map[string]int)}
	s.t.Cleanup(func() { f.stop(); f.sending.Wait() })
	f.sender = s.connect(servers[from])
	f.listener = s.connect(servers[from.other()])
	subjects := [...]string{federation: "mcollective.node.>", collective: "mcollective.reply.>"}[from]
	sub, err := f.listener.Subscribe(subjects, f.arrive)
	if err == nil {
		err = sub.SetPendingLimits(-1, -1)
	}
	if err == nil {
		err = f.listener.FlushTimeout(fedtest.Patience)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	f.sending.Go(func() { f.send(stop) })
	return f
}

// connect makes a connection that does not fail.
func (s *stage) connect(server *embedded.Server) *nats.Conn {
	s.t.Helper()
	var o []nats.Option
	if s.options.virtual {
		o = append(o, nats.InProcessServer(server))
	}
	if s.options.server.Users != nil {
		o = append(o, nats.UserInfo(loadUser.Username, loadUser.Password))
	}
	return fedtest.Connect(s.t, server, o...)
}

func (f *flow) send(stop chan struct{}) {
	tick := time.NewTicker(f.every)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		f.publish(fmt.Sprintf("m%d", i), sizeOf(i))
	}
}

// sizeOf is how large the i-th message is: most are small, some are so large that they are written
// without a copy.
func sizeOf(i int) int {
	if i%16 == 0 {
		return 12 << 10
	}
	return 200
}

// publish sends one message. The id names the nodes of a request, or the client of a reply.
func (f *flow) publish(id string, size int) {
	subject, text := fedtest.CollectiveSubject, fedtest.Reply(clientOf(id), "n1")
	if f.from == federation {
		subject, text = fedtest.FederationSubject, fedtest.Request("r", f.subjectsOf(id)...)
	}
	text = strings.Replace(text, "aGVsbG8=", strings.Repeat("QUJD", size/4), 1)
	if f.sender.Publish(subject, []byte(text)) == nil {
		f.sent.Add(1)
	}
}

// burst sends n messages without a pause. Their ids begin with prefix.
func (f *flow) burst(prefix string, n, size int) {
	for i := range n {
		f.publish(fmt.Sprintf("%s%d", prefix, i), size)
	}
}

// clientOf is the client that the reply of that id goes to. The last token is one of few.
func clientOf(id string) string { return id + ".k" + id[len(id)-1:] }

// subjectsOf returns the subjects that the message of that id goes to.
func (f *flow) subjectsOf(id string) (all []string) {
	if f.from == collective {
		return []string{fedtest.ReplySubject(clientOf(id))}
	}
	if strings.HasPrefix(id, alone) {
		return []string{fedtest.Node(id)}
	}
	for k := range targetsEach {
		all = append(all, fedtest.Node(fmt.Sprintf("%s.k%d", id, k)))
	}
	return all
}

func (f *flow) arrive(m *nats.Msg) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fedtest.IsOwn(m.Subject) {
		return
	}
	f.seen[m.Subject]++
	if !strings.HasPrefix(string(m.Data), `{"protocol":`) || !strings.HasSuffix(string(m.Data), "}") {
		f.bad = string(m.Data)
	}
	f.arrived.Add(1)
}

// has reports whether all copies of a message have arrived.
func (f *flow) has(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, subject := range f.subjectsOf(id) {
		if f.seen[subject] == 0 {
			return false
		}
	}
	return true
}

// arrives waits for all copies of a message.
func (f *flow) arrives(id string) {
	f.t.Helper()
	fedtest.Within(f.t, fedtest.Patience, f.every, id+" arrives from the "+f.from.String(), func() bool { return f.has(id) })
}

// waitFor waits until n more copies have arrived.
func (f *flow) waitFor(n int64) {
	f.t.Helper()
	want := f.arrived.Load() + n
	what := fmt.Sprintf("%d more arrive from the %s", n, f.from)
	fedtest.Within(f.t, fedtest.Patience, f.every, what, func() bool { return f.arrived.Load() >= want })
}

// end stops sending. The server has got everything then.
func (f *flow) end() {
	f.t.Helper()
	f.stop()
	f.sending.Wait()
	if err := f.sender.FlushTimeout(fedtest.Patience); err != nil {
		f.t.Fatal(err)
	}
}
