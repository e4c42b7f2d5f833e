package relay

import (
	"fmt"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/telemetry"
	"github.com/fedrelay/fedrelay/pipeline"
)

var _ telemetry.View = (*Relay)(nil)

// Info implements telemetry.View.
func (r *Relay) Info() telemetry.Info {
	return telemetry.Info{
		Cluster: r.cfg.Cluster, Identity: r.cfg.Identity, Version: r.options.Version, Edge: r.cfg.IsEdge(),
	}
}

// Paths implements telemetry.View.
func (r *Relay) Paths() []telemetry.Path {
	request, reply := r.request.view(), r.reply.view()
	reply.Seals = r.seals.view()
	request.BufferLimit, reply.BufferLimit = int64(r.cfg.Pipeline.MaxBytes), int64(r.cfg.Pipeline.MaxBytes)
	return []telemetry.Path{request, reply}
}

func (p *path) view() telemetry.Path {
	messages, bytes := p.source.Waiting()
	view := telemetry.Path{
		Name:          p.name,
		Lanes:         int64(len(p.inUse())),
		Unaccounted:   p.unaccounted(),
		Ledger:        p.ledger.Snapshot(),
		QueueMessages: int64(messages),
		QueueBytes:    int64(bytes),
		BuffersInUse:  p.pool.InUse(),
		BufferBytes:   p.pool.Lent(),
		Latency:       p.latency.Snapshot(),
	}
	if p.answers != nil {
		view.SingleReplies = p.answers.singles.Load()
	}
	if last := p.lastDenied.Load(); last != nil {
		view.LastDenied, view.LastDeniedAt = last.printable(), last.when
	}
	return view
}

// Sides implements telemetry.View.
func (r *Relay) Sides() []telemetry.Side {
	views := make([]telemetry.Side, len(r.sides))
	for i, s := range r.sides {
		views[i] = s.view(r.events.of(s.name))
		views[i].Expiry = r.credentials.endsOf(s.name)
	}
	return views
}

// Ledgers returns snapshots of the ledgers of both paths.
func (r *Relay) Ledgers() (request, reply pipeline.Snapshot) {
	return r.request.ledger.Snapshot(), r.reply.ledger.Snapshot()
}

// Unconfirmed returns how many copies are unconfirmed, on both paths together.
func (r *Relay) Unconfirmed() int64 {
	request, reply := r.Ledgers()
	return request.Fate(pipeline.Unconfirmed) + reply.Fate(pipeline.Unconfirmed)
}

// Unaccounted returns how many messages and copies have no fate although nothing is under way, on
// both paths together. It must be 0.
func (r *Relay) Unaccounted() int64 { return r.request.unaccounted() + r.reply.unaccounted() }

// BuffersInUse returns how many buffers the pools of both paths have lent. It is 0 when the relay
// has ended. At rest it is one for each path, which the connection reads into.
func (r *Relay) BuffersInUse() int64 { return r.request.pool.InUse() + r.reply.pool.InUse() }

// LedgerLine returns the books of both paths on one line.
func (r *Relay) LedgerLine() string {
	request, reply := r.Ledgers()
	return fmt.Sprintf("ledger: %srequest: %s; reply: %s; unaccounted %d", r.clusterPrefix(),
		request.String(), reply.String(), r.Unaccounted())
}

// view returns the side as telemetry shows it. events are its counts of events.
func (s *side) view(events map[string]int64) telemetry.Side {
	v := telemetry.Side{Name: s.name, Up: true, Subscribed: s.source.Subscribed(), Events: events}
	addConnection(&v, "receive", s.receive.Status(), false)
	for i, l := range s.publishes.inUse() {
		addConnection(&v, "publish", l.link.Status(), i > 0)
	}
	return v
}

// addConnection enters one connection in v. A side is up when all its connections are. further says
// that there are others for the same: if such a lane joins them, the side was up before.
func addConnection(v *telemetry.Side, role string, s link.Status, further bool) {
	c := telemetry.Connection{
		Role: role, Up: s.Connected, URL: s.URL,
		Since: s.Since, Epoch: s.Epoch, Suspected: s.Suspected,
	}
	v.Connections = append(v.Connections, c)
	v.Up = v.Up && c.Up
	if v.URL == "" || c.Up {
		v.URL = c.URL
	}
	joined := further && c.Up && c.Epoch == 1
	if c.Since.After(v.Since) && !joined {
		v.Since = c.Since
	}
	if s.LastErrorAt.After(v.LastErrorAt) {
		v.LastError, v.LastErrorAt = s.LastError, s.LastErrorAt
	}
}
