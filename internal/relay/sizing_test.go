package relay

import (
	"math"
	"testing"
	"time"
)

func TestNodesMakeLanes(t *testing.T) {
	s := Sizing{Most: 32}.withDefaults()
	for subjects, want := range map[int]int{
		0: 1, 1: 1, 400: 1, 401: 2, 800: 2, 801: 3, 10_000: 25, 12_400: 31, 12_401: 32, 1_000_000: 32,
	} {
		if got := s.wanted(subjects); got != want {
			t.Errorf("%d subjects want %d lanes, not %d", subjects, got, want)
		}
	}
}

func TestLittleMemoryMakesFewLanes(t *testing.T) {
	for limit, want := range map[int64]int{
		math.MaxInt64: mostLanes, 1 << 30: mostLanes, 40 << 20: 20, 10 << 20: 5, 1 << 20: 1, 0: 1,
	} {
		if got := affordable(limit); got != want {
			t.Errorf("%d bytes are enough for %d lanes, not %d", limit, got, want)
		}
	}
}

// A surplus must last, and half of the lanes are enough to call the others one.
func TestASurplusMustLast(t *testing.T) {
	z := &sizer{Sizing: Sizing{Surplus: time.Minute}}
	now := time.Now()
	for _, step := range []struct {
		after        time.Duration
		wanted, have int
		surplus      bool
	}{
		{0, 1, 1, false}, {time.Hour, 1, 1, false}, // one lane is never too many
		{0, 5, 8, false}, {time.Hour, 5, 8, false},
		{0, 4, 8, false}, {59 * time.Second, 4, 8, false}, {time.Minute, 4, 8, true},
		{0, 5, 8, false}, {0, 4, 8, false}, {59 * time.Second, 4, 8, false}, // it begins anew
		{2 * time.Minute, 1, 2, true},
	} {
		if got := z.surplus(step.wanted, step.have, now.Add(step.after)); got != step.surplus {
			t.Errorf("%+v: surplus %v", step, got)
		}
	}
}

// Only answers from far away are worth a longer wait, and only if a shorter one was in vain.
func TestAPathIsHeldUpLongerForAnswersOnly(t *testing.T) {
	z := &sizer{Sizing: Sizing{Hold: 200 * time.Millisecond}}
	for _, step := range []struct {
		wait      time.Duration
		published bool
		want      time.Duration
	}{
		{0, true, z.Hold}, {0, false, z.Hold},
		{time.Second, true, 450 * time.Millisecond}, {time.Second, false, z.Hold},
		{longestWait, true, 800 * time.Millisecond}, {longestWait, false, z.Hold},
	} {
		if z.wait = step.wait; z.longestHold(step.published) != step.want {
			t.Errorf("%+v: %s", step, z.longestHold(step.published))
		}
	}
}
