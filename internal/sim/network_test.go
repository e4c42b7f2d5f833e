package sim

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"regexp"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/fedrelay/fedrelay/internal/embedded"
)

// A station is a server with an address that the relay dials.
type station struct {
	side, address string
	server        *embedded.Server
	shut          atomic.Bool // takes no new connections of the relay
}

// Network and String make a station the address of its connections.
func (s *station) Network() string { return "tcp" }
func (s *station) String() string  { return s.address }

// A network is everything between one relay and the stations.
type network struct {
	seed      uint64
	stations  map[string]*station // by address; read-only once in use
	faulty    bool                // connections have plans
	lanes     int                 // of the relay; set before it runs
	injection *injection          // fails one operation; nil for none

	// The crowd's: called with what the relay has read, what it has written, and what of that
	// enters a server. They borrow line and body, which is only the beginning of the payload.
	read           func(from *conn, line, body []byte)
	wrote, entered func(to *conn, line, body []byte)

	calm  chan struct{}  // closed when the faults are over
	wires sync.WaitGroup // pumps, and goroutines that cut connections

	// Guarded by mu.
	mu          sync.Mutex
	flapping    bool
	numbers     map[string]int // connections so far, by side, and by side and role
	conns       []*conn
	seen        map[string]int // what happened
	violations  []string
	arrivesLate map[string]bool // sides; see unorderArrivals
	overtaken   map[string]bool // sides; see noteOvertaking
}

func newNetwork(seed uint64, stations []*station) *network {
	n := &network{
		seed:        seed,
		stations:    make(map[string]*station),
		calm:        make(chan struct{}),
		numbers:     make(map[string]int),
		seen:        make(map[string]int),
		arrivesLate: make(map[string]bool),
		overtaken:   make(map[string]bool),
	}
	for _, s := range stations {
		n.stations[s.address] = s
	}
	return n
}

func (n *network) isCalm() bool { return isClosed(n.calm) }

// saw counts something that a run of many scenarios must have seen.
func (n *network) saw(what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen[what]++
}

// violation notes what must never happen.
func (n *network) violation(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.violations) < 10 {
		n.violations = append(n.violations, fmt.Sprintf(format, args...))
	}
}

// number counts the connections of a kind, and returns the random numbers for this one. They do not
// depend on how many there were of other kinds.
func (n *network) number(kind string) *rand.Rand {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.numbers[kind]++
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", kind, n.numbers[kind])
	return rand.New(rand.NewPCG(n.seed, h.Sum64()))
}

// dial is relay.Options.Dial.
func (n *network) dial(side string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, address string) (net.Conn, error) {
		rng := n.number(side)
		if err := n.refuse(ctx, rng); err != nil {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
		}
		s := n.stations[address]
		if s == nil || s.side != side {
			return nil, fmt.Errorf("sim: BUG: nobody listens on %s", address)
		}
		server, err := s.server.InProcessConn()
		if err != nil || s.shut.Load() {
			if err == nil {
				server.Close()
			}
			n.saw("dial refused by a stopped server")
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}
		return n.connect(s, server, rng), nil
	}
}

// refuse has a dial fail or hang, now and then.
func (n *network) refuse(ctx context.Context, rng *rand.Rand) error {
	if !n.faulty || n.isCalm() {
		return nil
	}
	switch rng.IntN(24) {
	case 0, 1:
		n.saw("dial refused")
		return syscall.ECONNREFUSED
	case 2:
		n.saw("dial hangs")
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-n.calm:
		}
	}
	return nil
}

func (n *network) connect(s *station, server net.Conn, rng *rand.Rand) *conn {
	c := &conn{
		network: n, station: s, server: server, rng: rng, plan: n.earlyPlan(rng),
		readDeadline: newDeadline(), writeDeadline: newDeadline(),
		gone: make(chan struct{}), left: make(chan struct{}),
	}
	c.up, c.down = newLine(c.plan.room), newLine(c.plan.room)
	c.written.keep, c.arrived.keep, c.received.keep = true, true, true
	c.written.frame = c.onWritten
	c.received.seen = func() { c.network.read(c, c.received.header, c.received.body) }
	c.arrived.frame, c.sent.frame, c.received.frame = c.onArrived, c.onSent, c.onReceived
	n.mu.Lock()
	n.conns = append(n.conns, c)
	c.number = len(n.conns)
	flapping := n.flapping
	n.mu.Unlock()
	if flapping {
		c.expire(between(rng, 5*time.Millisecond, 35*time.Millisecond))
	}
	n.wires.Go(c.pumpUp)
	n.wires.Go(c.pumpDown)
	return c
}

// earlyPlan is what happens to a connection before the login.
func (n *network) earlyPlan(rng *rand.Rand) plan {
	p := goodPlan()
	if !n.faulty {
		return p
	}
	p.room = 1 << (9 + rng.IntN(9))
	p.split = rng.IntN(2) == 0
	if rng.IntN(20) == 0 {
		n.saw("fault before the login")
		f := &p.down
		if rng.IntN(2) == 0 {
			f = &p.up
		}
		f.fault = fault(1 + rng.IntN(4))
		f.faultAt, f.lasts = 1+rng.IntN(300), between(rng, 10*time.Millisecond, 10*time.Second)
	}
	return p
}

var connectName = regexp.MustCompile(`"name":"([^"]*)"`)

// login gives the connection its plan when p has the CONNECT that says what it is for.
func (c *conn) login(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.role != "" || !bytes.Contains(p, []byte("CONNECT {")) {
		return
	}
	name := connectName.FindSubmatch(p)
	if name == nil {
		return
	}
	words := bytes.Fields(bytes.TrimRight(name[1], "0123456789")) // of a lane
	c.role, c.joined = string(words[len(words)-1]), time.Now()
	rng := c.network.number(c.station.side + " " + c.role)
	if c.network.faulty && !c.network.isCalm() {
		room := c.plan.room
		c.plan = newPlan(rng)
		c.plan.room = room
	}
	c.passed = [2]int{}
}

// expire cuts the connection after a while, unless the faults are over then.
func (c *conn) expire(life time.Duration) {
	c.network.wires.Go(func() {
		t := time.NewTimer(life)
		defer t.Stop()
		select {
		case <-t.C:
			c.network.saw("flap")
			c.cut()
		case <-c.gone:
		case <-c.network.calm:
		}
	})
}

// open returns the connections to a station that have not ended.
func (n *network) open(s *station) (conns []*conn) {
	for _, c := range n.all() {
		if c.station == s && !isClosed(c.gone) {
			conns = append(conns, c)
		}
	}
	return conns
}
