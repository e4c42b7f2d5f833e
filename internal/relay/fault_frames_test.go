package relay_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// Both links are reset inside of a frame: in its verb, in its subject, in its payload.
func TestFaultT11AResetInsideAFrameLeavesItInDoubt(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		s := newStage(t, options)
		for _, at := range []int{2, 30, 300} {
			before := s.epochs()
			doubt := [2]int64{s.fate(federation, pipeline.Unconfirmed), s.fate(collective, pipeline.Unconfirmed)}
			s.proxies[federation].CutInside(at)
			s.proxies[collective].CutInside(at)
			s.recovers(5*time.Second, before, federationPublish, collectivePublish)
			s.keeps(before, federationReceive, collectiveReceive)
			for from, was := range doubt {
				if s.fate(side(from), pipeline.Unconfirmed) == was {
					t.Errorf("from the %s: nothing is in doubt after a reset at %d", side(from), at)
				}
			}
			s.flowing()
		}
		s.end()
	})
}

// These errors make nats.go close a connection for good: one that it does not know, on either kind
// of connection, and what servers say to a broken line and to one that is too long.
func TestFaultT15AnErrorOfTheServerCostsOneConnectionForASecond(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		s := newStage(t, options)
		for _, fault := range []struct {
			options side
			role    string
			way     fedtest.Way
			text    string
			lost    int
		}{
			{federation, "publish", fedtest.ToServer, "FROB\r\n", federationPublish},
			{federation, "receive", fedtest.ToRelay, "-ERR 'Something New'\r\n", federationReceive},
			{collective, "publish", fedtest.ToRelay, "-ERR 'Something New'\r\n", collectivePublish},
			{collective, "publish", fedtest.ToServer, "PUB " + strings.Repeat("a", 5000) + " 0\r\n", collectivePublish},
		} {
			before := s.epochs()
			s.proxies[fault.options].Insert(fault.role, fault.way, fault.text)
			s.recovers(time.Second, before, fault.lost)
			for i := range before {
				if i != fault.lost {
					s.keeps(before, i)
				}
			}
			s.flowing()
		}
		s.end()
	})
}
