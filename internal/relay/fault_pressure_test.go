package relay_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// What a client sends while the collective takes nothing, or next to nothing, and how much of it a
// path may hold.
const (
	pressureSize  = 256 << 10
	pressureBound = 4 << 20
	pressureLasts = 25 * time.Second // longer than a silent server is waited for
)

// newPressedStage starts a stage whose federation server can hold all messages for as long as it
// takes.
func newPressedStage(t *testing.T) *stage {
	t.Helper()
	options := stageOptions{virtual: true, every: 50 * time.Millisecond}
	options.config = func(c *config.Config) { c.Pipeline.MaxBytes = pressureBound }
	options.server.Tune = func(o *server.Options) { o.MaxPending, o.WriteDeadline = 1<<30, 5*time.Minute }
	return newStage(t, options)
}

// A write that makes no progress ends its connection. Nothing else does, and what was not in that
// write is carried.
func TestFaultPressureOfAStallReachesTheServerAndHarmsNothingElse(t *testing.T) {
	fedtest.Bubble(t, func(t *testing.T) {
		s := newPressedStage(t)
		before := s.epochs()
		s.proxies[collective].Hold(fedtest.ToServer)
		s.press()
		s.proxies[collective].Release(fedtest.ToServer)
		s.recovers(dialing, before, collectivePublish)
		s.end()
		s.keeps(before, federationReceive, federationPublish)
		s.lost(pressureBound / pressureSize)
	})
}

// A connection that takes a little now and then is alive: no copy is lost.
func TestFaultPressureOfATrickleReachesTheServerAndHarmsNothingElse(t *testing.T) {
	fedtest.Bubble(t, func(t *testing.T) {
		s := newPressedStage(t)
		before := s.epochs()
		s.proxies[collective].Throttle(192 << 10)
		s.press()
		s.proxies[collective].Throttle(0)
		s.end()
		s.keeps(before, federationReceive, federationPublish, collectiveReceive, collectivePublish)
		s.lost(0)
	})
}

// press sends the burst and watches for a while how much the relay holds. Replies go on all the
// time.
func (s *stage) press() {
	s.t.Helper()
	s.flows[federation].burst(alone, pressureMessages, pressureSize)
	var most, buffers int64
	for began := time.Now(); time.Since(began) < pressureLasts; {
		s.flows[collective].waitFor(2)
		books := s.books(federation)
		most = max(most, (books.InParse()+books.InFlight())*pressureSize)
		buffers = max(buffers, s.relay.BuffersInUse())
	}
	if got := s.arrivedAlone(); got > pressureMessages/2 {
		s.t.Errorf("%d of %d messages got through: this test proves nothing", got, pressureMessages)
	}
	if most > pressureBound || buffers > pressureBound/pressureSize+4 {
		s.t.Errorf("the path held %d bytes, of %d, in %d buffers", most, pressureBound, buffers)
	}
	s.t.Logf("the path held %d bytes in %d buffers", most, buffers)
}

// arrivedAlone is how many messages of the burst have arrived.
func (s *stage) arrivedAlone() (n int) {
	for i := range pressureMessages {
		if s.flows[federation].has(fmt.Sprintf("%s%d", alone, i)) {
			n++
		}
	}
	return n
}

// lost checks that all of the burst has arrived, except for so many messages that were being
// written, and that nothing else was lost once the relay had it.
func (s *stage) lost(allowed int64) {
	s.t.Helper()
	request, reply := s.books(federation), s.books(collective)
	unconfirmed := request.Fate(pipeline.Unconfirmed)
	if unconfirmed > allowed || request.Copies != request.Fate(pipeline.Confirmed)+unconfirmed || request.Dropped != 0 {
		s.t.Errorf("more is lost than %d that were being written: %s", allowed, request.String())
	}
	if missing := int64(pressureMessages - s.arrivedAlone()); missing > unconfirmed {
		s.t.Errorf("%d messages of the burst have not arrived, only %d are in doubt", missing, unconfirmed)
	}
	if reply.Copies != reply.Fate(pipeline.Confirmed) {
		s.t.Error(reply.String())
	}
}
