package natsio

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// counter is a tester whose messages are counted as they come.
type counter struct {
	*tester
	mu   sync.Mutex
	seen map[string]int
	done chan struct{} // closed when Run has returned
}

func newCounter(t *testing.T) *counter {
	c := &counter{tester: newTester(1_000_000), seen: map[string]int{}, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.Run(context.Background(), c)
	}()
	t.Cleanup(c.Close)
	return c
}

// Take implements pipeline.Line.
func (c *counter) Take(b *pipeline.Batch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range payloadsOf(b) {
		c.seen[m]++
	}
	b.Free()
}

func (c *counter) messages() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.seen)
}

// ends closes the source and checks that it has brought the serial numbers below n, each once.
func (c *counter) ends(t *testing.T, n int) {
	t.Helper()
	c.Close()
	<-c.done
	for i := range n {
		if k := c.seen[strconv.Itoa(i)]; k != 1 {
			t.Fatalf("message %d came %d times", i, k)
		}
	}
	if len(c.seen) != n {
		t.Errorf("%d messages, want %d", len(c.seen), n)
	}
}

func TestWhatWasSentBeforeLeavingHasArrivedAfterIt(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		s := natstest.Start(t, embedded.Options{})
		c := newCounter(t)
		stop := attend(t, c, via(portable, endpoint(t, "federation", natstest.Side(s.ClientURL()))))
		nc := natstest.Client(t, s.ClientURL())
		sent := 0
		for range 20 {
			serve(t, c.Source)
			for range 500 {
				natstest.Succeeds(t, nc.Publish("in", []byte(strconv.Itoa(sent))))
				sent++
			}
			natstest.Succeeds(t, nc.Flush())
			natstest.Succeeds(t, c.Leave(t.Context()))
			if n := c.messages(); !portable && n != sent {
				t.Fatalf("%d of %d messages after leaving", n, sent)
			}
			tell(t, nc, "nobody serves")
		}
		c.ends(t, sent)
		c.givesBack(t, stop)
	})
}

// As a Link does it: the new session is attached before the old one is retired.
func TestAMoveLosesNoMessage(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		s := natstest.Start(t, embedded.Options{})
		c := newCounter(t)
		e := via(portable, endpoint(t, "federation", natstest.Side(s.ClientURL())))
		stop := attend(t, c, e)
		serve(t, c.Source)
		nc := natstest.Client(t, s.ClientURL())
		moved := make(chan struct{})
		sent := make(chan int)
		go func() {
			n := 0
			for ; !closed(moved); n++ {
				if nc.Publish("in", []byte(strconv.Itoa(n))) != nil || nc.Flush() != nil {
					break
				}
			}
			sent <- n
		}()
		for range 3 {
			before := c.joinedOver()
			stopNext := attend(t, c, e)
			natstest.Eventually(t, "joined", func() bool { return c.joinedOver() != before })
			stop()
			stop = stopNext
		}
		close(moved)
		n := <-sent
		natstest.Succeeds(t, c.Leave(t.Context()))
		c.ends(t, n)
		c.givesBack(t, stop)
	})
}

// joinedOver is the session over which the source is in its queue group.
func (c *counter) joinedOver() *link.Session {
	c.Source.mu.Lock()
	defer c.Source.mu.Unlock()
	if c.sub == nil {
		return nil
	}
	return c.sub.intake.session
}

func TestASessionMayDieWhileThePathTakesNothing(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		address, subscribers := natstest.Broker(t)
		r := newTester(1000)
		r.start(t)
		var events natstest.Witness
		e := via(portable, endpoint(t, "federation", natstest.Side("nats://"+address)))
		stop := runLink(t, link.New(link.Config{Endpoint: e, Name: "x", Handler: r, Events: events.Event}))
		serve(t, r.Source)
		sub := <-subscribers
		sub.Send(sub.Msg("0"))
		natstest.Eventually(t, "the path has the first", func() bool { return !r.LastReceived().IsZero() })
		for i := range 9 {
			sub.Send(sub.Msg(strconv.Itoa(1 + i)))
		}
		sub.Close()
		numbered(t, r.next(t, 10), 0)
		again := <-subscribers
		again.Send(again.Msg("again"))
		if got := r.next(t, 1); got[0] != "again" || events.Counted(link.EventDisconnected) != 1 {
			t.Errorf("%q, lost %d times", got, events.Counted(link.EventDisconnected))
		}
		r.Close()
		r.rest(t)
		r.givesBack(t, stop)
	})
}

func TestMessagesThatAPathIsTooLateForAreCounted(t *testing.T) {
	address, subscribers := natstest.Broker(t)
	r := newTester(0)
	link := link.New(link.Config{Endpoint: endpoint(t, "federation", natstest.Side("nats://"+address)), Name: "x", Handler: r})
	stop := runLink(t, link)
	serve(t, r.Source)
	sub := <-subscribers
	sub.Send(sub.Msg("the path has not begun"))
	natstest.Eventually(t, "it has been read", func() bool { return !r.LastReceived().IsZero() })
	link.Cut()
	natstest.Eventually(t, "it is dropped", func() bool { return r.ledger.Snapshot().Dropped == 1 })

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r.Run(ctx, r)
	next := <-subscribers
	next.Send(next.Msg("the path has ended") + next.Msg("long ago"))
	natstest.Eventually(t, "they are dropped", func() bool { return r.ledger.Snapshot().Dropped == 3 })
	r.givesBack(t, stop)
}

func TestHeadersAreStrippedAndCounted(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		address, subscribers := natstest.Broker(t)
		r := newTester(100)
		r.start(t)
		stop := attend(t, r, via(portable, endpoint(t, "federation", natstest.Side("nats://"+address))))
		serve(t, r.Source)
		sub := <-subscribers
		block := "NATS/1.0\r\nNats-Trace-Dest: " + strings.Repeat("x", 5000) + "\r\n\r\n"
		sub.Send(fmt.Sprintf("HMSG in %s reply %d %d\r\n%shi\r\n", sub.SID, len(block), len(block)+2, block))
		sub.Send(sub.Msg("plain"))
		if got := r.next(t, 2); !slices.Equal(got, []string{"hi", "plain"}) {
			t.Errorf("%q", got)
		}
		if s := r.ledger.Snapshot(); s.HeadersStripped != 1 {
			t.Errorf("%d headers stripped", s.HeadersStripped)
		}
		r.Close()
		r.rest(t)
		r.givesBack(t, stop)
	})
}
