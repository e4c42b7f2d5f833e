package relay

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// Messages that would be carried alone must not be lost because they left together. So a bundle is
// within the limits of its reader, if that has those of the writer.
func TestBundlesAreWithinTheLimitsOfTheirReader(t *testing.T) {
	c := config.Default()
	c.Limits.ExpandedBytes = 1 << 20
	small := compactLimits(c)
	data := strings.Repeat("YWFh", 600<<8) // 600 KiB
	few := small
	few.Bytes, few.Targets = 16<<20, 3

	reply := func(i int) string {
		return fmt.Sprintf(`{"protocol":"choria:transport:1","data":"%s","headers":{"mc_sender":"n%d",`+
			`"federation":{"req":"4f","reply-to":"m.reply.edge.ams.london.=.m.reply.c.1"}}}`, data, i)
	}
	request := func(data string, i int) string {
		return fmt.Sprintf(`{"protocol":"choria:transport:1","data":"%s","headers":{"mc_sender":"c","reply-to":"m.reply.c.1",`+
			`"federation":{"req":"4f","target":["m.node.a%d","m.node.b%d"]}}}`, data, i, i)
	}
	for _, test := range []struct {
		what    string
		limits  compact.Limits
		message func(i int) string
	}{
		{"replies", small, reply},
		{"a request in parts", small, func(i int) string { return request(data, i) }},
		{"a request to many nodes", few, func(i int) string { return request("YWFh", i) }},
	} {
		replies := replyStation(0)
		replies.router.(*replyRouter).replyBundles.limits = test.limits
		requests := edgeStation(false)
		requests.router.(*edgeRouter).limits = test.limits
		s := map[bool]*station{true: replies, false: requests}[test.what == "replies"]
		var d compact.Decoder
		messages := 0
		for _, p := range s.carry(t, []byte(test.message(1)), []byte(test.message(2)), []byte(test.message(3))) {
			contents, reason := d.Open([]byte(p[1]), test.limits)
			if reason != wire.OK {
				t.Errorf("%s: %s", test.what, reason)
			}
			messages += contents.Messages
		}
		if messages != 3 {
			t.Errorf("%s: %d messages", test.what, messages)
		}
	}
}

// More targets than a compact message may have leave as JSON, if a request may have them.
func TestAsManyTargetsAsARequestMayHave(t *testing.T) {
	c := config.Default()
	c.Limits.Targets = 1_000_000
	if n := compactLimits(c).Targets; n < c.Limits.Targets {
		t.Errorf("%d", n)
	}
	s := edgeStation(false)
	s.router.(*edgeRouter).limits.Targets = 1
	out := s.carry(t, []byte(`{"protocol":"choria:transport:1","data":"YWFh","headers":{"reply-to":"m.reply.c.1",`+
		`"federation":{"req":"4f","target":["m.node.a","m.node.b"]}}}`))
	if len(out) != 1 || compact.Is([]byte(out[0][1])) {
		t.Errorf("%.200q", out)
	}
}

// Lanes may be connected to servers with different settings. A bundle may leave on any of them.
func TestABundleFitsIntoAllLanes(t *testing.T) {
	for _, c := range []struct {
		sizes []int64
		want  int
	}{{[]int64{0}, 1 << 20}, {[]int64{8 << 20}, 8 << 20}, {[]int64{8 << 20, 0, 1000, 5000}, 1000}, {[]int64{0, 5000}, 5000}} {
		if got := leastPayload(c.sizes); got != c.want {
			t.Errorf("%v: %d, want %d", c.sizes, got, c.want)
		}
	}
}
