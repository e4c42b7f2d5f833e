package natsio

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/socket"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A heart is a Heartbeat that beats when a test says so, on a machine that sleeps when it says so.
type heart struct {
	*Heartbeat
	asleepFor time.Duration
}

func newHeart() *heart {
	h := &heart{Heartbeat: new(Heartbeat)}
	h.asleep = func() time.Duration { return h.asleepFor }
	h.last.Store(int64(time.Since(socket.Beginning)))
	return h
}

func TestAPauseIsNoticedAtTheNextLook(t *testing.T) {
	for name, c := range map[string]struct {
		passes, sleeps time.Duration
		want           time.Duration
	}{
		"a beat":             {beatInterval, 0, 0},
		"a late beat":        {standstill, 0, 0},
		"stopped":            {30 * time.Second, 0, 30 * time.Second},
		"asleep":             {beatInterval, time.Hour, time.Hour + beatInterval},
		"stopped and asleep": {10 * time.Second, time.Minute, 70 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			natstest.Bubble(t, func(t *testing.T) {
				h := newHeart()
				began := time.Now()
				natstest.Pass(c.passes)
				h.asleepFor = c.sleeps
				if c.passes <= standstill {
					h.beat(time.Now())
				}
				pauses := h.noticed(time.Now())
				switch {
				case c.want == 0 && len(pauses) == 0:
				case len(pauses) != 1 || pauses[0].length != c.want || !pauses[0].began.Equal(began) || !pauses[0].ended.Equal(time.Now()):
					t.Errorf("noticed %v", pauses)
				}
				natstest.Pass(beatInterval)
				h.beat(time.Now())
				if again := h.noticed(time.Now()); len(again) != len(pauses) {
					t.Errorf("noticed again: %v", again)
				}
			})
		})
	}
}

// In virtual time nothing stands still, however slow the machine is.
func TestAHeartThatBeatsNoticesNothing(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		var h Heartbeat
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			h.Run(ctx)
		}()
		synctest.Wait()
		for range 100 {
			natstest.Pass(beatInterval)
			if pauses := h.noticed(time.Now()); len(pauses) > 0 {
				t.Fatalf("%v", pauses)
			}
		}
		cancel()
		<-done
		natstest.Pass(time.Hour)
		if pauses := h.noticed(time.Now()); len(pauses) > 0 {
			t.Errorf("after its end: %v", pauses)
		}
		if pauses := (*Heartbeat)(nil).noticed(time.Now()); pauses != nil {
			t.Errorf("without a heart: %v", pauses)
		}
	})
}

func TestWhatTheKernelTellsOfSleepDoesNotJump(t *testing.T) {
	first := suspended()
	for range 1000 {
		if d := (suspended() - first).Abs(); d > 100*time.Millisecond {
			t.Fatalf("moved by %s", d)
		}
	}
}

// What is read after a pause may have waited all through it, in the kernel or with the server,
// until the server has answered for what it sends.
func TestWhatIsReadAfterAPauseCountsAsReceivedBefore(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		natstest.Bubble(t, func(t *testing.T) {
			h, m, r := newHeart(), newMailer(), newTester(100)
			r.Source.cfg.Heartbeat = h.Heartbeat
			r.start(t)
			e := via(portable, endpoint(t, link.Federation, natstest.Side("192.0.2.1:4222")))
			e.Dial = natstest.Pipe(m.serve)
			stop := attend(t, r, e)
			synctest.Wait()
			serve(t, r.Source)
			sid := <-m.sids
			received := func(want time.Time) {
				t.Helper()
				m.mail(sid, 1)
				b := r.receive(t)
				if !b.Received.Equal(want) {
					t.Errorf("received %s late", time.Since(b.Received))
				}
				b.Free()
			}
			h.beat(time.Now())
			received(time.Now())
			began := time.Now()
			natstest.Pass(7 * time.Second)
			m.mute.Store(true)
			for range 3 {
				received(began)
			}
			synctest.Wait()
			h.beat(time.Now().Add(time.Nanosecond))
			natstest.Pass(pingAgain / 2)
			h.beat(time.Now())
			received(began)
			m.mute.Store(false)
			natstest.Pass(pingAgain / 2)
			received(began) // and asks again
			synctest.Wait()
			h.beat(time.Now())
			received(time.Now())
			r.Close()
			r.rest(t)
			r.givesBack(t, stop)
		})
	})
}

// Copies that were received before a pause are as late as those that waited for its end.
func TestWhatAPauseMadeLateExpires(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		h := newHeart()
		p := NewPublisher(PublisherConfig{TTL: 5 * time.Second, Heartbeat: h.Heartbeat})
		o := slowOutbox(p, func(conn net.Conn) {})
		p.use(o)
		before := time.Now()
		natstest.Pass(4 * time.Second)
		if got, _, _ := p.outboxFor(before); got == nil {
			t.Error("expired after 4 s")
		}
		natstest.Pass(4 * time.Second)
		if got, _, fate := p.outboxFor(before); got != nil || fate != pipeline.Expired {
			t.Errorf("not expired after 8 s: %v", fate)
		}
		if got, _, _ := p.outboxFor(time.Now()); got == nil {
			t.Error("expired though it came later")
		}
		o.session.Framed().Cut()
		o.end()
	})
}
