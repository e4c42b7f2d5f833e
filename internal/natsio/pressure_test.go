package natsio

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/socket"
	"github.com/fedrelay/fedrelay/pipeline"
)

// hold receives batches and keeps them until none comes any more.
func (r *tester) hold() (held []*pipeline.Batch) {
	for {
		select {
		case b := <-r.taken:
			held = append(held, b)
		case <-time.After(200 * time.Millisecond):
			return held
		}
	}
}

func TestWhatThePathDoesNotTakeStaysWithTheServer(t *testing.T) {
	const (
		bound    = 1 << 20
		messages = 50_000
		size     = 1 << 10
	)
	s := natstest.Start(t, embedded.Options{Tune: func(o *natsserver.Options) { o.WriteDeadline = time.Minute }})
	r := boundTester(0, bound)
	r.start(t)
	stop := attend(t, r, endpoint(t, "federation", natstest.Side(s.ClientURL())))
	serve(t, r.Source)
	nc := natstest.Client(t, s.ClientURL())
	filler := strings.Repeat("x", size)
	for i := range messages {
		natstest.Succeeds(t, nc.Publish("in", append(strconv.AppendInt(nil, int64(i), 10), filler...)))
	}
	natstest.Succeeds(t, nc.Flush())

	seen := 0
	for seen < messages/10 {
		held := r.hold()
		if lent := r.pool.Lent(); lent > bound+int64(socket.ShortReads.Storm) {
			t.Fatalf("%d bytes lent, after %d messages", lent, seen)
		}
		for _, b := range held {
			payloads := payloadsOf(b)
			numberedFrom(t, payloads, seen)
			seen += len(payloads)
			b.Free()
		}
	}
	numberedFrom(t, r.next(t, messages-seen), seen) // the rest without a pause
	r.Close()
	if got := r.rest(t); len(got) > 0 {
		t.Errorf("%d messages too many", len(got))
	}
	r.givesBack(t, stop)
	if n := r.ledger.Snapshot().Dropped; n != 0 {
		t.Errorf("%d dropped", n)
	}
}

// numberedFrom checks that messages begin with serial numbers from first on.
func numberedFrom(t *testing.T, messages []string, first int) {
	t.Helper()
	for i, m := range messages {
		if !strings.HasPrefix(m, strconv.Itoa(first+i)+"x") {
			t.Fatalf("message %d is %.20q", first+i, m)
		}
	}
}

// With little memory two connections must be able to read at once, as on a move. Else each may wait
// for the buffer of the other.
func TestTwoConnectionsCanReadWhateverTheBound(t *testing.T) {
	for bound := int64(1 << 20); bound <= 64<<20; bound *= 2 {
		r := boundTester(0, bound)
		r.Source.cfg.Gathers = true
		i := &framedInlet{intake: &intake{source: r.Source}}
		first, second := r.pool.Get(i.ReadSizes().Storm), r.pool.Get(i.ReadSizes().Storm)
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // so that it fails instead of waiting
		if err := i.Wait(ctx, 0, 0); err != nil {
			t.Errorf("with %d bytes: nobody reads", bound)
		}
		first.Release()
		second.Release()
		if long := i.ReadSizes() == socket.LongReads; long != (bound >= 8<<20) {
			t.Errorf("with %d bytes: %+v", bound, i.ReadSizes())
		}
	}
}
