package trial

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/wire"
)

// awaitRelay waits until a request and a reply have passed the relay.
func (b *testbed) awaitRelay() error {
	request := wire.AppendPub(nil, []byte(message.Federated), message.Request(probe, []string{message.Node(0)}, b.body))
	reply := wire.AppendPub(nil, []byte(message.Returned), message.Reply(probe, 0, b.body))
	for _, leg := range []struct {
		from  *bare.Conn
		frame []byte
		to    *tally
	}{{b.clients[0], request, b.copies}, {b.nodes[0], reply, b.replies}} {
		if err := b.probeUntilPassed(leg.from, leg.frame, leg.to); err != nil {
			return err
		}
	}
	return nil
}

// probeUntilPassed writes a frame again and again until it has arrived, for 15 seconds at most.
func (b *testbed) probeUntilPassed(from *bare.Conn, frame []byte, to *tally) error {
	ctx, cancel := context.WithTimeout(b.ctx, 15*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := from.Write(frame); err != nil {
			return err
		}
		select {
		case <-to.probed:
			return nil
		case <-tick.C:
		case <-b.relay.Done():
			end, _ := b.relay.Ended()
			return fmt.Errorf("the relay ended: %w", end)
		case <-ctx.Done():
			return errors.New("nothing passed the relay in time")
		}
	}
}

// awaitRest waits until the relay has used no CPU time for 30 ms, but a second at most.
func (b *testbed) awaitRest() {
	if b.relay == nil {
		return
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	before, calm := b.meters.relay.Sample().CPU, 0
	for i := 0; i < 100 && calm < 3; i++ {
		<-tick.C
		now := b.meters.relay.Sample().CPU
		if calm++; now-before > 200*time.Microsecond {
			calm = 0
		}
		before = now
	}
}

const (
	// settleLimit is how long a relay's connections may keep changing.
	settleLimit = 30 * time.Second
	settleTick  = 100 * time.Millisecond
)

// awaitConnections waits until the relay has had the same number of connections for some time, for
// it may open more after it has seen many targets. It gives up after a while.
func (w *stopwatch) awaitConnections() {
	if w.bed.direct {
		return
	}
	tick := time.NewTicker(settleTick)
	defer tick.Stop()
	began, since, had := time.Now(), time.Now(), -1
	for now := range tick.C {
		if n := w.bed.meters.relay.Connections(); n != had {
			since, had = now, n
		}
		if now.Sub(since) >= w.settle || now.Sub(began) >= settleLimit {
			return
		}
	}
}
