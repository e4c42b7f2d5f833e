package pipeline_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// A bring is what a memorySource makes a batch of.
type bring struct {
	messages []string
	more     bool // as Batch.MoreWaiting
}

// memorySource brings batches from a channel until that is closed.
type memorySource struct {
	pool    *pool.Pool
	batches chan bring
}

func (s *memorySource) Run(ctx context.Context, line pipeline.Line) {
	for ctx.Err() == nil {
		select {
		case b, ok := <-s.batches:
			if !ok {
				return
			}
			line.Take(s.batch(b))
		case <-ctx.Done():
		}
	}
}

func (s *memorySource) batch(from bring) *pipeline.Batch {
	b := pipeline.NewBatch()
	b.Buffer, b.MoreWaiting = s.pool.Get(0), from.more
	b.Origin, b.Received = "nats://origin", time.Now()
	for _, m := range from.messages {
		b.Add("in", []byte(m))
	}
	return b
}

// inline has batches carried by the goroutine that brings them, downTheLine by those of the stages.
func inline(batches ...[]string) []bring      { return bringAll(batches, false) }
func downTheLine(batches ...[]string) []bring { return bringAll(batches, true) }

func bringAll(batches [][]string, more bool) (all []bring) {
	for _, messages := range batches {
		all = append(all, bring{messages, more})
	}
	return all
}

// bothWays runs a test with batches carried inline and down the line.
func bothWays(t *testing.T, test func(*testing.T, func(...[]string) []bring)) {
	t.Run("inline", func(t *testing.T) { test(t, inline) })
	t.Run("down the line", func(t *testing.T) { test(t, downTheLine) })
}

// request makes a message from a client, with a serial number, for targets.
func request(client string, serial int, targets ...string) string {
	return message(client, fmt.Sprint(serial), targets...)
}

// message makes a message from a client, with data, for targets.
func message(client, data string, targets ...string) string {
	list := ""
	if len(targets) > 0 {
		list = `"` + strings.Join(targets, `","`) + `"`
	}
	return fmt.Sprintf(`{"protocol":"choria:transport:1","data":"%s","headers":{"reply-to":"mcollective.reply.%s.1","federation":{"target":[%s]}}}`,
		data, client, list)
}

// depth of the channels of a rig.
const depth = 2

type rig struct {
	*pipeline.Pipeline
	ledger     pipeline.Ledger
	pool       pool.Pool
	source     *memorySource
	publishers []*memoryPublisher
}

// newRig makes a pipeline whose source brings batches. More can be sent to it until end is called.
func newRig(lanes int, router pipeline.Router, batches []bring) *rig {
	r := &rig{}
	r.source = &memorySource{pool: &r.pool, batches: make(chan bring, len(batches))}
	for _, b := range batches {
		r.source.batches <- b
	}
	cfg := pipeline.Config{
		Source: r.source,
		Rules: pipeline.Rules{
			Router: router, Limits: wire.Limits{Depth: 16, Hops: 16, Targets: 50_000},
		},
		Ledger:        &r.ledger,
		Pool:          &r.pool,
		DecodeWorkers: 4,
		Depth:         depth,
	}
	for range lanes {
		p := &memoryPublisher{ledger: &r.ledger}
		r.publishers = append(r.publishers, p)
		cfg.Publishers = append(cfg.Publishers, p)
	}
	r.Pipeline = pipeline.New(cfg)
	return r
}

// takes makes the pipeline take compact messages.
func (r *rig) takes(c pipeline.Compact) {
	rules := r.Rules
	rules.Compact = c
	r.setRules(rules)
}

// normalizes makes the pipeline read what the incumbent would, or not.
func (r *rig) normalizes(on bool) {
	rules := r.Rules
	rules.Normalize = on
	r.setRules(rules)
}

func (r *rig) setRules(rules pipeline.Rules) {
	r.Rules = rules
	r.SetRules(rules)
}

// gate makes all publishers receive from it before each call.
func (r *rig) gate() chan struct{} {
	gate := make(chan struct{})
	for _, p := range r.publishers {
		p.gate = gate
	}
	return gate
}

// prompt makes all publishers prompt now and then.
func (r *rig) prompt(random *rand.Rand) {
	for _, p := range r.publishers {
		p.prompt = func() bool { return random.IntN(2) == 0 }
	}
}

// end lets the source end once it has brought everything.
func (r *rig) end() { close(r.source.batches) }

// runAll carries what the source has.
func (r *rig) runAll(t *testing.T) pipeline.Snapshot {
	t.Helper()
	r.end()
	r.Run(t.Context())
	return r.check(t)
}

// start runs the pipeline beside the test. The channel is closed when it has ended.
func (r *rig) start(ctx context.Context) (done chan struct{}) {
	done = make(chan struct{})
	go func() {
		defer close(done)
		r.Run(ctx)
	}()
	return done
}

// check fails the test if the ledger does not balance or something has leaked. Every test ends with
// it.
func (r *rig) check(t *testing.T) pipeline.Snapshot {
	t.Helper()
	s := r.ledger.Snapshot()
	if !s.Balanced() {
		t.Errorf("the ledger does not balance: %s", s.String())
	}
	if n, bytes := r.pool.InUse(), r.pool.Lent(); n != 0 || bytes != 0 {
		t.Errorf("%d buffers with %d bytes are still lent", n, bytes)
	}
	if idle, _ := r.Idle(); !idle {
		t.Error("the pipeline has ended and is not idle")
	}
	for _, p := range r.publishers {
		for _, wrong := range p.wrong {
			t.Error(wrong)
		}
	}
	return s
}

// all returns the copies of all publishers, in the order in which they came.
func (r *rig) all() (seen []copied) {
	at := map[int64]copied{}
	for _, p := range r.publishers {
		for i, c := range p.seen {
			at[p.when[i]] = c
		}
	}
	for _, when := range slices.Sorted(maps.Keys(at)) {
		seen = append(seen, at[when])
	}
	return seen
}
