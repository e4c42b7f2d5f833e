package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// A crowd is the nodes and clients of a scenario, with what they sent and got. Their connections
// never fail, unless their server does.
type crowd struct {
	network *network
	clients []*nats.Conn // one a federation station
	nodes   []*nats.Conn // one a collective station
	left    sync.WaitGroup

	// ttl is how late copies may be for want of a connection. It is set before the relay runs.
	ttl time.Duration

	answering sync.Mutex // held while a reply is numbered and published

	// Guarded by mu.
	mu      sync.Mutex
	asks    map[string]*ask
	streams map[string]*stream // by reply subject
	routes  map[string]route   // by the subject that the relay writes to

	published atomic.Int64 // requests
	replied   atomic.Int64 // replies
	copies    atomic.Int64 // that arrived at nodes
	answers   atomic.Int64 // that arrived at clients
}

// An ask is one request.
type ask struct {
	data    string
	targets []string
	size    int            // of the answers
	got     map[string]int // copies by target
	written map[int]int    // by network.row: targets that the relay has written to, or passed over
	entered map[int]int    // the same, of targets whose copies have entered a server
	answers int
	read    time.Time // when the relay had read it
}

// A serial tells the replies to one subject apart: each collective station counts its own from 1.
type serial struct{ station, number int }

// A stream is what goes to one reply subject.
type stream struct {
	sent  []int                // by collective station
	sizes map[serial]int       // in bytes
	got   map[serial]int       // how often
	via   map[serial]int       // number of the connection that brought it to the relay
	read  map[serial]time.Time // when it did

	// The relay keeps the order of what came on one connection. By its number:
	written map[int]int // the latest reply that the relay has written
	entered map[int]int // the latest reply that has entered a server
}

func newCrowd(n *network, federation, collective []*station) (*crowd, error) {
	c := &crowd{network: n, asks: make(map[string]*ask), streams: make(map[string]*stream), routes: make(map[string]route)}
	n.wrote, n.read, n.entered = c.onWritten, c.onRead, c.onEntered
	for _, s := range federation {
		nc, err := c.join(s, "mcollective.reply.>", c.onReply)
		if err != nil {
			return nil, err
		}
		c.clients = append(c.clients, nc)
	}
	for _, s := range collective {
		nc, err := c.join(s, "mcollective.node.>", c.onRequest)
		if err != nil {
			return nil, err
		}
		c.nodes = append(c.nodes, nc)
	}
	return c, nil
}

// join connects to a station, for good.
func (c *crowd) join(s *station, subject string, f nats.MsgHandler) (*nats.Conn, error) {
	c.left.Add(1)
	nc, err := nats.Connect("",
		nats.InProcessServer(s.server),
		nats.ReconnectWait(10*time.Millisecond),
		nats.ReconnectJitter(0, 0),
		nats.MaxReconnects(-1),
		nats.ReconnectBufSize(-1),
		nats.ClosedHandler(func(*nats.Conn) { c.left.Done() }),
	)
	if err != nil {
		return nil, err
	}
	if _, err := nc.Subscribe(subject, func(m *nats.Msg) {
		if !fedtest.IsOwn(m.Subject) {
			f(m)
		}
	}); err != nil {
		return nil, err
	}
	return nc, nc.FlushTimeout(time.Minute)
}

// sync waits until everybody has got everything that the servers have for them.
func (c *crowd) sync() {
	for _, nc := range append(append([]*nats.Conn(nil), c.clients...), c.nodes...) {
		for range 600 { // while its server restarts
			if nc.FlushTimeout(time.Minute) == nil {
				break
			}
			<-time.After(100 * time.Millisecond)
		}
	}
}

// leave closes the connections.
func (c *crowd) leave() {
	for _, nc := range append(append([]*nats.Conn(nil), c.clients...), c.nodes...) {
		nc.Close()
	}
	c.left.Wait()
}

// request asks nodes through a federation station; answers have size bytes. What the station does
// not take was never sent.
func (c *crowd) request(station int, id string, nodes []string, bytes, size int) {
	a := &ask{data: body(id, bytes), targets: nodes, size: size, got: make(map[string]int),
		written: make(map[int]int), entered: make(map[int]int)}
	c.mu.Lock()
	c.asks[id] = a
	c.mu.Unlock()
	if c.clients[station].Publish(fedtest.FederationSubject, request(id, a.data, nodes)) == nil {
		c.published.Add(1)
	}
}

