package relay

import (
	"cmp"
	"math"
	"runtime/debug"
	"time"
)

// Sizing says how the number of lanes follows the number of nodes. See docs/adr/0018.
type Sizing struct {
	// Nodes is how many subjects a lane is for. A server keeps the last 512 routes of a connection
	// at hand, and some room is for subjects that come and go. Default 400.
	Nodes int
	// Most is how many lanes there are at most. Default 32, or less in little memory.
	Most int
	// Look is the time between two looks at the number of nodes. Default 1s.
	Look time.Duration
	// Rest is the time after a change in which nothing changes again. Default 10s.
	Rest time.Duration
	// Patience is how long a new lane may take to connect, and a lane that has lost its connection
	// to get another one. Default 10s.
	Patience time.Duration
	// Retry is how long after a lane that did not connect the next one is tried. Default 10m.
	Retry time.Duration
	// Hold is how long the path may be held up for a change. Later attempts may take up to four
	// times as long. Default 250ms.
	Hold time.Duration
	// Generation is for how long subjects are counted before the count begins anew. Default 5m.
	Generation time.Duration
	// Surplus is for how long half of the lanes or fewer must be wanted before some leave. Default
	// 10m.
	Surplus time.Duration
}

// withDefaults returns s with the defaults of all fields that are 0.
func (s Sizing) withDefaults() Sizing {
	return Sizing{
		Nodes:      cmp.Or(s.Nodes, 400),
		Most:       cmp.Or(s.Most, affordable(debug.SetMemoryLimit(-1))),
		Look:       cmp.Or(s.Look, time.Second),
		Rest:       cmp.Or(s.Rest, 10*time.Second),
		Patience:   cmp.Or(s.Patience, 10*time.Second),
		Retry:      cmp.Or(s.Retry, 10*time.Minute),
		Hold:       cmp.Or(s.Hold, 250*time.Millisecond),
		Generation: cmp.Or(s.Generation, 5*time.Minute),
		Surplus:    cmp.Or(s.Surplus, 10*time.Minute),
	}
}

// mostLanes is how many lanes are of use. More than these do not make a server faster.
const mostLanes = 32

// affordable returns how many lanes a process may have whose memory is limited to so many bytes. A
// lane at rest takes about 100 KiB over TLS, and all of them a twentieth of the memory at most.
func affordable(limit int64) int {
	const laneBytes, part = 100 << 10, 20
	if limit == math.MaxInt64 {
		return mostLanes
	}
	return int(min(mostLanes, max(1, limit/part/laneBytes)))
}

// wanted returns how many lanes so many subjects ask for.
func (s Sizing) wanted(subjects int) int {
	return min(s.Most, max(1, (subjects+s.Nodes-1)/s.Nodes))
}

// A spell is a time in which something is so. The zero value is that it is not.
type spell struct{ began time.Time }

// lasts enters whether it is so now, and returns for how long it has been.
func (s *spell) lasts(so bool, now time.Time) time.Duration {
	switch {
	case !so:
		s.began = time.Time{}
		return 0
	case s.began.IsZero():
		s.began = now
	}
	return now.Sub(s.began)
}
