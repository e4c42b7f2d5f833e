package natsio

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

// The buffer of a frame that is larger than all that a path may lend must not be what its own
// reading waits for.
func TestAMessageLargerThanThePathMayLendPasses(t *testing.T) {
	const size = 8 << 20
	s := natstest.Start(t, embedded.Options{MaxPayload: size})
	r := boundTester(0, 1<<20)
	r.start(t)
	attend(t, r, endpoint(t, "federation", natstest.Side(s.ClientURL())))
	serve(t, r.Source)
	nc := natstest.Client(t, s.ClientURL())
	for range 3 {
		tell(t, nc, strings.Repeat("x", size))
		b := r.receive(t)
		if n := len(b.Payload(0)); n != size {
			t.Errorf("%d bytes", n)
		}
		b.Free()
	}
}

// Two connections of one path, of which one is being left, must not wait for each other with a
// large frame each.
func TestALargeFrameThatHasBegunIsReadToItsEnd(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f := meet(t, boundTester(0, 1<<20))
		const size = 4 << 20
		frame := fmt.Sprintf("MSG in %s %d\r\n%s\r\n", <-f.one.sids, size, strings.Repeat("x", size))
		f.one.out <- frame[:size/2]
		synctest.Wait()
		other := f.pool.Get(size)
		f.one.out <- frame[size/2 : size*3/4]
		f.one.out <- frame[size*3/4:]
		if got := f.next(t, 1); len(got[0]) != size {
			t.Errorf("%d bytes", len(got[0]))
		}
		other.Release()
		f.settle(t)
	})
}

// What it holds is what it waits for, where its buffer has to grow.
func TestALargeFrameBehindAnotherGrowsBesideASmallBuffer(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		const limit, first, second = 4 << 20, 600 << 10, 4 << 20
		f := meet(t, boundTester(0, limit))
		sid := <-f.one.sids
		frame := func(size int) string {
			return fmt.Sprintf("MSG in %s %d\r\n%s\r\n", sid, size, strings.Repeat("x", size))
		}
		text := frame(first) + frame(second)
		other := f.pool.Get(64 << 10) // of the connection that takes its place
		f.one.out <- text[:first+400<<10]
		f.one.out <- text[first+400<<10:]
		if got := f.next(t, 2); len(got[1]) != second {
			t.Errorf("%d bytes", len(got[1]))
		}
		other.Release()
		f.settle(t)
	})
}

// A path that is full when it has to join again must neither give the connection up, with what the
// server sends there, nor draw messages that it cannot read.
func TestAFullPathJoinsWhenThereIsRoom(t *testing.T) {
	s := natstest.Start(t, embedded.Options{})
	r := boundTester(0, 1<<20)
	r.start(t)
	held := r.pool.Get(2 << 20)
	l := link.New(link.Config{Endpoint: endpoint(t, "federation", natstest.Side(s.ClientURL())), Name: "x", Handler: r})
	if err := r.Serve(t.Context(), true); err != nil {
		t.Fatal(err) // there is no connection yet
	}
	runLink(t, l)
	natstest.Eventually(t, "connected", func() bool { return l.Status().Connected })
	if err := r.Serve(t.Context(), true); !errors.Is(err, errFull) || r.Subscribed() {
		t.Errorf("subscribed: %v, %v", r.Subscribed(), err)
	}
	held.Release()
	serve(t, r.Source)
	tell(t, natstest.Client(t, s.ClientURL()), "now")
	b := r.receive(t)
	if got := string(b.Payload(0)); got != "now" {
		t.Errorf("got %q", got)
	}
	b.Free()
	if epoch := l.Status().Epoch; epoch != 1 {
		t.Errorf("epoch %d", epoch)
	}
}
