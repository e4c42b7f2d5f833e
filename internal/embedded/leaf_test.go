package embedded_test

import (
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
			z, err := s.Inner().Leafz(nil)
			if err != nil || len(z.Leafs) != 1 || z.Leafs[0].Compression != compression {
				t.Errorf("%s: %+v, %v", compression, z, err)
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
	if s := start(t, embedded.Options{}); s.LeafAddress() != "" {
		t.Errorf("it listens on %s", s.LeafAddress())
	}
}
