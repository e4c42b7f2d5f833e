package natsio

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// An order is one payload and the subjects that it goes to.
type order struct {
	subjects []string
	payload  string
}

// frames are the copies of o as they travel, without a thought for speed.
func (o order) frames() (all []string) {
	for _, subject := range o.subjects {
		all = append(all, fmt.Sprintf("PUB %s %d\r\n%s\r\n", subject, len(o.payload), o.payload))
	}
	return all
}

func framesOf(orders []order) (all []string) {
	for _, o := range orders {
		all = append(all, o.frames()...)
	}
	return all
}

// randomOrders has messages to one subject side by side, small payloads for many, and some that are
// shared.
func randomOrders(random *rand.Rand) (orders []order) {
	for i := range 1 + random.IntN(12) {
		copies := 1
		if random.IntN(3) == 0 {
			copies = 1 + random.IntN(60)
		}
		o := order{payload: randomPayload(random)}
		for c := range copies {
			o.subjects = append(o.subjects, fmt.Sprintf("s%d.%s.%d", i, strings.Repeat("x", random.IntN(40)), c))
		}
		orders = append(orders, o)
	}
	return orders
}

func randomPayload(random *rand.Rand) string {
	size := random.IntN(300)
	switch random.IntN(8) {
	case 0:
		size = 0
	case 1:
		size = shareFrom - 2 + random.IntN(4)
	case 2:
		size = random.IntN(3 * shareFrom)
	}
	return strings.Repeat(string(rune('a'+random.IntN(26))), size)
}

// A book of orders is the source and the router of a pipeline that carries them as one batch.
type book struct {
	orders []order
	router pipeline.Router // nil: the book itself
	mark   uint32          // of all copies
	pool   pool.Pool
	ledger pipeline.Ledger
}

// publish carries the orders to p. It returns when p has got them all.
func (b *book) publish(t *testing.T, p pipeline.Publisher) {
	t.Helper()
	if b.router == nil {
		b.router = b
	}
	pipeline.New(pipeline.Config{
		Source: b, Publishers: []pipeline.Publisher{p}, Ledger: &b.ledger, Pool: &b.pool,
		Rules: pipeline.Rules{Router: b.router, Limits: wire.Limits{Depth: 16, Targets: 100_000}}, DecodeWorkers: 1, Depth: 1,
	}).Run(t.Context())
	if s := b.ledger.Snapshot(); s.Accepted != int64(len(b.orders)) || b.pool.InUse() != 0 {
		t.Fatalf("%d orders, %d buffers lent: %s", len(b.orders), b.pool.InUse(), s.String())
	}
}

func (b *book) Run(_ context.Context, line pipeline.Line) {
	batch := pipeline.NewBatch()
	batch.Buffer, batch.Received = b.pool.Get(0), time.Now()
	for i, o := range b.orders {
		batch.Add("", fmt.Appendf(nil, `{"protocol":"choria:transport:1","data":"%d","headers":{"federation":{"target":["%s"]}}}`,
			i, strings.Join(o.subjects, `","`)))
	}
	line.Take(batch)
}

func (b *book) Route(r *pipeline.Route) wire.Reason {
	r.Subjects = append(r.Subjects, r.Targets...)
	r.Mark = b.mark
	return wire.OK
}

func (b *book) Append(dst []byte, r *pipeline.Route) ([]byte, wire.Reason) {
	i := natstest.Must(strconv.Atoi(strings.Trim(string(r.Envelope.Data.Of(r.Message)), `"`)))
	return append(dst, b.orders[i].payload...), wire.OK
}

// A publisherFunc publishes.
type publisherFunc func(e *pipeline.Egress)

func (f publisherFunc) Publish(e *pipeline.Egress) { f(e) }

func (publisherFunc) Prompt(int) bool { return true }
