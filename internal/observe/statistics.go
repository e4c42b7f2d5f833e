package observe

import (
	"encoding/json"
	"time"
)

// Statistics is what this package reads of the document that brokers of 2017 publish. "received" of
// a side counts what was read from it, and "sent" what was published to it.
type Statistics struct {
	Version    string         `json:"version"`
	Start      int64          `json:"start_time"` // Unix seconds
	Cluster    string         `json:"cluster"`
	Instance   string         `json:"instance"`
	Status     string         `json:"status"`
	Federation StatisticsSide `json:"federation"`
	Collective StatisticsSide `json:"collective"`
}

// StatisticsSide is one side in Statistics.
type StatisticsSide struct {
	Received  int64  `json:"received"`
	Sent      int64  `json:"sent"`
	Server    string `json:"connected_server"`
	WorkQueue int64  `json:"work_queue"`
}

// statisticsEvery is how often the original broker publishes its document.
const statisticsEvery = 10 * time.Second

// readStatistics reads the document of a broker of cluster. ok is false if it is none.
func readStatistics(cluster string, data []byte) (s Statistics, ok bool) {
	if json.Unmarshal(data, &s) != nil || s.Cluster != cluster || s.Instance == "" {
		return s, false
	}
	for _, text := range []*string{&s.Version, &s.Instance, &s.Status, &s.Federation.Server, &s.Collective.Server} {
		*text = Printable(*text)
	}
	return s, true
}
