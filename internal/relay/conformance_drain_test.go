package relay_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/pipeline"
)

// What the server has handed to a relay when it is told to stop is carried before it stops.
func TestConformanceC48AStopCarriesWhatIsInFlight(t *testing.T) {
	const messages = 5000
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		b := newBench(t, embedded.Options{}, set)
		for from, payload := range []string{fedtest.Request("x", app7), fedtest.Reply("x", "n1")} {
			for range messages {
				if err := b.taps[from].Publish(b.subjects[from], b.outgoing(side(from), []byte(payload))); err != nil {
					t.Fatal(err)
				}
			}
		}
		b.taps[federation].Sync()
		b.taps[collective].Sync()
		if err := b.relay.Stop(); err != nil {
			t.Error(err)
		}
		for i, s := range b.books() {
			if s.Received != messages || s.Fate(pipeline.Confirmed) != messages {
				t.Errorf("from the %s: %s", side(i), s.String())
			}
			b.taps[i].Sync()
			if n := b.taps[i].Seen(); n != messages {
				t.Errorf("%d messages arrived on the %s", n, side(i))
			}
		}
		if want := fmt.Sprintf("confirmed %d", messages); strings.Count(b.relay.LedgerLine(), want) != 2 {
			t.Errorf("the last line does not say it: %s", b.relay.LedgerLine())
		}
	})
}

// A stop that cannot carry everything ends at its deadline all the same, also while a server takes
// nothing. It says so, and counts what it left behind.
func TestConformanceC48AStopEndsAtItsDeadline(t *testing.T) {
	const messages, allowed = 500, 300 * time.Millisecond
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		n := fedtest.StartNetworks(t, embedded.Options{})
		line := fedtest.NewWiretap(t, n.Collective)
		c := n.Config()
		set(&c)
		c.Collective.Servers, c.Drain.Timeout = []string{line.URL()}, allowed
		r := fedtest.StartRelay(t, c)
		line.Stall()
		fed := fedtest.NewTap(t, n.Federation)
		for range messages {
			if err := fed.Publish(fedtest.FederationSubject, []byte(stuffed(fill(v1fed(targets(app7)), ""), 64<<10))); err != nil {
				t.Fatal(err)
			}
		}
		fed.Sync()
		began := time.Now()
		err := r.Stop()
		if !errors.Is(err, relay.ErrCutShort) {
			t.Errorf("a stop that left messages behind says: %v", err)
		}
		if took := time.Since(began); took > allowed+20*time.Second {
			t.Errorf("the stop took %s", took)
		}
		s, _ := r.Ledgers()
		left := s.Fate(pipeline.Abandoned) + s.Fate(pipeline.Unconfirmed) + s.Dropped
		if left == 0 || s.Fate(pipeline.Confirmed)+left != s.Received+s.Dropped {
			t.Error(r.LedgerLine())
		}
	})
}
