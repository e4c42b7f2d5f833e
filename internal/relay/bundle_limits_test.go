package relay

import (
	"fmt"
	"log/slog"
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

// A reply that a reader of bundles would not take is carried all the same, as JSON to the whole
// reply subject. An edge does not take it for that of a relay which reads only JSON.
func TestAReplyTooLargeForBundlesTravelsAlone(t *testing.T) {
	const whole = "m.reply.edge.ams.london.=.m.reply.c.1"
	reply := func(data string) []byte {
		return fmt.Appendf(nil, `{"protocol":"choria:transport:1","data":"%s","headers":{"mc_sender":"n",`+
			`"federation":{"req":"4f","reply-to":"%s"}}}`, data, whole)
	}
	far := replyStation(0)
	limits := compactLimits(config.Default())
	limits.Bytes = 1 << 20
	far.router.(*replyRouter).replyBundles.limits = limits
	large := reply(strings.Repeat("YWFh", 300<<10))
	got := far.carry(t, reply("YWFh"), large)
	if len(got) != 2 {
		t.Fatalf("%d messages", len(got))
	}
	seen := map[string]string{got[0][0]: got[0][1], got[1][0]: got[1][1]}
	alone := seen[whole]
	if len(alone) < 1<<20 || alone[0] != '{' || !compact.Is([]byte(seen["m.reply.edge.ams.london.="])) {
		t.Fatalf("published to %q and %q", got[0][0], got[1][0])
	}

	known := &answers{compact: true}
	near := &station{
		router: &edgeReplyRouter{replyRouter: *far.router.(*replyRouter), name: "ams.london", answers: known, notes: &notes{log: slog.New(slog.DiscardHandler)}},
		limits: far.limits, subject: whole,
	}
	carried := near.carry(t, []byte(alone))
	if len(carried) != 1 || carried[0][0] != "m.reply.c.1" || carried[0][1] != alone {
		t.Errorf("%d messages at the edge, refused %q", len(carried), near.refusals)
	}
	if said := known.warnings(); len(said) > 0 || known.singles.Load() != 0 {
		t.Errorf("the edge warns: %q", said)
	}
	near.carry(t, []byte(strings.Replace(string(alone), "YWFh", "", 299<<10)))
	if len(known.warnings()) == 0 {
		t.Error("the edge does not warn of a small one")
	}
}
