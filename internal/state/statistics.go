package state

import (
	"cmp"
	"time"
)

// Statistics is the document that the original broker published about itself every ten seconds, on
// choria.federation.CLUSTER.stats. Its command `mco federation observe` reads it.
type Statistics struct {
	Version    string                  `json:"version"`
	StartTime  int64                   `json:"start_time"` // Unix seconds
	Cluster    string                  `json:"cluster"`
	Instance   string                  `json:"instance"`
	ConfigFile string                  `json:"config_file"`
	Status     string                  `json:"status"` // OK or CRITICAL
	Threads    map[string]ThreadStatus `json:"threads"`
	Collective StatisticsSide          `json:"collective"`
	Federation StatisticsSide          `json:"federation"`
	Requests   map[string]int64        `json:"/stats"`
}

// ThreadStatus is a thread of the original broker, or a part of ours that does the same.
type ThreadStatus struct {
	Alive  bool `json:"alive"`
	Status any  `json:"status"` // a text; false or null for a thread that has ended
}

// StatisticsSide is one of the two networks. Received counts messages that were read there, Sent
// those that were published there.
type StatisticsSide struct {
	Source          string `json:"source"`
	Received        int64  `json:"received"`
	Sent            int64  `json:"sent"`
	LastMessage     int64  `json:"last_message"` // Unix seconds
	ConnectedServer string `json:"connected_server"`
	WorkQueue       int64  `json:"work_queue"`
}

// disconnected stands for the URL of the server of a side that is down.
const disconnected = "disconnected"

// Of returns the instance that the document is about, as far as it says. Now is when the document
// came. Messages are counted as accepted, and copies as unconfirmed, because nobody has asked the
// server for them.
func (s Statistics) Of(now time.Time) Instance {
	return Instance{
		Schema: Schema, Cluster: s.Cluster, Identity: s.Instance, Version: s.Version,
		Started: unix(s.StartTime), Now: now.UTC(), Ready: s.Status == "OK", StatisticsOnly: true,
		Request: pathOf(s.Federation, s.Collective), Reply: pathOf(s.Collective, s.Federation),
		Sides: []Side{sideOf("federation", s.Federation), sideOf("collective", s.Collective)},
	}
}

// pathOf returns the path that receives on one side and publishes to the other.
func pathOf(from, to StatisticsSide) Path {
	p := Path{
		Received: from.Received, Accepted: from.Received, Copies: to.Sent,
		QueueMessages: from.WorkQueue, LastReceived: unix(from.LastMessage),
	}
	if to.Sent > 0 {
		p.Fates = map[string]int64{"unconfirmed": to.Sent}
	}
	return p
}

func sideOf(name string, s StatisticsSide) Side {
	up := s.ConnectedServer != "" && s.ConnectedServer != disconnected
	side := Side{Name: name, Up: up, Subscribed: up, Connections: 1}
	if up {
		side.URL = s.ConnectedServer
	}
	return side
}

// ServerOf returns the value of ConnectedServer for a side.
func ServerOf(url string, up bool) string {
	if !up {
		return disconnected
	}
	return cmp.Or(url, disconnected)
}

// unix is the time of Unix seconds. 0 is the zero time.
func unix(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
