package observe

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/internal/service"
)

// A feed answers each question for itself, until it ends.
type feed struct {
	model *Model
	asked int
	ended chan struct{}
	why   error
	open  *int // how many feeds are

	refused []error // by the next questions for members
	members int     // how often they were asked for
}

func (f *feed) Ask() error {
	f.asked++
	i := relay("1", int64(100*f.asked), 0, 0)
	i.Cluster, i.Now = "production", time.Now()
	data, err := json.Marshal(i)
	f.model.Hear(service.News{Kind: service.Answer, Cluster: "production", Data: data})
	return err
}

func (f *feed) Done() <-chan struct{} { return f.ended }
func (f *feed) Err() error            { return f.why }
func (f *feed) URL() string           { return "nats://fed1:4222" }
func (f *feed) Close()                { *f.open-- }
func (f *feed) Members(context.Context, string) ([]service.Member, error) {
	f.members++
	if len(f.refused) > 0 {
		err := f.refused[0]
		if f.refused = f.refused[1:]; err != nil {
			return nil, err
		}
	}
	return []service.Member{{Identity: "2"}}, nil
}

// watching runs a watch whose connections are made by connect. stop ends it, and checks that no
// connection is left.
func watching(t *testing.T, connect func(*Model, *int) (Feed, error)) (m *Model, stop func()) {
	m = NewModel([]string{"production"}, time.Second, time.Now)
	open := 0
	w := &Watch{Model: m, Interval: time.Second, Connect: func(context.Context) (Feed, error) { return connect(m, &open) }}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx, nil) }()
	return m, func() {
		cancel()
		<-done
		if open != 0 {
			t.Errorf("%d connections are open", open)
		}
	}
}

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestWatchAsksEachInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f *feed
		m, stop := watching(t, func(m *Model, open *int) (Feed, error) {
			*open++
			f = &feed{model: m, ended: make(chan struct{}), open: open}
			return f, nil
		})
		pass(10500 * time.Millisecond)
		c := m.Snapshot().Clusters[0]
		if f.asked != 11 || len(c.History) != 10 || c.Request.ReceivedRate != 100 || c.History[9].Request.Received != 100 {
			t.Errorf("asked %d times: %+v", f.asked, c)
		}
		if len(c.Mute) != 1 || c.Mute[0].Identity != "2" {
			t.Errorf("%+v", c.Mute)
		}
		stop()
	})
}

// A server that is slow once does not end the looks at who hangs. One that does not tell at all is
// not asked again.
func TestGroupsAreLookedAtWhereTheServerTells(t *testing.T) {
	slow := errors.New("the server sends no trace of a message")
	for _, c := range []struct {
		refused       []error
		asked, silent int // after two more looks
	}{
		{[]error{nil, slow}, 3, 1},
		{[]error{slow}, 1, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			var f *feed
			m, stop := watching(t, func(m *Model, open *int) (Feed, error) {
				*open++
				f = &feed{model: m, ended: make(chan struct{}), open: open, refused: c.refused}
				return f, nil
			})
			pass(2*groupsEvery + time.Second)
			if got := m.Snapshot().Clusters[0].Mute; f.members != c.asked || len(got) != c.silent {
				t.Errorf("asked %d times: %+v", f.members, got)
			}
			stop()
		})
	}
}

func TestWatchConnectsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := errors.New("connection refused")
		var up atomic.Bool
		up.Store(true)
		var f atomic.Pointer[feed]
		m, stop := watching(t, func(m *Model, open *int) (Feed, error) {
			if !up.Load() {
				return nil, refused
			}
			*open++
			made := &feed{model: m, ended: make(chan struct{}), why: errors.New("cut"), open: open}
			f.Store(made)
			return made, nil
		})
		pass(3500 * time.Millisecond)
		if s := m.Snapshot(); !s.Connection.Up || s.Connection.URL != "nats://fed1:4222" || s.Clusters[0].Answering != 1 {
			t.Errorf("%+v", s)
		}
		up.Store(false)
		close(f.Load().ended)
		pass(10 * time.Second)
		s := m.Snapshot()
		if s.Connection.Up || s.Connection.Error != "connection refused" || len(s.Clusters[0].Members) != 1 || s.Clusters[0].Answering != 0 {
			t.Errorf("%+v", s)
		}
		if a := s.Clusters[0].Advice; len(a) != 1 || !strings.HasPrefix(a[0], "not connected to the federation: connection refused") {
			t.Errorf("%q", a)
		}
		if n := len(s.Clusters[0].History); n != 13 {
			t.Errorf("%d samples: time must go on", n)
		}
		up.Store(true)
		pass(3 * time.Second)
		if s := m.Snapshot(); !s.Connection.Up || s.Clusters[0].Answering != 1 {
			t.Errorf("%+v", s)
		}
		stop()
	})
}

func TestSettleDoesNotWaitForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewModel([]string{"production"}, time.Second, time.Now)
		m.Hear(service.News{Kind: service.Nobody, Cluster: "production"})
		m.HearGroup("production", nil)
		begin := time.Now()
		Settle(t.Context(), m, time.Minute)
		if took := time.Since(begin); took > time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// An instance that has just started takes messages before it answers questions.
func TestSettleWaitsForWhoTakesMessages(t *testing.T) {
	for name, group := range map[string][]service.Member{"not known yet": nil, "one": {{Identity: "1"}}} {
		synctest.Test(t, func(t *testing.T) {
			m := NewModel([]string{"production"}, time.Second, time.Now)
			m.Hear(service.News{Kind: service.Nobody, Cluster: "production"})
			if group != nil {
				m.HearGroup("production", group)
			}
			begin := time.Now()
			Settle(t.Context(), m, time.Minute)
			if took := time.Since(begin); took < time.Minute {
				t.Errorf("%s: took %s", name, took)
			}
		})
	}
}

func TestSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewModel([]string{"production"}, time.Second, time.Now)
		begin := time.Now()
		var at []time.Duration
		s := Series{Model: m, Patience: 2 * time.Second, Interval: 5 * time.Second, Count: 3, Write: func(Snapshot) error {
			at = append(at, time.Since(begin))
			return nil
		}}
		written, heard, err := s.Run(t.Context())
		if written != 3 || heard || err != nil || len(at) != 3 || at[0] != 2*time.Second || at[2] != 12*time.Second {
			t.Errorf("%d %v %v %v", written, heard, err, at)
		}
	})
}
