package relay

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/internal/natstest"
)

func TestATextIsRecentAfterEachTimeItWasSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s said
		for outage := range 3 {
			if s.recently("lost") {
				t.Errorf("outage %d: recent before it was said", outage)
			}
			for range 5 {
				natstest.Pass(time.Second)
				if !s.recently("lost") {
					t.Errorf("outage %d: said again", outage)
				}
			}
			natstest.Pass(time.Minute)
		}
	})
}
