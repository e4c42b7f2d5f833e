package relay_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/wire"
)

// A message one short of a limit passes. So what is rejected beyond it is rejected for the limit,
// and not for something else.
func TestHostileMessagesJustWithinALimitPass(t *testing.T) {
	const targetsAllowed, hopsAllowed = 300, 5
	b := newBench(t, embedded.Options{}, func(c *config.Config) {
		c.Limits.Targets, c.Limits.Hops, c.Limits.FanoutBytes = targetsAllowed, hopsAllowed, 64<<10
	})
	hops := func(n int) string { return strings.Repeat(clientHop+",", n-1) + clientHop }
	withHops := func(n int) string { return strings.Replace(v1fedFilled, clientHop, hops(n), 1) }
	out := fill(v1out, b.hops[federation])
	subject := func(n int) string { return "mcollective.node." + strings.Repeat("x", n-len("mcollective.node.")) }
	many := func(n int) string { return fedtest.Request("x", fedtest.Nodes(n)...) }

	for _, c := range []struct {
		what, payload string
		want          *outcome
	}{
		{"as many hops as allowed", withHops(hopsAllowed - 1), published(strings.Replace(out, clientHop, hops(hopsAllowed-1), 1), app7)},
		{"one hop more", withHops(hopsAllowed + 1), published(strings.Replace(out, clientHop, hops(hopsAllowed-1), 1), app7)},
		{"a subject as long as allowed", aimed(subject(255)), published(out, subject(255))},
		{"a subject one byte longer", aimed(subject(256)), skipped(wire.SubjectTooLong)},
		{
			"one node as often as a target is allowed", fill(v1fed(targets(repeated(app7, targetsAllowed)...)), ""),
			published(out, app7).skipping(slices.Repeat([]wire.Reason{wire.DuplicateTarget}, targetsAllowed-1)...),
		},
		{"more targets than allowed", many(targetsAllowed + 1), rejected(wire.TooManyTargets)},
		{"as many targets, too many bytes in all", many(targetsAllowed), rejected(wire.FanoutBytes)},
	} {
		t.Run(c.what, func(t *testing.T) {
			b.expect(t, federation, &nats.Msg{Data: []byte(c.payload)}, c.want)
		})
	}
}
