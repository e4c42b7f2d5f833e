package relay_test

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

const (
	fs = "choria.federation.london.federation"
	cs = "choria.federation.london.collective"
)

func TestSmoke(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	r := fedtest.StartRelay(t, n.Config())
	fed, col := fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Collective)
	fed.Send(fs, `{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"reply-to":"mcollective.reply.a.b","mc_sender":"c","seen-by":[["a","b","c"]],"federation":{"req":"x","target":["mcollective.node.n1","mcollective.node.n2"]}}}`)
	t.Logf("%s", col.Next().Data)
	t.Logf("%s", col.Next().Data)
	t.Log(r.LedgerLine())
	t.Log(r.Stop())
	t.Log(r.LedgerLine())
}
