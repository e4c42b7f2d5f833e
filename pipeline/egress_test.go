package pipeline_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// sizeRouter sends a payload of the size that the data of a message begins with. It rejects
// messages whose data goes on with "drop", but only after it has appended the payload.
type sizeRouter struct{ targetRouter }

func (sizeRouter) Append(dst []byte, r *pipeline.Route) ([]byte, wire.Reason) {
	words := strings.Fields(strings.Trim(string(r.Envelope.Data.Of(r.Message)), `"`))
	n, err := strconv.Atoi(words[0])
	if err != nil {
		panic(err)
	}
	dst = append(dst, payloadOf(n)...)
	if words[1] == "drop" {
		return dst, wire.FanoutBytes
	}
	return dst, wire.OK
}

// payloadOf returns n bytes that look wrong if they are moved, or belong to another size.
func payloadOf(n int) string {
	return strings.Repeat(fmt.Sprint(n, "abcdefghijklmnopqrstuvwxyz"), n/26+1)[:n]
}

// sized makes a message that becomes a payload of n bytes. The message has as many bytes as length
// says, or as few as it can.
func sized(n, length int, verdict string, targets ...string) string {
	bare := message("a", fmt.Sprintf("%d %s ", n, verdict), targets...)
	pad := strings.Repeat("p", max(0, length-len(bare)))
	return message("a", fmt.Sprintf("%d %s %s", n, verdict, pad), targets...)
}

// The sizes are around every change in the number of digits. The size of the payload stands in its
// frame; the size of the message decides how much room is left for that.
var (
	payloadSizes = []int{0, 1, 8, 9, 10, 11, 98, 99, 100, 101, 998, 999, 1000, 1001, 9998, 9999, 10_000, 10_001, 99_999, 100_000}
	messageSizes = []int{0, 999, 1000, 9999, 10_000, 99_999, 100_000}
)

func checkCopies(t *testing.T, router pipeline.Router, want []copied, batches ...[]string) {
	t.Helper()
	bothWays(t, func(t *testing.T, bring func(...[]string) []bring) {
		r := newRig(1, router, bring(batches...))
		r.runAll(t)
		if d := cmp.Diff(want, r.all(), cmp.AllowUnexported(copied{})); d != "" {
			t.Errorf("%.2000s", d)
		}
		if gaps := r.publishers[0].gaps; gaps > 0 {
			t.Errorf("%d frames do not lie behind the one before", gaps)
		}
	})
}

func TestAFrameTellsTheSizeOfItsPayload(t *testing.T) {
	for _, length := range messageSizes {
		for _, n := range payloadSizes {
			checkCopies(t, sizeRouter{}, []copied{{"c.node.x", payloadOf(n)}}, []string{sized(n, length, "keep", "c.node.x")})
		}
	}
}

// The publisher of these tests checks each frame, and that it begins where the one before ends.
func TestFramesOfABatchLieSideBySide(t *testing.T) {
	for _, length := range messageSizes[:4] {
		var batch []string
		var want []copied
		for i, n := range payloadSizes {
			subject := "c.node." + strings.Repeat("x", i*3+1)
			batch = append(batch, sized(n, length, "keep", subject))
			want = append(want, copied{subject, payloadOf(n)})
		}
		checkCopies(t, sizeRouter{}, want, batch)
	}
}

func TestRejectedMessagesLeaveNoBytesBehind(t *testing.T) {
	var batch []string
	var want []copied
	for _, n := range payloadSizes[:16] {
		batch = append(batch,
			sized(n, 0, "drop", "c.node.x"),
			sized(n, 0, "keep", "c.node.y"),
			sized(20_000, 0, "drop", "c.node.x"),
			sized(n, 2000, "drop", "c.node.x", "c.node.z"),
			"garbage",
			sized(n, 300, "keep", "c.node.z"),
			message("a", "no targets"))
		want = append(want, copied{"c.node.y", payloadOf(n)}, copied{"c.node.z", payloadOf(n)})
	}
	checkCopies(t, sizeRouter{}, want, batch)
}

func TestMessagesToSeveralStandBetweenFrames(t *testing.T) {
	var batch []string
	var want []copied
	for _, n := range payloadSizes {
		batch = append(batch,
			sized(n, 0, "keep", "c.node.x"),
			sized(n+1, 0, "keep", "c.node.y", "c.node.z"),
			sized(n+2, 0, "keep", "c.node.x"))
		want = append(want, copied{"c.node.x", payloadOf(n)},
			copied{"c.node.y", payloadOf(n + 1)}, copied{"c.node.z", payloadOf(n + 1)},
			copied{"c.node.x", payloadOf(n + 2)})
	}
	checkCopies(t, sizeRouter{}, want, batch)
}

// A payload that fills the memory of its egress to the last byte has to move for its frame.
func TestFramesFitAtTheEndOfMemory(t *testing.T) {
	for edge := 4 << 10; edge <= 64<<10; edge *= 4 {
		for n := edge - 60; n < edge+4; n++ {
			for _, length := range []int{0, 3000} {
				want := []copied{{"c.node.x", payloadOf(7)}, {"c.node.x", payloadOf(n - 30)}, {"c.node.x", payloadOf(7)}}
				r := newRig(1, sizeRouter{}, inline([]string{
					sized(7, 0, "keep", "c.node.x"), sized(n-30, length, "keep", "c.node.x"), sized(7, 0, "keep", "c.node.x")}))
				r.runAll(t)
				if d := cmp.Diff(want, r.all(), cmp.AllowUnexported(copied{})); d != "" {
					t.Fatalf("%d bytes, message of %d: %.500s", n, length, d)
				}
			}
		}
	}
}

// The memory is taken for the sizes of the messages, and all payloads are larger than that.
func TestFramesSurviveTheGrowthOfTheirMemory(t *testing.T) {
	var batch []string
	var want []copied
	for i := range 40 {
		n := i * 331
		batch = append(batch, sized(n, 0, "keep", "c.node.x"))
		want = append(want, copied{"c.node.x", payloadOf(n)})
	}
	checkCopies(t, sizeRouter{}, want, batch)
}

func TestOnlyMessagesToOneSubjectHaveFrames(t *testing.T) {
	r := newRig(1, skipRouter{}, inline([]string{
		request("a", 1, "c.node.x", "c.node.y"), request("a", 2, "c.node.x", "c.node.y", "c.node.z")}))
	r.publishers[0].called = func(e *pipeline.Egress) {
		if one, two := e.Messages[0], e.Messages[1]; !one.HasFrame() || two.HasFrame() {
			t.Errorf("of %d copies framed %v, of %d %v", one.Copies(), one.HasFrame(), two.Copies(), two.HasFrame())
		}
	}
	r.runAll(t)
}
