package relay

import (
	"cmp"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
	"github.com/fedrelay/fedrelay/internal/telemetry"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

var _ state.Source = (*Relay)(nil)

// Instance implements state.Source.
func (r *Relay) Instance() state.Instance {
	i := state.Instance{
		Schema: state.Schema, Cluster: r.cfg.Cluster, Identity: r.cfg.Identity, Version: r.options.Version,
		Edge: r.cfg.IsEdge(), Started: r.started.UTC(), Now: time.Now().UTC(), Warnings: r.Warnings(),
	}
	i.Ready, i.Reasons = r.Ready()
	i.Request, i.Reply = r.request.state(), r.reply.state()
	for _, s := range r.Sides() {
		i.Sides = append(i.Sides, r.sideState(s))
	}
	return i.Redacted()
}

// state returns the path as operators see it.
func (p *path) state() state.Path {
	v := p.view()
	books := v.Ledger
	s := state.Path{
		Received: books.Received, Accepted: books.Accepted, InParse: books.InParse(), Copies: books.Copies,
		InFlight: books.InFlight(), Unaccounted: v.Unaccounted, Dropped: books.Dropped,
		QueueMessages: v.QueueMessages, QueueBytes: v.QueueBytes, BufferBytes: v.BufferBytes, Lanes: v.Lanes,
		LastReceived: p.source.LastReceived().UTC(),
		Rejected:     byReason(&books.Rejected), Skipped: byReason(&books.Fates[pipeline.Skipped]),
		Fates: make(map[string]int64), Latency: histogram(v.Latency),
	}
	for f := range pipeline.NumFates {
		if n := books.Fate(f); n != 0 {
			s.Fates[f.String()] = n
		}
	}
	return s
}

// histogram returns a histogram of telemetry as a document.
func histogram(d telemetry.Durations) state.Histogram {
	h := state.Histogram{Counts: d.Counts, Sum: d.Sum}
	for _, b := range d.Bounds {
		h.Bounds = append(h.Bounds, b.Seconds())
	}
	return h
}

func byReason(counts *[wire.NumReasons]int64) map[string]int64 {
	m := make(map[string]int64)
	for r, n := range counts {
		if n != 0 {
			m[wire.Reason(r).String()] = n
		}
	}
	return m
}

// sideState returns a side as operators see it.
func (r *Relay) sideState(v telemetry.Side) state.Side {
	s := state.Side{
		Name: v.Name, Up: v.Up, Subscribed: v.Subscribed, URL: v.URL, Connections: len(v.Connections),
		Since: v.Since.UTC(), LastError: v.LastError, LastErrorAt: v.LastErrorAt.UTC(), Expiry: v.Expiry,
	}
	for _, side := range r.sides {
		if side.name == v.Name {
			status := side.receive.Status()
			s.Server, s.NATSCluster = cmp.Or(status.ServerName, status.ServerID), status.Cluster
			if denied := side.publishes.lastDenied.Load(); denied != nil {
				s.LastDenied, s.LastDeniedAt = denied.printable(), denied.when.UTC()
			}
		}
	}
	return s
}
