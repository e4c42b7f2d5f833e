package fedtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// A Relay runs until Stop, at the latest at the end of the test.
type Relay struct {
	*relay.Relay

	t      testing.TB
	cancel context.CancelFunc
	done   chan struct{}
	err    error // what Run returned, once done is closed
	once   sync.Once
}

// StartRelay runs a relay and waits until it is ready.
func StartRelay(t testing.TB, c config.Config) *Relay {
	t.Helper()
	r := LaunchRelay(t, c)
	r.WaitReady()
	return r
}

// LaunchRelay runs a relay and does not wait.
func LaunchRelay(t testing.TB, c config.Config) *Relay {
	t.Helper()
	return LaunchRelayOver(t, c, nil, nil)
}

// LaunchRelayOver is LaunchRelay for a relay that dials through proxies without sockets. Both may
// be nil.
func LaunchRelayOver(t testing.TB, c config.Config, federation, collective *Proxy) *Relay {
	t.Helper()
	var o relay.Options
	if federation != nil {
		dials := map[string]dial{"federation": federation.Dial, "collective": collective.Dial}
		o.Dial = func(side string) dial { return dials[side] }
	}
	return LaunchRelayWith(t, c, o)
}

// LaunchRelayWith is LaunchRelay with options. Without a log it writes to the test's output, or
// nowhere (Log).
func LaunchRelayWith(t testing.TB, c config.Config, o relay.Options) *Relay {
	t.Helper()
	o.Version = "test"
	if o.Log == nil {
		o.Log = Log(t)
	}
	inner, err := relay.New(c, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &Relay{Relay: inner, t: t, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.err = inner.Run(ctx)
	}()
	t.Cleanup(func() { r.Stop() })
	return r
}

// Stop drains the relay, checks its books, and returns what Run returned.
func (r *Relay) Stop() error {
	r.t.Helper()
	r.cancel()
	select {
	case <-r.done:
	case <-time.After(time.Minute):
		r.t.Fatal("the relay does not stop")
	}
	r.once.Do(r.check)
	return r.err
}

// check is the ledger check and the leak check of a relay that has ended.
func (r *Relay) check() {
	r.t.Helper()
	request, reply := r.Ledgers()
	if !request.Balanced() {
		r.t.Errorf("the request ledger does not balance: %s", request.String())
	}
	if !reply.Balanced() {
		r.t.Errorf("the reply ledger does not balance: %s", reply.String())
	}
	if n := r.Unaccounted(); n != 0 {
		r.t.Errorf("%d unaccounted", n)
	}
	if n := r.BuffersInUse(); n != 0 {
		r.t.Errorf("%d buffers are still lent", n)
	}
}

// WaitReady waits until the relay is ready.
func (r *Relay) WaitReady() {
	r.t.Helper()
	Eventually(r.t, "the relay is ready", func() bool {
		ok, _ := r.Ready()
		return ok
	})
}

// Drain asks the relay to stop and does not wait.
func (r *Relay) Drain() { r.cancel() }

// Done is closed when the relay has ended.
func (r *Relay) Done() <-chan struct{} { return r.done }
