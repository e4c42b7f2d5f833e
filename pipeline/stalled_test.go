package pipeline_test

import (
	"strconv"
	"testing"
	"testing/synctest"
)

// The dealer must not wait for a lane that cannot publish before it has served the other lanes.
func TestALaneThatIsStuckHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var batch []string
		for i := range 20 {
			batch = append(batch, request("client"+strconv.Itoa(i), i, "c.node.x"))
		}
		for stuck := range 2 {
			r := newRig(2, targetRouter{}, inline(batch))
			r.publishers[stuck].gate = make(chan struct{})
			r.end()
			done := r.start(t.Context())
			synctest.Wait()
			healthy := r.publishers[1-stuck]
			if len(healthy.seen) == 0 {
				t.Errorf("lane %d publishes nothing while the other is stuck", 1-stuck)
			}
			close(r.publishers[stuck].gate)
			<-done
			r.check(t)
		}
	})
}
