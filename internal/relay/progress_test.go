package relay_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// A lockedLog blocks whoever rejects a message until it is unlocked, as a deadlock would.
type lockedLog struct {
	slog.Handler
	reached, unlocked chan struct{}
}

func (l *lockedLog) WithAttrs([]slog.Attr) slog.Handler { return l }

func (l *lockedLog) Enabled(context.Context, slog.Level) bool { return true }

func (l *lockedLog) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "message rejected" {
		close(l.reached)
		<-l.unlocked
	}
	return nil
}

// A path that hangs although it could go on is found, so that systemd's watchdog can end it. One
// that is at rest, busy, or waits for a server is not.
func TestAPathThatHangsIsFound(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	log := &lockedLog{slog.DiscardHandler, make(chan struct{}), make(chan struct{})}
	p := fedtest.StartProcess(t, n.Config(), slog.New(log))
	startFarm(t, n.Collective)
	client := newAsker(t, n.Federation, "a")
	before := p.Progress()
	if stuck := before.StuckSince(nil); len(stuck) > 0 {
		t.Errorf("%q without a look before", stuck)
	}
	client.ask(t, fedtest.Nodes(2), 2)
	if stuck := p.Progress().StuckSince(before); len(stuck) > 0 {
		t.Errorf("%q while requests are carried", stuck)
	}
	if err := client.nc.Publish(fedtest.FederationSubject, []byte("no request")); err != nil {
		t.Fatal(err)
	}
	<-log.reached
	before = p.Progress()
	fedtest.Eventually(t, "one path hangs", func() bool { // the other waits for a barrier first
		last := before
		before = p.Progress()
		return slices.Equal(before.StuckSince(last), []string{"request"})
	})
	close(log.unlocked)
	fedtest.Eventually(t, "nothing hangs any more", func() bool {
		before := p.Progress()
		return len(p.Progress().StuckSince(before)) == 0
	})
	client.ask(t, fedtest.Nodes(2), 2)
}

// A path whose copies wait for a side that is away does not hang.
func TestAPathThatWaitsForASideDoesNotHang(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	p := fedtest.StartProcess(t, n.Config(), nil)
	client := newAsker(t, n.Federation, "a")
	n.Collective.Stop()
	if _, err := client.send(fedtest.Nodes(2), 2); err != nil {
		t.Fatal(err)
	}
	fedtest.Eventually(t, "it is seen that the side is away", func() bool {
		before := p.Progress()
		return len(p.Progress().StuckSince(before)) == 0
	})
	if err := n.Collective.Restart(); err != nil {
		t.Fatal(err)
	}
	p.WaitReady()
}
