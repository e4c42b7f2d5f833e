package telemetry

import (
	"runtime"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// A family is one metric with all its series, even those that have counted nothing.
type family struct {
	name, kind, help string
	write            func(p *page, s *relayScrape)
}

const (
	counter = "counter"
	gauge   = "gauge"
	buckets = "histogram"
)

// families are all metrics, in the order of /metrics. Those without write are in ofProcess.
var families = [...]family{
	{"fedrelay_messages_received_total", counter, "Messages taken from the network.",
		perPath(func(p *Path) int64 { return p.Ledger.Received })},
	{"fedrelay_messages_total", counter, "Messages by what became of them.", messages},
	{"fedrelay_messages_in_parse", gauge, "Messages received and not yet accepted or rejected.",
		perPath(func(p *Path) int64 { return p.Ledger.InParse() })},
	{"fedrelay_copies_accepted_total", counter, "Copies of accepted messages, one for each target that they name.",
		perPath(func(p *Path) int64 { return p.Ledger.Copies })},
	{"fedrelay_copies_total", counter, "Copies by what became of them.", copies},
	{"fedrelay_copies_in_flight", gauge, "Copies accepted and without a fate yet.",
		perPath(func(p *Path) int64 { return p.Ledger.InFlight() })},
	{"fedrelay_unaccounted", gauge, "Messages and copies without a fate although the path is at rest.",
		perPath(func(p *Path) int64 { return p.Unaccounted })},
	{"fedrelay_ingest_dropped_total", counter, "Messages lost before they were received.",
		perPath(func(p *Path) int64 { return p.Ledger.Dropped })},
	{"fedrelay_headers_stripped_total", counter, "Messages whose NATS headers were not carried on.",
		perPath(func(p *Path) int64 { return p.Ledger.HeadersStripped })},
	{"fedrelay_bundles_total", counter, "Bundles, each with what one read brought for one return address.",
		perPath(func(p *Path) int64 { return p.Ledger.Bundles.Bundles })},
	{"fedrelay_bundled_copies_total", counter, "Copies that left in bundles.",
		perPath(func(p *Path) int64 { return p.Ledger.Bundles.Copies })},
	{"fedrelay_bundled_message_bytes_total", counter, "Bytes of the messages that left in bundles, as they came.",
		perPath(func(p *Path) int64 { return p.Ledger.Bundles.MessageBytes })},
	{"fedrelay_bundle_bytes_total", counter, "Bytes of bundles.",
		perPath(func(p *Path) int64 { return p.Ledger.Bundles.Bytes })},
	{"fedrelay_queue_messages", gauge, "Messages waiting to be received.",
		perPath(func(p *Path) int64 { return p.QueueMessages })},
	{"fedrelay_queue_bytes", gauge, "Payload bytes waiting to be received.",
		perPath(func(p *Path) int64 { return p.QueueBytes })},
	{"fedrelay_buffers_in_use", gauge, "Buffers lent by the pool.",
		perPath(func(p *Path) int64 { return p.BuffersInUse })},
	{"fedrelay_buffer_bytes", gauge, "Bytes of the buffers lent by the pool, which pipeline.max_bytes bounds.",
		perPath(func(p *Path) int64 { return p.BufferBytes })},
	{"fedrelay_added_latency_seconds", buckets, "Time from when a message was read until its copies were written, by copies.", addedLatency},
	{"fedrelay_buffer_limit_bytes", gauge, "Bytes of buffers at which the path reads nothing more.",
		perPath(func(p *Path) int64 { return p.BufferLimit })},
	{"fedrelay_last_denial_timestamp_seconds", gauge, "When a copy was denied last, 0 if none was.",
		perPath(func(p *Path) int64 { return unixOrZero(p.LastDeniedAt) })},
	{"fedrelay_lanes", gauge, "Lanes, each with a connection to publish on.",
		perPath(func(p *Path) int64 { return p.Lanes })},
	{"fedrelay_single_replies_total", counter, "Replies that came to an edge one by one, from relays that read only JSON.",
		func(p *page, s *relayScrape) { p.series(s.paths[1].SingleReplies) }},
	{"fedrelay_reply_seals_total", counter, "Replies by what their seal was found to be.", replySeals},
	{"fedrelay_node_round_trip_seconds", buckets, "Time from a request to its reply, for replies whose seal opened.", roundTrips},
	{"fedrelay_side_up", gauge, "Whether all connections of the side are up.",
		perSide(func(s *Side) int64 { return number(s.Up) })},
	{"fedrelay_side_subscribed", gauge, "Whether the side brings messages.",
		perSide(func(s *Side) int64 { return number(s.Subscribed) })},
	{"fedrelay_connections", gauge, "Connections that are up.", perSide(connectionsUp)},
	{"fedrelay_connection_events_total", counter, "What happened to the connections.", connectionEvents},
	{"fedrelay_last_error_timestamp_seconds", gauge, "When the side had an error last, 0 if it had none.",
		perSide(func(s *Side) int64 { return unixOrZero(s.LastErrorAt) })},
	{"fedrelay_credential_expiry_timestamp_seconds", gauge, "When the first credential of a kind ends.", credentialExpiry},
	{"fedrelay_ready", gauge, "Whether the relay carries messages.",
		func(p *page, s *relayScrape) { p.series(number(s.ready)) }},
	{"fedrelay_http_rejected_total", counter, "HTTP requests and connections rejected.", nil},
	{"fedrelay_http_certificate_expiry_timestamp_seconds", gauge, "When the certificate of the listener for other machines ends.", nil},
	{"fedrelay_log_lines_dropped_total", counter, "Log lines dropped because nobody read them in time.", nil},
	{"fedrelay_config_last_reload_successful", gauge, "Whether the latest reload was taken; 1 before the first.", nil},
	{"fedrelay_config_last_reload_success_timestamp_seconds", gauge, "Since when the configuration is in force.", nil},
	{"fedrelay_config_reloads_total", counter, "Reloads by what came of them.", nil},
	{"fedrelay_build_info", gauge, "Always 1.", buildInfo},
}

// ofProcess writes the families that belong to the process, and not to one of its relays.
var ofProcess = map[string]func(p *page, s *scrape){
	"fedrelay_http_rejected_total": httpRejected,
	"fedrelay_http_certificate_expiry_timestamp_seconds": func(p *page, s *scrape) {
		if !s.certEnds.IsZero() {
			p.series(s.certEnds.Unix())
		}
	},
	"fedrelay_log_lines_dropped_total":       func(p *page, s *scrape) { p.series(s.logDropped) },
	"fedrelay_config_last_reload_successful": func(p *page, s *scrape) { p.series(number(!s.reloads.LastRefused)) },
	"fedrelay_config_last_reload_success_timestamp_seconds": func(p *page, s *scrape) {
		p.series(unixOrZero(s.reloads.InForceSince))
	},
	"fedrelay_config_reloads_total": reloadsTotal,
}

func perPath(value func(*Path) int64) func(*page, *relayScrape) {
	return func(p *page, s *relayScrape) {
		for i := range s.paths {
			p.series(value(&s.paths[i]), "path", s.paths[i].Name)
		}
	}
}

func perSide(value func(*Side) int64) func(*page, *relayScrape) {
	return func(p *page, s *relayScrape) {
		for i := range s.sides {
			p.series(value(&s.sides[i]), "side", s.sides[i].Name)
		}
	}
}

func messages(p *page, s *relayScrape) {
	for i := range s.paths {
		path, l := s.paths[i].Name, &s.paths[i].Ledger
		p.series(l.Accepted, "path", path, "fate", "accepted", "reason", "")
		for r, n := range l.Rejected {
			if r := wire.Reason(r); r != wire.OK || n != 0 {
				p.series(n, "path", path, "fate", "rejected", "reason", r.String())
			}
		}
	}
}

// copies writes a reason for refused and skipped copies, and none for the others. A combination
// that is not expected is written all the same if it was counted, because the sums must be right.
func copies(p *page, s *relayScrape) {
	for i := range s.paths {
		for f := range pipeline.NumFates {
			for r, n := range s.paths[i].Ledger.Fates[f] {
				r := wire.Reason(r)
				if n != 0 || expected(f, r) {
					p.series(n, "path", s.paths[i].Name, "fate", f.String(), "reason", r.String())
				}
			}
		}
	}
}

// expected reports whether copies may meet f for the reason r.
func expected(f pipeline.Fate, r wire.Reason) bool {
	switch f {
	case pipeline.Refused:
		return r != wire.OK
	case pipeline.Skipped:
		return r.OfTarget()
	}
	return r == wire.OK
}

// replySeals writes the reasons that seals have, and none for seals that opened.
func replySeals(p *page, s *relayScrape) {
	var sum [wire.NumReasons]int64
	for i := range s.paths {
		for r, n := range s.paths[i].Seals.Verdicts {
			sum[r] += n
		}
	}
	for r, n := range sum {
		if r := wire.Reason(r); r == wire.OK || r.OfSeal() {
			p.series(n, "reason", r.String())
		}
	}
}

func roundTrips(p *page, s *relayScrape) {
	sum := Durations{Counts: make([]int64, len(NodeBounds)+1)}
	for i := range s.paths {
		sum.add(&s.paths[i].Seals.RoundTrips)
	}
	p.histogram(NodeBounds, &sum)
}

func addedLatency(p *page, s *relayScrape) {
	for i := range s.paths {
		p.histogram(LatencyBounds, &s.paths[i].Latency, "path", s.paths[i].Name)
	}
}

func connectionsUp(s *Side) (n int64) {
	for _, c := range s.Connections {
		n += number(c.Up)
	}
	return n
}

// connectionEvents counts events that are not in EventNames as "other", so that a View cannot add
// values of the label.
func connectionEvents(p *page, s *relayScrape) {
	for _, side := range s.sides {
		var other int64
		for _, n := range side.Events {
			other += n
		}
		for _, event := range EventNames {
			p.series(side.Events[event], "side", side.Name, "event", event)
			other -= side.Events[event]
		}
		p.series(other, "side", side.Name, "event", "other")
	}
}

func credentialExpiry(p *page, s *relayScrape) {
	for _, side := range s.sides {
		for _, name := range CredentialNames {
			if end, ok := side.Expiry[name]; ok {
				p.series(end.Unix(), "side", side.Name, "credential", name)
			}
		}
	}
}

func httpRejected(p *page, s *scrape) {
	for r, n := range s.rejected {
		p.series(n, "reason", rejection(r).String())
	}
}

// buildInfo names the cluster as any relay does, so it needs no other label for it.
func buildInfo(p *page, s *relayScrape) {
	p.cluster = ""
	p.series(1, "version", s.info.Version, "go_version", runtime.Version(),
		"cluster", s.info.Cluster, "identity", s.info.Identity)
}

func unixOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
