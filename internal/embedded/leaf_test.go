package embedded_test

import (
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
)

// A message crosses from a server to its leaf node, on a connection that is compressed as asked.
func TestLeafNodesJoinAndCompress(t *testing.T) {
	for _, compression := range []string{"off", "s2_fast", "s2_best"} {
		hub := start(t, embedded.Options{Leaf: embedded.Leaf{Listen: true, Compression: compression}})
		leaf := start(t, embedded.Options{Leaf: embedded.Leaf{Hub: hub.LeafAddress(), Compression: compression}})
		got, err := connect(t, leaf.ClientURL()).SubscribeSync("a.b")
		if err != nil {
			t.Fatal(err)
		}
		awaitMessage(t, connect(t, hub.ClientURL()), got)
		for _, s := range []*embedded.Server{hub, leaf} {
			if all, err := s.Leafz(); err != nil || !slices.Equal(all, []string{compression}) {
				t.Errorf("%s: %q, %v", compression, all, err)
			}
		}
	}
}

// awaitMessage publishes until one message has come: the other server learns of a subscription
// some time after it was made.
func awaitMessage(t *testing.T, from *nats.Conn, at *nats.Subscription) {
	t.Helper()
	for range 100 {
		if err := from.Publish("a.b", nil); err != nil {
			t.Fatal(err)
		}
		if _, err := at.NextMsg(100 * time.Millisecond); err == nil {
			return
		}
	}
	t.Fatal("no message came")
}

func TestAServerAloneHasNoLeafNodes(t *testing.T) {
	s := start(t, embedded.Options{})
	if all, err := s.Leafz(); len(all) > 0 || err != nil || s.LeafAddress() != "" {
		t.Errorf("%q, %v, %q", all, err, s.LeafAddress())
	}
	s.Stop()
	if _, err := s.Leafz(); err == nil {
		t.Error("a stopped server listed leaf nodes")
	}
}
