package pipeline_test

import (
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// leavingRouter sends the data of a message between "<<" and ">>>", and leaves the data out where
// it may.
type leavingRouter struct{ targetRouter }

func (leavingRouter) Append(dst []byte, r *pipeline.Route) ([]byte, wire.Reason) {
	dst = append(dst, "<<"...)
	if data := r.Envelope.Data; !r.LeaveOut(data, 2) {
		dst = append(dst, data.Of(r.Message)...)
	}
	return append(dst, ">>>"...), wire.OK
}

// Sizes are around the one from which on data is left out, and around changes in the number of
// digits in front of the payload.
func TestDataIsTheSameWhetherItIsLeftOutOrNot(t *testing.T) {
	var batch []string
	var want []copied
	for _, n := range []int{16_381, 16_382, 16_383, 10, 99_990, 99_991, 99_999, 20_000, 0, 300_000} {
		data := payloadOf(n)
		batch = append(batch, message("a", data, "c.node.x"), message("a", data, "c.node.y", "c.node.z"))
		payload := `<<"` + data + `">>>`
		want = append(want, copied{"c.node.x", payload}, copied{"c.node.y", payload}, copied{"c.node.z", payload})
	}
	checkCopies(t, leavingRouter{}, want, batch)
}

func TestLargeDataOfOneCopyIsNotCopied(t *testing.T) {
	large, small := strings.Repeat("x", 16<<10-2), strings.Repeat("x", 16<<10-3) // and two quotes
	r := newRig(1, leavingRouter{}, inline([]string{
		message("a", small, "c.node.x"),
		message("a", large, "c.node.x"),
		message("a", large, "c.node.x", "c.node.y"),
		message("a", large, "c.node.x"),
	}))
	r.runAll(t)
	if n := r.publishers[0].leftOut; n != 2*(16<<10) {
		t.Errorf("%d bytes are where they were read, want twice 16 KiB", n)
	}
}
