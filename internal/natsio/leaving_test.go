package natsio

import (
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/pool"
)

// A farewell is a link in a bubble that moves from one fake server to another.
type farewell struct {
	*tester
	natstest.Witness
	one, two *mailer
	link     *link.Link
	stop     func()
}

// meet connects r to the first server.
func meet(t *testing.T, r *tester) *farewell {
	t.Helper()
	f := &farewell{tester: r, one: newMailer(), two: newMailer()}
	f.two.info = strings.Replace(natstest.Info, "FAKE", "TWO", 1)
	f.start(t)
	e := endpoint(t, link.Federation, natstest.Side("192.0.2.1:4222", "192.0.2.2:4222"))
	dialled := 0
	e.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		m := f.two
		if dialled++; dialled == 1 {
			m = f.one
		}
		conn, err := natstest.Pipe(m.serve)(ctx, network, address)
		return acknowledgedConn{conn}, err
	}
	f.link = link.New(link.Config{Endpoint: e, Name: "fedrelay test", Handler: f.tester, Log: natstest.Log(&f.Witness), Events: f.Event})
	f.stop = runLink(t, f.link)
	synctest.Wait()
	serve(t, f.Source)
	synctest.Wait() // a test may fill the path next: the reader must be beyond its wait for room
	return f
}

// leave has the link moved. The first server has not sent all yet that it had, and takes a second
// for each message.
func leave(t *testing.T, messages int) *farewell {
	t.Helper()
	f := meet(t, newTester(0))
	f.one.pace.Store(int64(time.Second))
	f.one.lameDuck()
	f.one.mail(<-f.one.sids, messages)
	natstest.Pass(3 * time.Second)
	if st := f.link.Status(); !st.Connected || st.Epoch != 2 {
		t.Fatalf("not moved: %+v", st)
	}
	return f
}

// lameDuck announces that m will stop.
func (m *mailer) lameDuck() {
	m.out <- "INFO " + strings.TrimSuffix(m.info, "}") + ",\"ldm\":true}\r\n"
}

// forgetAll takes whatever comes.
func (f *farewell) forgetAll() {
	go func() {
		for b := range f.taken {
			b.Free()
		}
	}()
}

// settle ends the test.
func (f *farewell) settle(t *testing.T) {
	t.Helper()
	f.Close()
	f.rest(t)
	f.givesBack(t, f.stop)
}

func TestAMoveWaitsForAllThatIsOnItsWay(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		const messages = 300 // seconds
		f := leave(t, messages)
		numbered(t, f.next(t, messages), 0)
		f.two.mail(<-f.two.sids, 10)
		numbered(t, f.next(t, 10), 0)
		natstest.Pass(2 * time.Second) // for the answer behind the last message
		if log := f.Logged(); !strings.Contains(log, "federation: left 192.0.2.") || f.Counted(link.EventLeftEarly) != 0 {
			t.Errorf("events %v, log:\n%s", f.Events, log)
		}
		f.settle(t)
	})
}

func TestALinkReconnectsWhileItIsLeavingAnotherServer(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		const messages = 60
		f := leave(t, messages)
		f.two.out <- "-ERR 'Something Nobody Has Heard Of'\r\n"
		numbered(t, f.next(t, messages/2), 0)
		if st := f.link.Status(); !st.Connected || st.Epoch < 3 {
			t.Errorf("status %+v", st)
		}
		f.settle(t)
	})
}

// While it cannot join elsewhere it stays in its queue group: what comes for nobody is lost.
func TestAFullPathStaysInItsGroupUntilItHasJoinedElsewhere(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f := meet(t, boundTester(0, 1<<20))
		held := f.pool.Get(2 << 20)
		f.one.lameDuck()
		natstest.Pass(30 * time.Second)
		if st := f.link.Status(); st.Epoch != 2 || !f.Subscribed() || len(f.two.sids) > 0 || strings.Contains(f.Logged(), "left") {
			t.Errorf("subscribed %t, status %+v, log:\n%s", f.Subscribed(), st, f.Logged())
		}
		f.one.mail(<-f.one.sids, 10)
		held.Release()
		numbered(t, f.next(t, 10), 0)
		natstest.Pass(time.Second)
		if !f.Subscribed() || len(f.two.sids) != 1 || !strings.Contains(f.Logged(), "left 192.0.2.") {
			t.Errorf("subscribed %t, log:\n%s", f.Subscribed(), f.Logged())
		}
		f.settle(t)
	})
}

// full has the link moved while the path has no room, so that it cannot join there.
func full(t *testing.T) (f *farewell, held *pool.Buffer) {
	t.Helper()
	f = meet(t, boundTester(0, 1<<20))
	held = f.pool.Get(2 << 20)
	f.one.lameDuck()
	natstest.Pass(time.Second)
	if st := f.link.Status(); st.Epoch != 2 || !f.Subscribed() {
		t.Fatalf("subscribed %t, status %+v", f.Subscribed(), st)
	}
	return f, held
}

func TestAStopLeavesTheGroupBeforeItsTimeIsOver(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f, held := full(t)
		go f.stop()
		natstest.Pass(time.Second)
		if len(f.one.unsubs) != 1 || f.Subscribed() {
			t.Errorf("%d UNSUBs, subscribed %t", len(f.one.unsubs), f.Subscribed())
		}
		held.Release()
		f.settle(t)
	})
}

func TestASubscriptionThatIsTakenAwayWhileItStaysIsNoSubscription(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f, held := full(t)
		held.Release() // or nothing is read
		f.two.mute.Store(true)
		f.one.out <- "-ERR 'Permissions Violation for Subscription to \"in\" using queue \"q\"'\r\n"
		natstest.Pass(20 * time.Second)
		if f.Subscribed() {
			t.Error("subscribed")
		}
		f.settle(t)
	})
}

// The server that is moved to does not answer.
func TestLeaveDoesNotWaitForAJoin(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f := meet(t, newTester(0))
		f.two.mute.Store(true)
		f.one.lameDuck()
		natstest.Pass(7 * time.Second)
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := f.Leave(ctx); time.Since(began) > 100*time.Millisecond {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		f.settle(t)
	})
}

func TestCutEndsWhatIsBeingLeft(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f := leave(t, 1000)
		f.forgetAll()
		began := time.Now()
		f.link.Cut()
		f.stop()
		if took := time.Since(began); took > 0 {
			t.Errorf("stopped after %s", took)
		}
		f.Discard()
	})
}

func TestAStopDoesNotWaitForeverForAServerThatWasLeft(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		f := leave(t, 1000)
		f.forgetAll()
		began := time.Now()
		f.stop()
		if took := time.Since(began); took < link.HandlerTimeout || took > link.HandlerTimeout+5*time.Second {
			t.Errorf("stopped after %s", took)
		}
		if log := f.Logged(); f.Counted(link.EventLeftEarly) != 1 || !strings.Contains(log, "before all was done: messages on their way from there may be lost") {
			t.Errorf("events %v, log:\n%s", f.Events, log)
		}
		f.Discard()
	})
}
