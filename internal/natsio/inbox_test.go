package natsio

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
)

// portableSource is a source that serves and is not run yet, and somebody to tell it things.
func portableSource(t *testing.T, inbox int) (*tester, *nats.Conn) {
	t.Helper()
	s := natstest.Start(t, embedded.Options{})
	r := newTester(inbox)
	attend(t, r, via(true, endpoint(t, "federation", natstest.Side(s.ClientURL()))))
	serve(t, r.Source)
	return r, natstest.Client(t, s.ClientURL())
}

func TestBatchesEndAtTheirLimits(t *testing.T) {
	r, nc := portableSource(t, 1000)
	// Batches hold 10 messages or 100 bytes; a larger message is alone.
	tell(t, nc, strings.Split(strings.Repeat("x ", 24)+"x", " ")...)
	tell(t, nc, strings.Repeat("y", 60), strings.Repeat("y", 60), strings.Repeat("z", 500), "w")
	natstest.Eventually(t, "all messages wait", func() bool {
		n, _ := r.Waiting()
		return n == 29
	})
	r.start(t)
	var got []int
	for range 6 {
		b := r.receive(t)
		got = append(got, len(strings.Join(payloadsOf(b), "")))
		b.Free()
	}
	if want := "[10 10 65 60 500 1]"; fmt.Sprint(got) != want {
		t.Errorf("batches of %v bytes, want %s", got, want)
	}
}

func TestAFullInboxDropsAndCounts(t *testing.T) {
	r, nc := portableSource(t, 7)
	for i := range 50 {
		tell(t, nc, fmt.Sprint(i))
	}
	if err := r.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.start(t)
	r.Close()
	snapshot := r.ledger.Snapshot()
	if n := len(r.rest(t)); n != 7 || snapshot.Dropped != 43 {
		t.Errorf("%d received, %d dropped", n, snapshot.Dropped)
	}
}

func TestDiscardCountsWhatWaits(t *testing.T) {
	r, nc := portableSource(t, 100)
	tell(t, nc, "one", "two", "three")
	natstest.Eventually(t, "all messages wait", func() bool {
		n, bytes := r.Waiting()
		return n == 3 && bytes == 11
	})
	if err := r.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.Discard()
	if n, _ := r.Waiting(); n != 0 || r.ledger.Snapshot().Dropped != 3 {
		t.Errorf("%d wait, %d dropped", n, r.ledger.Snapshot().Dropped)
	}
}

// nats.go hands out the payload as the end of an array that holds the headers, too.
func TestHeadersDoNotStayInTheInbox(t *testing.T) {
	r := newTester(10)
	i := &libraryInlet{intake: &intake{source: r.Source}}
	i.inlet = i
	i.landmark.Store(&landmark{})
	array := make([]byte, 60_000)
	i.message(&nats.Msg{Header: nats.Header{"A": {"x"}}, Data: array[59_990:]})
	if n := cap(r.inbox.queue[0].payload); n > 1000 {
		t.Errorf("the inbox counts 10 bytes and keeps %d", n)
	}
	if s := r.ledger.Snapshot(); s.HeadersStripped != 1 {
		t.Errorf("%d headers stripped", s.HeadersStripped)
	}
}

// A command must not run long after it was asked for, wherever it waited.
func TestTheTimeToLiveCountsFromTheArrival(t *testing.T) {
	q := newInbox(10, 1000)
	var p pool.Pool
	q.add(delivery{"", []byte("first"), "origin", time.Now()})
	arrived := time.Now()
	q.add(delivery{"", []byte("second"), "origin", time.Now()})
	b := pipeline.NewBatch()
	defer b.Free()
	if !q.take(b, &p, 10, 1000) || b.Received.After(arrived) {
		t.Errorf("received at %v, arrived before %v", b.Received, arrived)
	}
}
