package relay_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// restart puts a new collective server in the place of the old one, after a time. The relay finds
// it only when the nodes have: copies to a server without subscribers would be confirmed all the
// same.
func (s *stage) restart(outage time.Duration) {
	s.t.Helper()
	nodes, answers := s.flows[federation].listener, s.flows[collective].sender
	before := nodes.Stats().Reconnects
	s.proxies[collective].Refuse()
	s.Collective.Stop()
	s.stops++
	s.lives(outage)
	if err := s.Collective.Restart(); err != nil {
		s.t.Fatal(err)
	}
	fedtest.Eventually(s.t, "the nodes are back", func() bool {
		return nodes.Stats().Reconnects > before && nodes.FlushTimeout(time.Second) == nil && answers.Status() == nats.CONNECTED
	})
}

func TestFaultT01ARestartedServerIsUsedAgainWithinASecond(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		s := newStage(t, options)
		before := s.epochs()
		s.restart(150 * time.Millisecond)
		s.proxies[collective].Up()
		s.recovers(time.Second, before, ofCollective...)
		s.keeps(before, ofFederation...)
		s.end()
	})
}

// The server's machine loses power: nobody says goodbye, and nobody is there to refuse what comes
// later.
func TestFaultT02AServerThatIsGoneWithoutAWordIsFoundOut(t *testing.T) {
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		s := newStage(t, options)
		before := s.epochs()
		s.proxies[collective].Vanish(fedtest.ToServer, fedtest.ToRelay)
		synctest.Wait()
		then := s.books(federation)
		s.notices(suspicion)
		s.givesUp(options.detection(), collectivePublish)
		s.restart(10 * time.Second)
		s.inDoubtIsUnconfirmed(then)
		s.proxies[collective].Up()
		s.proxies[collective].Heal()
		s.recovers(dialing, before, ofCollective...)
		s.keeps(before, ofFederation...)
		s.end()
	})
}

// inDoubtIsUnconfirmed checks that nothing was confirmed since then, and that what was written is
// accounted for.
func (s *stage) inDoubtIsUnconfirmed(then pipeline.Snapshot) {
	s.t.Helper()
	now := s.books(federation)
	if now.Fate(pipeline.Confirmed) != then.Fate(pipeline.Confirmed) {
		s.t.Errorf("confirmed by nobody:\nbefore %s\nafter  %s", then.String(), now.String())
	}
	if now.Fate(pipeline.Unconfirmed) <= then.Fate(pipeline.Unconfirmed) {
		s.t.Errorf("nothing was in doubt: %s", now.String())
	}
}
