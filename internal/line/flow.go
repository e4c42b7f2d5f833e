package line

import (
	"math"
	"math/rand/v2"
	"time"
)

// A flow is what one connection sends in one direction: how much of it may be under way, and when
// it arrives. It only calculates. It is for one goroutine at a time.
type flow struct {
	way    *way
	chance *rand.Rand
	known  *Shape // that the window has to do with

	window    float64 // bytes that may be under way now
	threshold float64 // up to here the window doubles with each round trip
	underWay  int
	answers   []answer // in the order in which they come
	sent      time.Duration
	arrived   time.Duration // when what was sent last arrives
	halved    time.Duration // the window is not halved again before
}

// An answer says that the other end has so many bytes.
type answer struct {
	at    time.Duration
	bytes int
	grows bool // the window was what held the flow up
}

func newFlow(w *way, seed uint64) *flow {
	f := &flow{way: w, chance: rand.New(rand.NewPCG(seed, 0))}
	f.settle(0)
	return f
}

func (f *flow) shape() *Shape { return f.way.shape.Load() }

// room says how many bytes may be sent now. If there are none it says after how long to ask again.
func (f *flow) room(now time.Duration) (bytes int, wait time.Duration) {
	f.settle(now)
	if wait := f.way.full(now); wait > 0 {
		f.halve(now)
		return 0, wait
	}
	if free := f.limit() - float64(f.underWay); free >= 1 {
		return int(min(free, math.MaxInt32)), 0
	}
	return 0, f.answers[0].at - now
}

func (f *flow) limit() float64 {
	if f.shape().Window == 0 {
		return math.Inf(1)
	}
	return min(f.window, float64(f.shape().Window))
}

// settle takes the answers that have come. On another line the window begins anew.
func (f *flow) settle(now time.Duration) {
	if s := f.shape(); s != f.known {
		f.known, f.window, f.threshold = s, firstWindow, math.Inf(1)
	}
	for len(f.answers) > 0 && f.answers[0].at <= now {
		a := f.answers[0]
		f.answers = f.answers[1:]
		f.underWay -= a.bytes
		if a.grows {
			f.grow(float64(a.bytes))
		}
	}
	if rest := f.shape().RoundTrip + restFor; f.shape().Window > 0 && f.underWay == 0 && now-f.sent > rest {
		f.window = min(f.window, firstWindow)
	}
}

// grow doubles the window in a round trip, or above the threshold adds a segment.
func (f *flow) grow(answered float64) {
	if f.window >= f.threshold {
		answered *= segment / f.window
	}
	f.window += answered
}

// halve is what happens when packets are lost: once for all of a round trip.
func (f *flow) halve(now time.Duration) {
	if now < f.halved || f.shape().Window == 0 {
		return
	}
	f.window = max(f.limit()/2, leastWindow)
	f.threshold = f.window
	f.halved = now + f.shape().RoundTrip
}

// send sends n bytes, for which there must be room, and returns when they arrive.
func (f *flow) send(now time.Duration, n int) time.Duration {
	due := f.way.enter(now, n)
	if f.loses(n) {
		due += f.shape().RoundTrip
		f.halve(now)
	}
	f.sent, f.arrived = now, max(f.arrived, due)
	if f.shape().Window == 0 {
		return f.arrived
	}
	f.underWay += n
	f.answers = append(f.answers, answer{
		at: f.arrived + f.shape().RoundTrip/2, bytes: n, grows: float64(f.underWay) > f.limit()/2,
	})
	return f.arrived
}

// loses reports whether one of the packets of n bytes gets lost.
func (f *flow) loses(n int) bool {
	if f.shape().Loss == 0 {
		return false
	}
	packets := (n + segment - 1) / segment
	return f.chance.Float64() > math.Pow(1-f.shape().Loss, float64(packets))
}
