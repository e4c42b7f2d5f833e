package sim

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// A world is one relay with everything around it. It lives in a bubble.
type world struct {
	rng        *rand.Rand
	network    *network
	federation []*station
	collective []*station
	crowd      *crowd
	relay      *relay.Relay
	config     config.Config

	stop     context.CancelFunc // asks the relay to drain
	ended    chan struct{}      // closed when Run has returned
	err      error              // what Run returned, once ended is closed
	lossy    bool               // a server was stopped that may have held copies
	asked    atomic.Int64       // requests so far
	trickles int                // so far
}

// newWorld starts everything but the relay.
func newWorld(seed uint64, rng *rand.Rand, federation, collective int) (*world, error) {
	w := &world{rng: rng, ended: make(chan struct{})}
	var err error
	if w.federation, err = w.newStations("federation", 4222, federation); err != nil {
		return nil, err
	}
	if w.collective, err = w.newStations("collective", 5222, collective); err != nil {
		return nil, err
	}
	w.network = newNetwork(seed, w.stations())
	if w.crowd, err = newCrowd(w.network, w.federation, w.collective); err != nil {
		return nil, err
	}
	w.config = w.settings()
	return w, nil
}

func (w *world) stations() []*station {
	return append(append([]*station(nil), w.federation...), w.collective...)
}

func (w *world) newStations(side string, port, count int) (all []*station, err error) {
	for i := range count {
		s := &station{side: side, address: fmt.Sprintf("127.0.0.1:%d", port+i)}
		ping, patience := between(w.rng, time.Second, time.Minute), between(w.rng, time.Second, 10*time.Second)
		s.server, err = embedded.Start(embedded.Options{
			Name:       fmt.Sprintf("%s%d", side, i),
			DontListen: true,
			Tune: func(o *server.Options) {
				o.NoSystemAccount = true
				o.PingInterval = ping
				o.WriteDeadline = patience
			},
		})
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// settings are those of the relay: small queues and batches, so that they matter.
func (w *world) settings() config.Config {
	c := config.Default()
	c.Cluster, c.Identity = fedtest.Cluster, "relay1"
	c.HTTP.Listen = "off"
	for _, s := range w.federation {
		c.Federation.Servers = append(c.Federation.Servers, "nats://"+s.address)
	}
	for _, s := range w.collective {
		c.Collective.Servers = append(c.Collective.Servers, "nats://"+s.address)
	}
	c.Pipeline.Lanes = lanesOf(w.network.seed, config.Lanes(1+4*w.rng.IntN(2)))
	c.Pipeline.Depth = 1 + w.rng.IntN(8)
	c.Pipeline.BatchMessages = 1 + w.rng.IntN(64)
	c.Pipeline.BatchBytes = config.Size(1 << (10 + w.rng.IntN(9)))
	c.Pipeline.CopyTTL = between(w.rng, 500*time.Millisecond, []time.Duration{2 * time.Second, time.Minute}[w.rng.IntN(2)])
	if w.rng.IntN(4) == 0 {
		c.Pipeline.InboxMessages = 8
	}
	c.Pipeline.Portable = w.network.seed%5 == 4
	c.Pipeline.DecodeWorkers = 1 + int(w.network.seed%2)
	c.Drain.Timeout = between(w.rng, 5*time.Second, 30*time.Second)
	c.Drain.Replies = between(w.rng, 0, 5*time.Second)
	return c
}

// lanesOf returns how many lanes the relay of a scenario has: so many, or as many as it likes.
func lanesOf(seed uint64, number config.Lanes) config.Lanes {
	if seed%3 == 1 {
		return config.LanesAuto
	}
	return number
}

// sizing has the number of lanes change often. Few nodes make many lanes, and those come and go.
func (w *world) sizing() relay.Sizing {
	rng := rand.New(rand.NewPCG(w.network.seed, 2))
	return relay.Sizing{
		Nodes: 1 + rng.IntN(4), Most: 2 + rng.IntN(8),
		Look: between(rng, 5*time.Millisecond, 200*time.Millisecond), Rest: between(rng, 10*time.Millisecond, 300*time.Millisecond),
		Patience: between(rng, 200*time.Millisecond, 3*time.Second), Retry: between(rng, 500*time.Millisecond, 4*time.Second),
		Generation: between(rng, 200*time.Millisecond, 2*time.Second), Surplus: between(rng, 100*time.Millisecond, 2*time.Second),
	}
}

// start runs the relay.
func (w *world) start(log *slog.Logger) error {
	sizing := w.sizing()
	w.network.lanes = int(w.config.Pipeline.Lanes)
	if w.config.Pipeline.Lanes == config.LanesAuto {
		w.network.lanes = sizing.Most
	}
	w.crowd.ttl = w.config.Pipeline.CopyTTL
	var err error
	w.relay, err = relay.New(w.config, relay.Options{Dial: w.network.dial, Log: log, Version: "sim", Sizing: sizing})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	go func() {
		defer close(w.ended)
		w.err = w.relay.Run(ctx)
	}()
	return nil
}

// ask sends a request through a federation station and returns its id.
func (w *world) ask(station, targets, bytes, answer int) string {
	id := fmt.Sprintf("r%05d", w.asked.Add(1))
	w.crowd.request(station, id, fedtest.Nodes(targets), bytes, answer)
	return id
}

// within asks ok every tenth of a second until it says yes, and returns how long that took. It
// gives up after bound.
func within(bound time.Duration, ok func() bool) (time.Duration, bool) {
	began := time.Now()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Since(began) > bound {
			return 0, false
		}
		<-tick.C
	}
	return time.Since(began), true
}

// pass lets virtual time pass.
func pass(d time.Duration) { <-time.After(d) }

// end stops everything but the relay, which has ended.
func (w *world) end() {
	w.crowd.leave()
	for _, s := range w.stations() {
		s.server.Stop()
	}
}
