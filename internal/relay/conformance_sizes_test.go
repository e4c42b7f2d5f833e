package relay_test

import (
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/wire"
)

// stuffed puts a payload of about n bytes into a message.
func stuffed(message string, n int) string {
	return strings.Replace(message, "c2VhbGVk", strings.Repeat("QUJD", n/4), 1)
}

func TestConformanceC50LargeMessagesPassWhole(t *testing.T) {
	const size = 900 << 10
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		b := newBench(t, embedded.Options{}, set)
		for from, c := range map[side]struct{ in, out, to string }{
			federation: {v1fed(targets(app7)), v1out, app7},
			collective: {v1reply(savedReply("@R")), v1answer, answers},
		} {
			in, out := stuffed(fill(c.in, ""), size), stuffed(fill(c.out, b.hops[from]), size)
			b.expect(t, from, &nats.Msg{Data: []byte(in)}, published(out, c.to))
		}
	})
}

// A copy that the other side would not take is refused by the relay, with a reason. If the relay
// wrote it anyway, the server would end the connection.
func TestConformanceC50CopiesTooLargeForTheOtherSideAreRefused(t *testing.T) {
	const small = 64 << 10
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		for from, c := range map[side]struct {
			payload string
			copies  int
		}{
			federation: {v1fed(`{"req":"@Q","target":[@T]}`), 2},
			collective: {v1reply(savedReply("@R")), 1},
		} {
			limits := [2]int32{}
			limits[from.other()] = small
			b := benchBetween(t, &fedtest.Networks{
				Federation: fedtest.StartServer(t, embedded.Options{MaxPayload: limits[federation]}),
				Collective: fedtest.StartServer(t, embedded.Options{MaxPayload: limits[collective]}),
			}, set)
			want := &outcome{}
			for range c.copies {
				want.skipping(append(want.skipped, wire.TooLarge)...)
			}
			b.expect(t, from, &nats.Msg{Data: []byte(stuffed(fill(c.payload, ""), small))}, want)
		}
	})
}
