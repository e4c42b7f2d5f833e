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
// same. That can happen while it stops, too: it ends the connections of its clients one after the
// other. mayMiss is how many copies it may confirm between those of the nodes and of the relay; how
// many it was is counted while nothing can be confirmed, so that all later copies have to arrive.
func (s *stage) restart(outage time.Duration, mayMiss int64) {
	s.t.Helper()
	nodes, answers := s.flows[federation].listener, s.flows[collective].sender
	before := nodes.Stats().Reconnects
	s.proxies[collective].Refuse()
	s.Collective.Stop()
	s.lives(outage)
	fedtest.Eventually(s.t, "what was confirmed has arrived", func() bool {
		confirmed := s.books(federation)
		s.unheard = max(0, confirmed.Fate(pipeline.Confirmed)-s.flows[federation].arrived.Load())
		return s.unheard <= mayMiss
	})
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
		s.restart(150*time.Millisecond, 25)
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
		s.restart(10*time.Second, 0)
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
