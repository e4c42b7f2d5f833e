package relay_test

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/wire"
)

// One message of 1 MiB can ask for 64 GiB. None of it is written, whether its targets could be
// nodes or not.
func TestHostileBombsPutNothingOnTheWire(t *testing.T) {
	real := strings.Replace(fedtest.Request("x", fedtest.Nodes(15_000)...), "aGVsbG8=", strings.Repeat("A", 400<<10), 1)
	for name, c := range map[string]struct {
		payload string
		reason  wire.Reason
	}{
		"targets of one byte":   {bomb(), wire.TooManyTargets},
		"targets like of nodes": {real, wire.FanoutBytes},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if len(c.payload) > 1<<20 || len(c.payload) < 900<<10 {
				t.Fatalf("the bomb has %d bytes", len(c.payload))
			}
			b := newBench(t, embedded.Options{}, nil)
			before := written(t, b.networks.Collective)
			b.taps[federation].Send(b.subjects[federation], c.payload)
			if err := b.relay.Stop(); err != nil {
				t.Error(err)
			}
			if request, _ := b.relay.Ledgers(); request.Rejected[c.reason] != 1 || request.Copies != 0 {
				t.Error(b.relay.LedgerLine())
			}
			if now := written(t, b.networks.Collective); now != before {
				t.Errorf("%d messages were written", now-before)
			}
		})
	}
}

// written returns how many messages a server has got.
func written(t *testing.T, s *embedded.Server) int64 {
	t.Helper()
	v, err := s.Inner().Varz(&server.VarzOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return v.InMsgs
}

// NATS headers are not carried, however many there are, and whatever they make a server do.
func TestHostileHeadersAreStripped(t *testing.T) {
	b := newBench(t, embedded.Options{MaxPayload: 8 << 20}, nil)
	for name, h := range map[string]nats.Header{
		"1 MB of headers":    {"X": {strings.Repeat("h", 1<<20)}},
		"many headers":       manyHeaders(10_000),
		"stream headers":     {"Nats-Msg-Id": {"1"}, "Nats-Expected-Last-Sequence": {"7"}, "Nats-Rollup": {"all"}},
		"a message schedule": {"Nats-Schedule": {"@every 1s"}, "Nats-Schedule-Target": {app8}},
	} {
		t.Run(name, func(t *testing.T) {
			request := &nats.Msg{Header: h, Reply: "_INBOX.x.y", Data: []byte(v1fedFilled)}
			b.expect(t, federation, request, published(fill(v1out, b.hops[federation]), app7))
			reply := &nats.Msg{Header: h, Reply: "_INBOX.x.y", Data: []byte(forged(answers))}
			b.expect(t, collective, reply, published(fill(v1answer, b.hops[collective]), answers))
			b.expect(t, federation, &nats.Msg{Header: h, Data: []byte("x")}, rejected(wire.Malformed))
		})
	}
}

func manyHeaders(n int) nats.Header {
	h := make(nats.Header)
	for i := range n {
		h.Set(fmt.Sprintf("X-%d", i), "v")
	}
	return h
}

// A trace destination makes the first server publish what it knows about a message. It must not
// make the second server do so.
func TestHostileTraceDestinationsDoNotCross(t *testing.T) {
	const destination = "trace.goes.here"
	b := newBench(t, embedded.Options{}, nil)
	for from, payload := range map[side]string{federation: v1fedFilled, collective: forged(answers)} {
		seen := b.carry(t, from, &nats.Msg{Header: nats.Header{"Nats-Trace-Dest": {destination}}, Data: []byte(payload)})
		crossed := 0
		for _, s := range seen {
			switch {
			case s.Subject == destination && s.side == from:
				// The server of the sender: that is between the two of them.
			case s.Subject == destination:
				t.Errorf("a trace was sent on the %s", s.side)
			default:
				crossed++
				checkPlain(t, s.Msg)
			}
		}
		if crossed != 1 {
			t.Errorf("from the %s: %d messages crossed, want 1", from, crossed)
		}
	}
}

// A header block that is malformed does not reach the other side, and does no harm.
func TestHostileHeaderBlocksAreStripped(t *testing.T) {
	b := newBench(t, embedded.Options{}, nil)
	for _, block := range []string{
		"garbage\r\n\r\n", "NATS/1.0\r\nno colon\r\n\r\n", "NATS/1.0 x y\r\nA:b\r\n", "\x00\x01\x02\x03\r\n\r\n",
	} {
		publishRaw(t, b.networks.Federation, b.subjects[federation], block, v1fedFilled)
		seen := b.behind(t, federation)
		if len(seen) != 1 || seen[0].Subject != app7 {
			t.Fatalf("%q: published to %q", block, subjectsOf(seen))
		}
		checkPlain(t, seen[0].Msg)
		if got, want := string(seen[0].Data), fill(v1out, b.hops[federation]); got != want {
			t.Errorf("%q:\n got %s\nwant %s", block, got, want)
		}
	}
	if now := epochsOf(b.relay); fmt.Sprint(now) != fmt.Sprint(b.epochs) {
		t.Errorf("connections were lost: epochs %v, before %v", now, b.epochs)
	}
}

// publishRaw publishes with a header block that no client library would write, and waits until the
// server has it.
func publishRaw(t *testing.T, s *embedded.Server, subject, header, payload string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.ClientURL(), "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true}\r\nHPUB %s %d %d\r\n%s%s\r\nPING\r\n",
		subject, len(header), len(header)+len(payload), header, payload)
	var got bytes.Buffer
	b := make([]byte, 4096)
	for !strings.Contains(got.String(), "PONG") {
		n, err := conn.Read(b)
		if err != nil {
			t.Fatalf("%v behind %q", err, got.String())
		}
		got.Write(b[:n])
	}
}
