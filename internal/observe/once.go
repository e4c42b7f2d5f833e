package observe

import (
	"context"
	"time"
)

// A Series is a number of snapshots, one after the other.
type Series struct {
	Model    *Model
	Patience time.Duration // before the first snapshot; see Settle
	Interval time.Duration // between two
	Count    int           // 0: until ctx ends
	Write    func(Snapshot) error
}

// Run writes the snapshots. It blocks until it has written all, or ctx ends, and returns how many
// it has written, and whether any member has been heard.
func (s Series) Run(ctx context.Context) (written int, heard bool, err error) {
	Settle(ctx, s.Model, s.Patience)
	tick := time.NewTicker(s.Interval)
	defer tick.Stop()
	for ctx.Err() == nil {
		shot := s.Model.Snapshot()
		heard = heard || shot.Heard()
		if err := s.Write(shot); err != nil {
			return written, heard, err
		}
		if written++; written == s.Count {
			break
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	return written, heard, nil
}

// Heard reports whether any member has been heard.
func (s Snapshot) Heard() bool {
	for _, c := range s.Clusters {
		if len(c.Members) > 0 {
			return true
		}
	}
	return false
}

// Settle lets a watch that runs hear two answers of each instance, so that there are rates. It
// blocks for patience, less if nobody listens, or until ctx ends.
func Settle(ctx context.Context, m *Model, patience time.Duration) {
	over := time.NewTimer(patience)
	defer over.Stop()
	look := time.NewTicker(min(patience, 50*time.Millisecond))
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-over.C:
			return
		case <-look.C:
			if m.deserted() {
				return
			}
		}
	}
}

// deserted reports whether nobody listens in any cluster, nobody has been heard, and nobody is in a
// queue group. An instance that has just started takes messages before it answers questions.
func (m *Model) deserted() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.clusters {
		if !c.nobody || len(c.members) > 0 || c.grouped.IsZero() || len(c.group) > 0 {
			return false
		}
	}
	return true
}
