package natsio

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// unread is a TCP connection whose other end reads nothing.
func unread(t *testing.T) net.Conn {
	t.Helper()
	l := natstest.Must(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	conn := natstest.Must(net.Dial("tcp", l.Addr().String()))
	other := natstest.Must(l.Accept())
	t.Cleanup(func() { other.Close() })
	return conn
}

// repeated is a source that brings the orders of a book so many times.
type repeated struct {
	*book
	times int
}

func (r repeated) Run(ctx context.Context, line pipeline.Line) {
	for range r.times {
		r.book.Run(ctx, line)
	}
}

// The connection of one of four lanes takes less than there is for it. Nobody waits for it but its
// own copies.
func TestAConnectionThatTakesNothingHoldsUpItsLaneOnly(t *testing.T) {
	const lanes, stuck, batches, targets = 4, 2, 100, 400
	b := &book{orders: []order{{serials("node", targets), strings.Repeat("x", 2000)}}}
	cfg := pipeline.Config{
		Source: repeated{b, batches}, Ledger: &b.ledger, Pool: &b.pool,
		Rules: pipeline.Rules{Router: b, Limits: wire.Limits{Depth: 16, Targets: 100_000}}, DecodeWorkers: 1, Depth: 1,
	}
	var publishers []*Publisher
	var outboxes []*outbox
	for lane := range lanes {
		p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Hour})
		var conn net.Conn = forgetfulConn{}
		if lane == stuck {
			conn = unread(t)
		}
		o := over(p, framedWire(conn, largestPayload))
		p.use(o)
		publishers, outboxes = append(publishers, p), append(outboxes, o)
		cfg.Publishers = append(cfg.Publishers, p)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		pipeline.New(cfg).Run(t.Context())
	}()

	natstest.Eventually(t, "all other lanes have written everything", func() bool {
		var written int64
		for lane, p := range publishers {
			if n := p.InDoubt(); lane != stuck && n%batches == 0 {
				written += n
			}
		}
		return b.ledger.Snapshot().Copies == batches*targets && written > batches*targets/2
	})
	select {
	case <-done:
		t.Error("the connection has taken everything")
	default:
	}
	publishers[stuck].Abort()
	outboxes[stuck].session.Framed().Cut()
	<-done
	for _, o := range outboxes {
		o.end()
	}
	if s := b.ledger.Snapshot(); !s.Balanced() || s.Fate(pipeline.Abandoned) == 0 || b.pool.InUse() != 0 {
		t.Errorf("%d buffers lent: %s", b.pool.InUse(), s.String())
	}
}
