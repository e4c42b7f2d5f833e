package relay

import (
	"context"
	"encoding/json"
	"time"

	"github.com/fedrelay/fedrelay/internal/telemetry"
	"github.com/fedrelay/fedrelay/pipeline"
)

// statsDocument has the form of the document that the original broker published about itself every
// ten seconds. The command `mco federation observe` reads it.
type statsDocument struct {
	Version    string                  `json:"version"`
	StartTime  int64                   `json:"start_time"`
	Cluster    string                  `json:"cluster"`
	Instance   string                  `json:"instance"`
	ConfigFile string                  `json:"config_file"`
	Status     string                  `json:"status"`
	Threads    map[string]threadStatus `json:"threads"`
	Collective statsSide               `json:"collective"`
	Federation statsSide               `json:"federation"`
	Requests   map[string]int64        `json:"/stats"`
}

type threadStatus struct {
	Alive  bool   `json:"alive"`
	Status string `json:"status"`
}

type statsSide struct {
	Source          string `json:"source"`
	Received        int64  `json:"received"`
	Sent            int64  `json:"sent"`
	LastMessage     int64  `json:"last_message"`
	ConnectedServer string `json:"connected_server"`
	WorkQueue       int64  `json:"work_queue"`
}

// Stats implements telemetry.View. Of a side, "received" counts the messages read from it, and
// "sent" the copies published to it. The form has no word for the line of an edge, which stands
// under "collective".
func (r *Relay) Stats() any {
	sides := r.Sides()
	doc := statsDocument{
		Version:    r.options.Version,
		StartTime:  r.started.Unix(),
		Cluster:    r.cfg.Cluster,
		Instance:   r.cfg.Identity,
		ConfigFile: r.options.ConfigFile,
		Status:     "CRITICAL",
		Threads: map[string]threadStatus{
			"federation_middleware_handler": threadOf(sides[0].Up),
			"federation_inbox_handler":      threadOf(sides[0].Subscribed),
			"collective_middleware_handler": threadOf(sides[1].Up),
			"collective_inbox_handler":      threadOf(sides[1].Subscribed),
		},
		Federation: r.statsSide(sides[0], r.request, r.reply),
		Collective: r.statsSide(sides[1], r.reply, r.request),
		Requests:   map[string]int64{"requests": r.statsRequests.Load()},
	}
	if ok, _ := r.Ready(); ok {
		doc.Status = "OK"
	}
	return doc
}

func threadOf(up bool) threadStatus {
	if up {
		return threadStatus{Alive: true, Status: "run"}
	}
	return threadStatus{Alive: true, Status: "sleep"}
}

// statsSide returns the part of the document about one side. from is the path that receives on that
// side, to the path that publishes there.
func (r *Relay) statsSide(s telemetry.Side, from, to *path) statsSide {
	received, sent := from.ledger.Snapshot(), to.ledger.Snapshot()
	messages, _ := from.source.Waiting()
	v := statsSide{
		Source:          from.subject,
		Received:        received.Received,
		Sent:            sent.Fate(pipeline.Confirmed) + sent.Fate(pipeline.Unconfirmed),
		ConnectedServer: "disconnected",
		WorkQueue:       int64(messages),
	}
	if s.Up {
		v.ConnectedServer = s.URL
	}
	if last := from.source.LastReceived(); !last.IsZero() {
		v.LastMessage = last.Unix()
	}
	return v
}

// publishStats publishes the document on the federation side at each interval. It blocks until ctx
// ends.
func (r *Relay) publishStats(ctx context.Context) {
	tick := time.NewTicker(r.cfg.Stats.Interval)
	defer tick.Stop()
	subject := "choria.federation." + r.cfg.Cluster + ".stats"
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		doc, err := json.Marshal(r.Stats())
		if err == nil {
			err = r.request.source.Send(subject, doc)
		}
		if err != nil {
			r.log.Warn("cannot publish the statistics", "error", err)
		}
	}
}
