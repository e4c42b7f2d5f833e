package observe

import (
	"encoding/json"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
)

const (
	// statisticsEvery is how often the original broker publishes its document.
	statisticsEvery = 10 * time.Second
	// largest is the size of the largest document of anybody that is read, in bytes.
	largest = 1 << 20
	// lastSecond is the end of the last year that JSON can write, in Unix seconds.
	lastSecond = 253_402_300_799
)

// readStatistics reads the document of a broker of cluster. ok is false if it is none.
func readStatistics(cluster string, data []byte) (s state.Statistics, ok bool) {
	if len(data) > largest || json.Unmarshal(data, &s) != nil || s.Cluster != cluster || s.Instance == "" {
		return s, false
	}
	s.Threads, s.Requests = nil, nil // nobody wants to know
	if s.StartTime < 0 || s.StartTime > lastSecond {
		s.StartTime = 0
	}
	for _, text := range []*string{
		&s.Version, &s.Instance, &s.Status, &s.ConfigFile, &s.Federation.ConnectedServer, &s.Federation.Source,
		&s.Collective.ConnectedServer, &s.Collective.Source,
	} {
		*text = Printable(*text)
	}
	return s, true
}
