package config

import (
	"cmp"
	"time"
)

// LeastExpanded is the least that limits.expanded_bytes may be. Relays and edges, which do not know
// this limit of each other, rely on it when they make bundles.
const LeastExpanded = 8 * MiB

func (v *validator) ranges(c Config) {
	l, p := c.Limits, c.Pipeline
	within(v, "weight", c.Weight, 1, 100)
	within(v, "limits.targets", l.Targets, 1, 10_000_000)
	within(v, "limits.fanout_bytes", l.FanoutBytes, KiB, TiB)
	// A longer subject leaves no room in the server's control line of 4096 bytes for the reply
	// subject and the sizes.
	within(v, "limits.subject_length", l.SubjectLength, 16, 1024)
	within(v, "limits.hops", l.Hops, 1, 1024)
	within(v, "limits.depth", l.Depth, 4, 256)
	within(v, "limits.expanded_bytes", l.ExpandedBytes, LeastExpanded, GiB)
	within(v, "pipeline.decode_workers", p.DecodeWorkers, 0, 256)
	v.lanes(p.Lanes)
	within(v, "pipeline.depth", p.Depth, 1, 4096)
	within(v, "pipeline.batch_messages", p.BatchMessages, 1, 65_536)
	within(v, "pipeline.batch_bytes", p.BatchBytes, 4*KiB, 64*MiB)
	within(v, "pipeline.max_bytes", p.MaxBytes, MiB, TiB)
	within(v, "pipeline.inbox_bytes", p.InboxBytes, MiB, TiB)
	within(v, "pipeline.inbox_messages", p.InboxMessages, 1, 1_000_000_000)
	if c.Recent.Bytes != 0 {
		within(v, "recent.bytes", c.Recent.Bytes, 64*KiB, GiB)
	}
	v.durations(c)
}

func (v *validator) durations(c Config) {
	within(v, "federation.srv.interval", c.Federation.SRV.Interval, time.Second, 24*time.Hour)
	within(v, "collective.srv.interval", c.Collective.SRV.Interval, time.Second, 24*time.Hour)
	within(v, "line.srv.interval", c.Line.SRV.Interval, time.Second, 24*time.Hour)
	within(v, "pipeline.copy_ttl", c.Pipeline.CopyTTL, 100*time.Millisecond, time.Hour)
	within(v, "return_address.lifetime", c.ReturnAddress.Lifetime, ShortestLifetime, LongestLifetime)
	within(v, "drain.timeout", c.Drain.Timeout, time.Millisecond, 24*time.Hour)
	within(v, "drain.replies", c.Drain.Replies, 0, 24*time.Hour)
	within(v, "stats.interval", c.Stats.Interval, time.Second, time.Hour)
	within(v, "log.drop_interval", c.Log.DropInterval, 0, 24*time.Hour)
}

func within[T cmp.Ordered](v *validator, key string, value, least, most T) {
	if value < least || value > most {
		v.add(key, "%s is out of range; want %s to %s", show(value), show(least), show(most))
	}
}
