package relay_test

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// Each written copy is in the histogram of its path once.
func TestTheAddedLatencyCountsEachCopy(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	r := fedtest.StartRelay(t, n.Config())
	client, node := fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Collective)
	client.Send(fedtest.FederationSubject, fedtest.Request("q", fedtest.Nodes(40)...))
	node.Send(fedtest.CollectiveSubject, fedtest.Reply("q", "n1"))
	fedtest.Eventually(t, "all copies are confirmed", func() bool {
		i := r.Instance()
		return i.Request.Sent() == 40 && i.Reply.Sent() == 1
	})
	i := r.Instance()
	if a, b := i.Request.Latency, i.Reply.Latency; a.Count() != 40 || b.Count() != 1 || a.Sum <= 0 || a.Quantile(1) > 10 {
		t.Errorf("%+v\n%+v", a, b)
	}
}
