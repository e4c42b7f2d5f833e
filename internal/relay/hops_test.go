package relay

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/wire"
)

// A node and a relay may reach one server by nats:// and by tls://. mco compares what they write.
func TestServersInTracesAreWrittenAsChoriaDoes(t *testing.T) {
	h := newHops(config.Config{Trace: "always", Identity: "r1", Cluster: "london"}, nil)
	h.destination = func() string { return "tls://col1:4222" }
	want := `["nats://fed1:4222","r1 (fedrelay:london)","nats://col1:4222"]`
	for _, from := range []string{"tls://fed1:4222", "nats://fed1:4222"} {
		if got := string(h.entry(from, &wire.Envelope{})); got != want {
			t.Errorf("from %s: %s", from, got)
		}
	}
}
