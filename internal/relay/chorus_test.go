package relay

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestATextIsRecentAfterEachTimeItWasSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s said
		for outage := range 3 {
			if s.recently("lost") {
				t.Errorf("outage %d: recent before it was said", outage)
			}
			for range 5 {
				time.Sleep(time.Second)
				if !s.recently("lost") {
					t.Errorf("outage %d: said again", outage)
				}
			}
			time.Sleep(time.Minute)
		}
	})
}