// onRequest takes a copy that has arrived at a node, and has the node reply.
func (c *crowd) onRequest(m *nats.Msg) {
	c.copies.Add(1)
	l, err := open(m.Data)
	if err != nil {
		c.network.violation("a node got %v", err)
		return
	}
	size, err := c.judgeCopy(m.Subject, l)
	if err != nil {
		c.network.violation("%s got a copy of %s: %v", m.Subject, l.id, err)
		return
	}
	for i := range c.nodes {
		c.answer(i, l.id, strings.TrimPrefix(m.Subject, "mcollective.node."), size)
	}
}

// judgeCopy enters a copy into the books. It returns how large the reply shall be.
func (c *crowd) judgeCopy(subject string, l letter) (size int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.asks[l.id]
	if a == nil {
		return 0, fmt.Errorf("nobody sent it")
	}
	position := slices.Index(a.targets, subject)
	a.got[subject]++
	switch {
	case position < 0:
		err = fmt.Errorf("it is not a target")
	case a.got[subject] > 1:
		err = fmt.Errorf("copy number %d", a.got[subject])
	case l.data != a.data:
		err = fmt.Errorf("data of %d bytes instead of %d: %.80q", len(l.data), len(a.data), l.data)
	case l.reply != fedtest.CollectiveSubject || l.fedReplyTo != fedtest.ReplySubject(l.id) || l.targets != 0:
		err = fmt.Errorf("addressed as %+v", l)
	}
	return a.size, err
}

// answer sends a reply of size bytes through a collective station.
func (c *crowd) answer(station int, id, node string, size int) {
	c.answering.Lock()
	defer c.answering.Unlock()
	label := c.numbered(station, id, size)
	if c.nodes[station].Publish(fedtest.CollectiveSubject, reply(id, node, body(label, size))) == nil {
		c.replied.Add(1)
	}
}

// numbered gives the next reply to id its label.
func (c *crowd) numbered(station int, id string, size int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.streams[id]
	if s == nil {
		s = &stream{
			sent: make([]int, len(c.nodes)), sizes: make(map[serial]int), got: make(map[serial]int), entered: make(map[int]int),
			written: make(map[int]int), via: make(map[serial]int), read: make(map[serial]time.Time),
		}
		c.streams[id] = s
	}
	s.sent[station]++
	s.sizes[serial{station, s.sent[station]}] = size
	return label(id, station, s.sent[station])
}

func label(id string, station, number int) string {
	return fmt.Sprintf("%s.%d.%d", id, station, number)
}

// onReply takes a reply that has arrived at a client.
func (c *crowd) onReply(m *nats.Msg) {
	c.answers.Add(1)
	l, err := open(m.Data)
	if err == nil {
		err = c.judgeReply(m.Subject, l)
	}
	if err != nil {
		c.network.violation("a client got on %s: %v", m.Subject, err)
	}
}

// judgeReply enters a reply into the books.
func (c *crowd) judgeReply(subject string, l letter) error {
	id := subject[strings.LastIndexByte(subject, '.')+1:]
	words := strings.SplitN(l.data, ".", 4)
	if len(words) != 4 || words[0] != id {
		return fmt.Errorf("what was sent to another: %.80q", l.data)
	}
	from, err1 := strconv.Atoi(words[1])
	number, err2 := strconv.Atoi(words[2])
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.streams[id]
	if err1 != nil || err2 != nil || s == nil || from >= len(s.sent) || number > s.sent[from] {
		return fmt.Errorf("what nobody sent: %.80q", l.data)
	}
	if a := c.asks[id]; a != nil {
		a.answers++
	}
	return s.judge(serial{from, number}, l, label(id, from, number))
}

func (s *stream) judge(which serial, l letter, label string) error {
	s.got[which]++
	switch {
	case l.fedReplyTo != "":
		return fmt.Errorf("a federation header")
	case s.got[which] > 1:
		return fmt.Errorf("%s %d times", label, s.got[which])
	case l.data != body(label, s.sizes[which]):
		return fmt.Errorf("%s is damaged: %d bytes, %.80q", label, len(l.data), l.data)
	}
	return nil
}

// answered reports whether a request has come back to a client.
func (c *crowd) answered(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asks[id] != nil && c.asks[id].answers > 0
}
