package line

import (
	"testing"
	"time"
)

// transfer sends so many bytes in virtual time, as a carrier does in real time, and returns when
// the last of them arrives.
func transfer(f *flow, now time.Duration, bytes int) (arrived time.Duration) {
	for bytes > 0 {
		n, wait := f.room(now)
		if n == 0 {
			now += wait
			continue
		}
		n = min(n, bytes, f.shape().piece())
		arrived = f.send(now, n)
		bytes -= n
	}
	return arrived
}

func alone(s Shape) *flow { return newFlow(newWay(s), 1) }

// about reports whether a duration is within a hundredth of what it should be.
func about(got, want time.Duration) bool { return (got - want).Abs() <= want/100 }

func TestBytesTakeTheirTime(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		shape Shape
		bytes int
		want  time.Duration
	}{
		"half a round trip":      {Shape{RoundTrip: 100 * ms}, 1 << 20, 50 * ms},
		"rate":                   {Shape{Rate: 8_000_000}, 1_000_000, 1000 * ms},
		"rate and round trip":    {Shape{RoundTrip: 100 * ms, Rate: 80_000_000}, 1_000_000, 150 * ms},
		"first window":           {Shape{RoundTrip: 100 * ms, Window: LinuxWindow}, firstWindow, 50 * ms},
		"three windows":          {Shape{RoundTrip: 100 * ms, Window: LinuxWindow}, 7 * firstWindow, 250 * ms},
		"a window each trip":     {Shape{RoundTrip: 100 * ms, Window: firstWindow}, 10 * firstWindow, 950 * ms},
		"the line, not windows":  {Shape{RoundTrip: 20 * ms, Rate: 10_000_000, Window: LinuxWindow}, 12_500_000, 10_010 * ms},
		"no smaller than packet": {Shape{Rate: 8_000}, 100, 100 * ms},
	} {
		if got := transfer(alone(c.shape), 0, c.bytes); !about(got, c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Two connections get half of the line each.
func TestConnectionsShareTheRate(t *testing.T) {
	w := newWay(Shape{Rate: 8_000_000})
	a, b := newFlow(w, 1), newFlow(w, 2)
	a.send(0, 500_000)
	if got := b.send(0, 500_000); !about(got, time.Second) {
		t.Errorf("both are there after %s, want a second", got)
	}
	if other := alone(*w.shape.Load()).send(0, 500_000); !about(other, time.Second/2) {
		t.Errorf("another direction took %s, want half a second", other)
	}
}

func TestAQueueHasAnEnd(t *testing.T) {
	s := Shape{Rate: 8_000_000, Queue: 100_000} // a byte takes a microsecond
	f := alone(s)
	f.send(0, 150_000)
	if n, wait := f.room(0); n != 0 || !about(wait, 50*time.Millisecond) {
		t.Errorf("room for %d bytes, else after %s", n, wait)
	}
	if n, _ := f.room(50 * time.Millisecond); n == 0 {
		t.Error("no room when some has left")
	}
}

// A connection that fills the queue has less under way, but not so little that the line rests.
func TestAFullQueueHalvesTheWindow(t *testing.T) {
	f := alone(Shape{RoundTrip: 20 * time.Millisecond, Rate: 100_000_000, Window: LinuxWindow})
	transfer(f, 0, 10_000_000)
	if f.threshold > 1<<20 || f.window < 250_000/2 {
		t.Errorf("window %.0f, threshold %.0f", f.window, f.threshold)
	}
}

// What a connection has learned of a slow line is forgotten on another one.
func TestAnotherLineIsLearnedAnew(t *testing.T) {
	f := alone(Shape{RoundTrip: 100 * time.Millisecond, Rate: 1_000_000, Window: LinuxWindow})
	end := transfer(f, 0, 1<<20) + time.Second
	fast := &Shape{RoundTrip: 100 * time.Millisecond, Window: LinuxWindow}
	f.way.shape.Store(fast)
	if got, want := transfer(f, end, 1<<22)-end, transfer(alone(*fast), 0, 1<<22); !about(got, want) {
		t.Errorf("%s, and a new connection %s", got, want)
	}
}

func TestARestMakesTheWindowSmall(t *testing.T) {
	f := alone(Shape{RoundTrip: 100 * time.Millisecond, Window: LinuxWindow})
	end := transfer(f, 0, 1<<20)
	if f.settle(end + 50*time.Millisecond); f.window <= firstWindow {
		t.Error("it has not grown")
	}
	if f.settle(end + time.Second); f.window != firstWindow {
		t.Errorf("after a rest it is %.0f", f.window)
	}
}

func TestWhatIsLostComesLater(t *testing.T) {
	s := Shape{RoundTrip: 100 * time.Millisecond, Loss: 0.01, Window: LinuxWindow}
	lossless := s
	lossless.Loss = 0
	f := alone(s)
	lost, without := transfer(f, 0, 4_000_000), transfer(alone(lossless), 0, 4_000_000)
	if lost < 2*without {
		t.Errorf("%s with loss, %s without", lost, without)
	}
	all := alone(Shape{RoundTrip: 100 * time.Millisecond, Loss: 1})
	if got := all.send(0, 1); got != 150*time.Millisecond {
		t.Errorf("sent twice it is there after %s", got)
	}
	if next := all.send(time.Millisecond, 1); next < 150*time.Millisecond {
		t.Errorf("what was sent later is there after %s", next)
	}
}

// A share of p of all packets is lost: about p of all pieces that have one packet.
func TestAsManyAreLostAsTheShapeSays(t *testing.T) {
	f, lost := alone(Shape{Loss: 0.1}), 0
	for range 10_000 {
		if f.loses(segment) {
			lost++
		}
	}
	if lost < 800 || lost > 1200 {
		t.Errorf("%d of 10,000, want about 1,000", lost)
	}
}

func TestAWindowIsNeverExceeded(t *testing.T) {
	f := alone(Shape{RoundTrip: 100 * time.Millisecond, Rate: 1_000_000_000, Window: 100_000, Loss: 0.001})
	now := time.Duration(0)
	for range 10_000 {
		n, wait := f.room(now)
		if n == 0 {
			now += wait
			continue
		}
		f.send(now, min(n, f.shape().piece()))
		if f.underWay > 100_000 {
			t.Fatalf("%d bytes under way", f.underWay)
		}
	}
}
