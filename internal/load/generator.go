package load

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// Generator is one run. Make it with New, give it to nodes as their Ledger, Run it once, Close it.
type Generator struct {
	// Set by New, then read-only.
	opts    Options
	nc      *nats.Conn
	closed  chan struct{}
	sub     *nats.Subscription
	writer  *fleet.Writer
	senders *fleet.Senders
	ids     *fleet.IDs
	born    time.Time     // what clock counts from
	kick    chan struct{} // gets a value when a request is complete

	// Guarded by mu.
	mu   sync.RWMutex
	byID map[string]*request
	all  []*request

	// Owned by the subscription's goroutine.
	last    *request
	decoder compact.Decoder
	text    []byte
	places  []wire.Span

	// Owned by Ask and Record.
	started time.Time     // when the first request was planned
	waited  time.Duration // until Ask gave up waiting, by clock
	usage   usage
	writing time.Duration // spent on requests before they could be published

	live liveHistogram

	begin, lastArrival                        atomic.Int64 // times by clock
	open                                      atomic.Int64 // requests that are not complete
	messages, copies, replies, faults, strays atomic.Int64
	corrupt, checked, errors                  atomic.Int64
	maxLag, lags                              atomic.Int64 // nanoseconds; how many were late
}

// New connects. The caller must Close.
func New(o Options) (*Generator, error) {
	o.setDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	co := fleet.ClientOptions{
		Version: o.Version, ReplyEnd: replyEnd(o.Compact), Caller: caller(o.Version), Collective: o.Collective, RequestBytes: o.RequestBytes, Roster: o.Roster, CheckEvery: o.CheckEvery,
	}
	g := &Generator{
		opts: o, closed: make(chan struct{}), writer: fleet.NewWriter(co), senders: fleet.NewSenders(co),
		ids: fleet.NewIDs(o.Version, o.Seed), born: time.Now(), kick: make(chan struct{}, 1),
		byID: map[string]*request{}, live: newLiveHistogram(),
	}
	return g, g.connect()
}

// replyEnd is the end of reply subjects at which compact messages may arrive.
func replyEnd(compact bool) string {
	if compact {
		return ".="
	}
	return ""
}

// caller is another one in each run, so that runs at the same time do not get replies of each
// other.
func caller(v fleet.Version) string {
	id := hex.EncodeToString(binary.BigEndian.AppendUint64(nil, rand.Uint64()))
	if v == fleet.V2 {
		return "up=load" + id
	}
	return "choria=load" + id + ".mcollective"
}

func (g *Generator) connect() error {
	nc, err := nats.Connect(g.opts.Fed, append([]nats.Option{
		nats.Name("loadgen client"), nats.MaxReconnects(-1), nats.ReconnectWait(100 * time.Millisecond),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) { g.errors.Add(1) }),
		nats.ClosedHandler(func(*nats.Conn) { close(g.closed) }),
	}, g.opts.NATS...)...)
	if err != nil {
		return err
	}
	g.nc = nc
	// Real clients subscribe for each request. That costs the server something, not the relay, so
	// here is one for all.
	if g.sub, err = nc.Subscribe(g.writer.ReplyTo("*"), g.receive); err == nil {
		err = g.sub.SetPendingLimits(1<<22, 2<<30)
	}
	if err == nil {
		err = nc.Flush()
	}
	if err != nil {
		g.Close()
	}
	return err
}

// Close disconnects and waits for that. It does not end a Run: cancel its context.
func (g *Generator) Close() {
	if g.nc == nil {
		return
	}
	g.nc.Close()
	<-g.closed
}

// clock is the time since the generator was made. It is monotonic.
func (g *Generator) clock() time.Duration { return time.Since(g.born) }

// complete is called once for each request that needs nothing more.
func (g *Generator) complete() {
	g.open.Add(-1)
	select {
	case g.kick <- struct{}{}:
	default:
	}
}
