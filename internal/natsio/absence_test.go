package natsio

import (
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/socket"
	"github.com/fedrelay/fedrelay/pipeline"
)

// second is the time n seconds after an epoch of the tests.
func second(n int) time.Time { return socket.Beginning.Add(time.Duration(n) * time.Second) }

// away has been away between each two of the seconds, and is, after an odd one.
func away(seconds ...int) *absences {
	var a absences
	for i, s := range seconds {
		if i%2 == 0 {
			a.begin(second(s))
		} else {
			a.end(second(s))
		}
	}
	return &a
}

func TestOnlyAbsenceAfterTheArrivalCounts(t *testing.T) {
	paused := func(began, ended, length int) span {
		return span{second(began), second(ended), time.Duration(length) * time.Second}
	}
	for name, c := range map[string]struct {
		a      *absences
		pauses []span
		want   int // seconds, at 100 since 50
	}{
		"never away":                      {away(), nil, 0},
		"away before":                     {away(10, 20, 30, 40), nil, 0},
		"away at the arrival":             {away(10, 60), nil, 10},
		"away later, twice":               {away(10, 20, 60, 65, 70, 80), nil, 15},
		"away now":                        {away(10, 20, 90), nil, 10},
		"away all the time":               {away(10), nil, 50},
		"a pause":                         {away(), []span{paused(10, 20, 10), paused(60, 65, 5)}, 5},
		"a machine asleep":                {away(), []span{paused(60, 61, 3600)}, 3600},
		"a pause while away counts once":  {away(55, 70), []span{paused(60, 65, 5)}, 15},
		"a pause while away now":          {away(55), []span{paused(60, 65, 5)}, 45},
		"asleep while away":               {away(55, 70), []span{paused(60, 61, 100)}, 15 + 99},
		"back a moment before a pause":    {away(45, 61), []span{paused(60, 80, 20)}, 11 + 19},
		"a pause in which the side went":  {away(65, 70), []span{paused(60, 65, 5)}, 10},
		"a pause from the arrival on":     {away(), []span{paused(50, 80, 30)}, 30},
		"a pause a moment before arrival": {away(), []span{paused(49, 80, 31)}, 30},
	} {
		if got := c.a.after(second(50), second(100), c.pauses); got != time.Duration(c.want)*time.Second {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// However often a link comes and goes: what is kept is bounded, and the sum stays.
func TestManyAbsencesAreSummedUp(t *testing.T) {
	var a absences
	now, total := second(0), time.Duration(0)
	for range 10 * keepSpans {
		d := time.Duration(1+rand.IntN(1000)) * time.Millisecond
		a.begin(now)
		now = now.Add(d)
		a.end(now)
		now = now.Add(time.Second)
		total += d
	}
	if got := a.after(second(-1), now, nil); got != total || len(a.past) != keepSpans {
		t.Errorf("%s in %d spans, want %s", got, len(a.past), total)
	}
}

// Between two outages the side was there: what waited for longer than its time in all, but not for
// the side, is not late.
func TestCopiesExpireByTheSumOfAbsences(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		b := &book{orders: []order{{serials("many", 5), strings.Repeat("x", 20_000)}}}
		p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Minute})
		b.publish(t, publisherFunc(func(e *pipeline.Egress) {
			natstest.Pass(40 * time.Second)
			o := slowOutbox(p, func(net.Conn) {})
			p.use(o)
			natstest.Pass(time.Hour)
			p.drop(o)
			go func() {
				<-time.After(19 * time.Second)
				p.use(o)
			}()
			if got, _, fate := p.outboxFor(e.Received); got != o || fate != 0 {
				t.Errorf("after 59 s of absence: %v", fate)
			}
			p.drop(o)
			began := time.Now()
			p.Publish(e)
			if took := time.Since(began); took != time.Second {
				t.Errorf("expired after %s more", took)
			}
			o.session.Framed().Cut()
			o.end()
		}))
		if s := b.ledger.Snapshot(); s.Fate(pipeline.Expired) != 5 {
			t.Error(s.String())
		}
	})
}
