package chaos

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/load"
)

// A world is all that a fault happens to.
type world struct {
	ctx     context.Context
	options Options
	fault   Fault
	dir     string // for files of one run
	limit   string // what the shell does to put a relay into a control group

	federation, collective natsServer
	relays                 [3]*relay
	nodes                  *fleet.Nodes
	generator              *load.Generator
	ended                  books // of relays that ended in order
	killed                 bool  // a relay has ended without a word
}

func newWorld(ctx context.Context, o Options, f Fault) (*world, error) {
	dir, err := os.MkdirTemp("", "fedrelay-chaos")
	if err != nil {
		return nil, err
	}
	w := &world{ctx: ctx, options: o, fault: f, dir: dir}
	for _, s := range []*natsServer{&w.federation, &w.collective} {
		s.command, s.deadline = o.Server, f.Deadline
	}
	return w, nil
}

func (w *world) start() error {
	err := errors.Join(w.federation.start(w.ctx), w.collective.start(w.ctx))
	if err != nil {
		return err
	}
	if err := w.startFleet(); err != nil {
		return err
	}
	for i := range w.relays {
		w.relays[i] = &relay{number: i + 1, world: w}
		for side, s := range []*natsServer{&w.federation, &w.collective} {
			if w.relays[i].ways[side], err = newWire(s.address); err != nil {
				return err
			}
		}
		if err := w.relays[i].start(w.ctx); err != nil {
			return err
		}
	}
	return nil
}

// rate and nodeCount are those of the fault, or of all.
func (w *world) rate() float64 {
	if w.fault.Rate > 0 {
		return w.fault.Rate
	}
	return w.options.Rate
}

func (w *world) nodeCount() int {
	if w.fault.Nodes > 0 {
		return w.fault.Nodes
	}
	return w.options.Nodes
}

func (w *world) startFleet() error {
	roster, err := fleet.Description{Site: cluster, Nodes: w.nodeCount()}.Roster()
	if err != nil {
		return err
	}
	// Who is away for a moment must not be the one who loses something.
	keeps := []nats.Option{nats.ReconnectBufSize(256 << 20)}
	w.generator, err = load.New(load.Options{
		Fed: w.federation.url(), NATS: keeps, Cluster: cluster, Roster: roster, Timeout: patience, Persist: true,
		RequestBytes: w.fault.RequestBytes,
		Plan:         load.Plan{Rate: w.rate(), Duration: time.Hour},
	})
	if err != nil {
		return err
	}
	w.nodes, err = fleet.StartNodes(fleet.NodesOptions{
		URL: w.collective.url(), NATS: keeps, Roster: roster, ReplyBytes: w.fault.ReplyBytes, Ledger: w.generator,
	})
	return err
}

// allReady waits until all relays are.
func (w *world) allReady() error {
	for _, r := range w.relays {
		if err := r.await(w.ctx, "ready again", r.ready); err != nil {
			return err
		}
	}
	return nil
}

// replaced stops a relay in order and starts it again.
func (w *world) replaced(r *relay) error {
	b, err := r.stop()
	if err != nil {
		return err
	}
	w.ended.add(b)
	r.http = ""
	return r.start(w.ctx)
}

// stopRelays stops all of them in order. It returns the first error.
func (w *world) stopRelays() (err error) {
	for _, r := range w.relays {
		b, failed := r.stop()
		w.ended.add(b)
		err = errors.Join(err, failed)
	}
	return err
}

// close ends everything that is left.
func (w *world) close() {
	for _, r := range w.relays {
		if r == nil {
			continue
		}
		if r.process != nil {
			r.process.Kill()
		}
		for _, way := range r.ways {
			if way != nil {
				way.close()
			}
		}
	}
	if w.nodes != nil {
		w.nodes.Close()
	}
	if w.generator != nil {
		w.generator.Close()
	}
	for _, s := range []*natsServer{&w.federation, &w.collective} {
		if s.process != nil {
			s.process.Kill()
		}
	}
	_ = os.RemoveAll(w.dir) // a folder of the system's own, which it clears
}
