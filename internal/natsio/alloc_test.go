//go:build !pooldebug && !race

// The race detector makes sync.Pool forget now and then, and with pooldebug nothing is used again.

package natsio

import (
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
)

func TestPublishingAllocatesNothingOnceWarm(t *testing.T) {
	for _, orders := range [][]order{
		{{serials("many", 200), strings.Repeat("x", 200)}},
		{{serials("many", 200), strings.Repeat("x", shareFrom-1)}},
		{{serials("large", 25), strings.Repeat("x", shareFrom)}},
		{{[]string{"one"}, "x"}, {[]string{"two"}, "y"}, {serials("many", 5), "z"}, {[]string{"last"}, "x"}},
	} {
		b := &book{orders: orders}
		p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Hour})
		p.use(over(p, framedWire(forgetfulConn{}, largestPayload)))
		b.publish(t, publisherFunc(func(e *pipeline.Egress) {
			e.Received = time.Now().Add(time.Hour)
			if n := allocations(func() { p.Publish(e) }); n != 0 {
				t.Errorf("%d orders: %v allocations", len(orders), n)
			}
		}))
	}
}

// allocations counts what use allocates once it has run. Without a garbage collector: it empties
// pools.
func allocations(use func()) float64 {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	return testing.AllocsPerRun(50, use)
}
