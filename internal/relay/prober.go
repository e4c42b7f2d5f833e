package relay

import (
	"context"
	"errors"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/internal/state"
)

const (
	// probesAtOnce is how many probes may use the collective at a time.
	probesAtOnce = 2
	// probesKept is how many answers are kept at most. So that is also how many probes are made in
	// probeLasts.
	probesKept = 32
	// probeLasts is how long an answer is given again.
	probeLasts = time.Second
	// probeTimeout is how long a probe may take.
	probeTimeout = 3 * time.Second
)

// A prober makes probes, few at a time, and remembers each for a moment. Whoever asks for the same
// subject meanwhile gets the same answer. Probes have nothing in common with the paths but the
// network.
type prober struct {
	slots chan struct{} // holds one for each probe that is being made

	// Guarded by mu.
	mu     lock.Mutex[prober]
	recent map[string]*probing // by subject
}

// A probing is a probe that is being made, or was made a moment ago.
type probing struct {
	done   chan struct{} // closed when the other fields are set
	answer finding
	ended  time.Time // guarded by prober.mu; zero: not yet
}

// A finding is what a probe has found out.
type finding struct {
	subscribed state.Subscribed
	detail     string
	lacks      string // see state.Probe
	servers    []state.TraceHop
	listeners  []string
}

func newProber() *prober {
	return &prober{slots: make(chan struct{}, probesAtOnce), recent: make(map[string]*probing)}
}

// errBusy says that too many probes were asked for.
var errBusy = errors.New("too many probes at this moment: ask again in a second")

// find returns the finding about a subject. It calls probe unless somebody else has, within the
// last second. It blocks until ctx ends, at most for probeTimeout.
func (p *prober) find(ctx context.Context, subject string, probe func(context.Context) finding) (finding, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	entry, isNew := p.enter(subject)
	switch {
	case entry == nil:
		return finding{}, errBusy
	case isNew:
		entry.answer = p.inSlot(ctx, probe)
		p.end(entry)
		return entry.answer, nil
	}
	select {
	case <-entry.done:
		return entry.answer, nil
	case <-ctx.Done():
		return finding{}, ctx.Err()
	}
}

// enter returns the probing of a subject, and whether the caller is to make it. It returns nil if
// there are too many.
func (p *prober) enter(subject string) (entry *probing, isNew bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s, e := range p.recent {
		if !e.ended.IsZero() && time.Since(e.ended) > probeLasts {
			delete(p.recent, s)
		}
	}
	if entry := p.recent[subject]; entry != nil {
		return entry, false
	}
	if len(p.recent) >= probesKept {
		return nil, false
	}
	entry = &probing{done: make(chan struct{})}
	p.recent[subject] = entry
	return entry, true
}

func (p *prober) end(entry *probing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	entry.ended = time.Now()
	close(entry.done)
}

// inSlot waits for its turn.
func (p *prober) inSlot(ctx context.Context, probe func(context.Context) finding) finding {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
		return probe(ctx)
	case <-ctx.Done():
		return finding{subscribed: state.Unknown, detail: "no time was left for a probe"}
	}
}
