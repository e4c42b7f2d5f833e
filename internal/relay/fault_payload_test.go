package relay_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// limited starts networks whose collective takes messages up to a size, and a relay between them.
// reload changes the size.
func limited(t *testing.T, options stageOptions, bytes int32) (n *fedtest.Networks, r *fedtest.Relay, reload func(bytes int32)) {
	t.Helper()
	var kept *server.Options
	n = &fedtest.Networks{
		Federation: fedtest.StartServer(t, embedded.Options{}),
		Collective: fedtest.StartServer(t, embedded.Options{MaxPayload: bytes, Tune: func(o *server.Options) { kept = o.Clone() }}),
	}
	c := n.Config()
	c.Pipeline.Portable = options.portable
	return n, fedtest.StartRelay(t, c), func(bytes int32) {
		t.Helper()
		o := kept.Clone()
		o.MaxPayload = bytes
		if err := n.Collective.Inner().ReloadOptions(o); err != nil {
			t.Fatal(err)
		}
	}
}

// largeRequest is a request to one node that has so many bytes.
func largeRequest(i, bytes int) string {
	return strings.Replace(requestTo(i), "aGVsbG8=", strings.Repeat("QUJD", bytes/4), 1)
}

func refusedAsTooLarge(r *fedtest.Relay) int64 {
	books, _ := r.Ledgers()
	return books.Fates[pipeline.Refused][wire.TooLarge]
}

// A server does not tell its clients that it takes more than before.
func TestFaultT22AMaxPayloadThatIsRaisedIsFoundOut(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		n, r, reload := limited(t, options, 8<<10)
		tap := fedtest.NewTap(t, n.Collective)
		client := fedtest.Connect(t, n.Federation)
		send := func(i, bytes int) {
			t.Helper()
			if err := client.Publish(fedtest.FederationSubject, []byte(largeRequest(i, bytes))); err != nil {
				t.Fatal(err)
			}
		}
		reload(64 << 10)
		send(1, 16<<10)
		fedtest.Eventually(t, "the first is refused", func() bool { return refusedAsTooLarge(r) == 1 })
		fedtest.Eventually(t, "there is another connection", func() bool { return epochsOf(r)[collectivePublish] == 2 })
		r.WaitReady()
		send(2, 16<<10)
		if m := tap.Next(); m.Subject != fedtest.Node("n2") {
			t.Errorf("got %s", m.Subject)
		}
		if n := refusedAsTooLarge(r); n != 1 {
			t.Errorf("%d refused", n)
		}
		for i := range 50 { // each is really too large, and nothing is made anew for it
			send(3+i, 96<<10)
		}
		fedtest.Eventually(t, "the others are refused", func() bool { return refusedAsTooLarge(r) == 51 })
		send(100, 16<<10)
		if m := tap.Next(); m.Subject != fedtest.Node("n100") || epochsOf(r)[collectivePublish] != 2 {
			t.Errorf("got %s, epochs %v", m.Subject, epochsOf(r))
		}
	})
}

// A server that takes less than before ends the connection at the first copy that is too large for
// it. That copy is not written again.
func TestFaultT23AMaxPayloadThatIsLoweredEndsOneConnection(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		n, r, reload := limited(t, options, 64<<10)
		tap := fedtest.NewTap(t, n.Collective)
		client := fedtest.Connect(t, n.Federation)
		reload(8 << 10)
		for i := range 40 {
			if err := client.Publish(fedtest.FederationSubject, []byte(largeRequest(i, 16<<10))); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				fedtest.Eventually(t, "there is another connection", func() bool { return epochsOf(r)[collectivePublish] == 2 })
				r.WaitReady()
			}
		}
		fedtest.Eventually(t, "the others are refused", func() bool { return refusedAsTooLarge(r) == 39 })
		if err := client.Publish(fedtest.FederationSubject, []byte(requestTo(100))); err != nil {
			t.Fatal(err)
		}
		if m := tap.Next(); m.Subject != fedtest.Node("n100") {
			t.Errorf("got %s", m.Subject)
		}
		if now := epochsOf(r); now[collectivePublish] != 2 || r.Unconfirmed() != 1 {
			t.Errorf("epochs %v, %d unconfirmed", now, r.Unconfirmed())
		}
	})
}

// A client sends nothing but requests that are too large for the server. /readyz says so, and other
// clients are served all the same.
func TestFaultT22CopiesTooLargeForTheServerDoNotMakeTheRelayLeave(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		n, r, _ := limited(t, options, 8<<10)
		tap := fedtest.NewTap(t, n.Collective)
		client := fedtest.Connect(t, n.Federation)
		i := 0
		fedtest.Within(t, fedtest.Patience, 200*time.Millisecond, "it is said", func() bool {
			i++
			_ = client.Publish(fedtest.FederationSubject, []byte(largeRequest(i, 16<<10)))
			_, reasons := r.Ready()
			return saysOnly(reasons, "collective: nothing has got through since ")
		})
		if !r.Sides()[federation].Subscribed {
			t.Error("it has left the queue group")
		}
		if err := client.Publish(fedtest.FederationSubject, []byte(requestTo(100_000))); err != nil {
			t.Fatal(err)
		}
		if m := tap.Next(); m.Subject != fedtest.Node("n100000") {
			t.Errorf("got %s", m.Subject)
		}
		r.WaitReady()
	})
}

// A server ends each connection before it has confirmed anything. Going on would lose every
// message.
func TestFaultT15ConnectionsThatEndBeforeAnAnswerMakeTheRelayLeave(t *testing.T) {
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		s := newStage(t, options)
		peer := s.launchPeer()
		const want = "the connection ends before anything is confirmed"
		var reasons []string
		for range 60_000 { // until five seconds have passed without a confirmed copy
			if s.relay.Sides()[collective].Up { // a login that is cut writes no copy
				s.proxies[collective].CutInside(40)
			}
			s.lives(time.Millisecond)
			if _, reasons = s.relay.Ready(); strings.Contains(strings.Join(reasons, "\n"), want) {
				break
			}
		}
		if !strings.Contains(strings.Join(reasons, "\n"), want) {
			t.Errorf("reasons %q", reasons)
		}
		s.recovers(retryWait, s.epochs())
		s.endWith(peer)
	})
}

// retryWait is how long a path through which nothing gets stays out of its queue group at first.
const retryWait = 12500*time.Millisecond + 3*time.Second
