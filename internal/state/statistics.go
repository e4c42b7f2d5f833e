package state

import "cmp"

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

// ServerOf returns the value of ConnectedServer for a side.
func ServerOf(url string, up bool) string {
	if !up {
		return disconnected
	}
	return cmp.Or(url, disconnected)
}
