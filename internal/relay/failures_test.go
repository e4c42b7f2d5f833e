package relay

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
)

func TestAStreakLastsAfterFiveSecondsWithoutAConfirmedCopy(t *testing.T) {
	for name, c := range map[string]struct {
		every     time.Duration // between two bad copies
		copies    int
		confirmed func(i int) int64 // before the i-th; nil: nothing ever
		want      bool
	}{
		"for five seconds":                {every: time.Second, copies: 6, want: true},
		"for less than that":              {every: time.Second, copies: 5},
		"all at once":                     {every: time.Millisecond, copies: 1000},
		"two, far apart":                  {every: 6 * time.Second, copies: 2},
		"three, far apart":                {every: 6 * time.Second, copies: 3, want: true},
		"so far apart that each is alone": {every: 31 * time.Second, copies: 10},
		"with confirmed ones between":     {every: time.Second, copies: 20, confirmed: func(i int) int64 { return int64(i / 4) }},
		"after confirmed ones":            {every: time.Second, copies: 20, confirmed: func(i int) int64 { return int64(min(i, 10)) }, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s failures
				var confirmed int64
				news := 0
				for i := range c.copies {
					if i > 0 {
						<-time.After(c.every)
					}
					if c.confirmed != nil {
						confirmed = c.confirmed(i)
					}
					if s.add(pipeline.Denied, 1, confirmed) {
						news++
					}
				}
				if got := s.current(confirmed).lasting(); got != c.want {
					t.Errorf("lasting %v", got)
				}
				if c.confirmed == nil && c.every < streakStale && news > 2 {
					t.Errorf("%d times it was news", news)
				}
				if s.current(confirmed+1).copies != 0 {
					t.Error("it goes on after a confirmed copy")
				}
			})
		})
	}
}

func TestAttemptsBecomeFewer(t *testing.T) {
	var b backoff
	now := time.Now()
	b.putOff(now)
	for _, least := range []time.Duration{backoffMin, 2 * backoffMin, 4 * backoffMin, backoffMax, backoffMax} {
		if wait := b.next.Sub(now); wait < least || wait > least+least/4 {
			t.Errorf("a wait of %s, want %s", wait, least)
		}
		if b.due(b.next.Add(-time.Millisecond)) {
			t.Error("due too soon")
		}
		if now = b.next; !b.due(now) {
			t.Error("not due")
		}
	}
	if b.resetIfNew(1); !b.due(now) {
		t.Error("not due after something was confirmed")
	}
}
