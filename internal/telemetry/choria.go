package telemetry

import (
	"strconv"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// choriaFamilies are the metrics of go-choria's broker, under its names, for dashboards that know
// no others. They have its labels, too. The broker has ten of everything and counts each, so worker
// is always "0" here.
//
// Prometheus calls for counters that end in _total. These do not, and are untyped for that reason,
// which no query can tell.
var choriaFamilies = [...]family{
	{"choria_federation_received_msgs", untyped, "Messages received by a part of the broker, as go-choria counts them.",
		func(p *page, s *relayScrape) {
			for i := range s.paths {
				l := &s.paths[i].Ledger
				p.choria(s, l.Received, ingest(i))
				p.choria(s, l.Accepted, transformer(i))
				p.choria(s, l.Accepted, publish(i))
			}
		}},
	{"choria_federation_published_msgs", untyped, "Messages published, as go-choria counts them.",
		func(p *page, s *relayScrape) {
			for i := range s.paths {
				p.choria(s, written(&s.paths[i].Ledger), publish(i))
			}
		}},
	{"choria_federation_errors", untyped, "Messages that could not be carried on, as go-choria counts them.",
		func(p *page, s *relayScrape) {
			for i := range s.paths {
				l := &s.paths[i].Ledger
				p.choria(s, l.Dropped, ingest(i))
				p.choria(s, rejected(l), transformer(i))
				p.choria(s, l.Copies-l.InFlight()-written(l), publish(i))
			}
		}},
	{"choria_federation_time", "summary", "Time from when a message was read until a copy was written.", choriaTime},
}

const untyped = "untyped"

// choriaTime is what one metric of the broker says about the time of each part. Here it is the time
// that the relay adds, which is not known by parts.
func choriaTime(p *page, s *relayScrape) {
	family := p.name
	defer func() { p.name = family }()
	for i := range s.paths {
		d := &s.paths[i].Latency
		p.name = family + "_sum"
		p.choriaLine(s, decimal(d.Sum), publish(i))
		p.name = family + "_count"
		p.choria(s, d.Count(), publish(i))
	}
}

// A choriaPart is a part of the original broker: its name, and the side that it is connected to.
type choriaPart struct{ name, connected string }

// A message of the request path (0) comes from the federation, and one of the reply path (1) from
// the collective. The broker has no word for the line of an edge, which stands under "collective".
func ingest(path int) choriaPart {
	return choriaPart{"nats_ingest", [...]string{"federation", "collective"}[path]}
}

func transformer(path int) choriaPart {
	return choriaPart{[...]string{"choria_request_transformer", "choria_reply_transformer"}[path], "unconnected"}
}

func publish(path int) choriaPart {
	return choriaPart{"nats_egest", [...]string{"collective", "federation"}[path]}
}

// choria writes one line with the labels of the original broker.
func (p *page) choria(s *relayScrape, value int64, part choriaPart) {
	p.choriaLine(s, strconv.FormatInt(value, 10), part)
}

func (p *page) choriaLine(s *relayScrape, value string, part choriaPart) {
	p.cluster = "" // is among the labels anyway
	p.line(value, []string{"name", part.name, "worker", "0", "connected_to", part.connected,
		"cluster", s.info.Cluster, "identity", s.info.Identity})
}

// written returns how many copies were written and not denied.
func written(l *pipeline.Snapshot) int64 {
	return l.Fate(pipeline.Confirmed) + l.Fate(pipeline.Unconfirmed)
}

func rejected(l *pipeline.Snapshot) (n int64) {
	for r, count := range l.Rejected {
		if wire.Reason(r) != wire.OK {
			n += count
		}
	}
	return n
}
