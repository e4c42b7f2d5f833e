package relay

import (
	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/state"
	"github.com/fedrelay/fedrelay/internal/telemetry"
	"github.com/fedrelay/fedrelay/pipeline"
)

// Stats implements telemetry.View.
func (r *Relay) Stats() any { return r.statistics() }

// statistics returns the document of the original broker. Of a side, "received" counts the messages
// read from it, and "sent" the copies published to it. The form has no word for the line of an
// edge, which stands under "collective".
func (r *Relay) statistics() state.Statistics {
	sides := r.Sides()
	doc := state.Statistics{
		Version:    r.options.Version,
		StartTime:  r.started.Unix(),
		Cluster:    r.cfg.Cluster,
		Instance:   r.cfg.Identity,
		ConfigFile: r.options.ConfigFile,
		Status:     "CRITICAL",
		Threads:    r.threads(sides),
		Federation: statsSide(sides[0], r.request, r.reply),
		Collective: statsSide(sides[1], r.reply, r.request),
		Requests:   map[string]int64{"requests": r.statsRequests.Load()},
	}
	if ok, _ := r.Ready(); ok {
		doc.Status = "OK"
	}
	return doc
}

// threads returns what stands for the threads of the original broker.
func (r *Relay) threads(sides []telemetry.Side) map[string]state.ThreadStatus {
	threads := map[string]state.ThreadStatus{
		"federation_middleware_handler": threadOf(sides[0].Up),
		"federation_inbox_handler":      threadOf(sides[0].Subscribed),
		"collective_middleware_handler": threadOf(sides[1].Up),
		"collective_inbox_handler":      threadOf(sides[1].Subscribed),
	}
	if r.cfg.HTTP.Listen != "off" {
		threads["stats_web_server"] = threadOf(true)
	}
	if r.settings.Load().Stats.Publish != config.PublishFalse {
		threads["stats_publisher"] = threadOf(true)
	}
	return threads
}

// threadOf returns the status of a thread that waits for work, or of one that has ended.
func threadOf(alive bool) state.ThreadStatus {
	if alive {
		return state.ThreadStatus{Alive: true, Status: "sleep"}
	}
	return state.ThreadStatus{Status: false}
}

// statsSide returns the part of the document about one side. from is the path that receives on that
// side, to the path that publishes there.
func statsSide(s telemetry.Side, from, to *path) state.StatisticsSide {
	received, sent := from.ledger.Snapshot(), to.ledger.Snapshot()
	messages, _ := from.source.Waiting()
	v := state.StatisticsSide{
		Source:          from.subject,
		Received:        received.Received,
		Sent:            sent.Fate(pipeline.Confirmed) + sent.Fate(pipeline.Denied) + sent.Fate(pipeline.Unconfirmed),
		ConnectedServer: state.ServerOf(s.URL, s.Up),
		WorkQueue:       int64(messages),
	}
	if last := from.source.LastReceived(); !last.IsZero() {
		v.LastMessage = last.Unix()
	}
	return v
}
