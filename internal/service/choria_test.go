package service_test

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/service"
)

// What is missing in a Choria token is said in the words of the command that makes tokens.
func TestWhatAChoriaTokenLacksIsToldAsItsFlags(t *testing.T) {
	w := newWorld(t, all)
	broker := fedtest.StartServer(t, natstest.ChoriaBroker())
	holder := func(flags string) config.Side {
		command := "choria jwt client x up=x issuer.seed --public-key x.public " + flags
		return config.Side{Servers: []string{broker.ClientURL()}, Choria: natstest.ChoriaLogin(t, command, config.ChoriaToken{})}
	}
	operator := natstest.Must(service.Connect(t.Context(), holder("--publish choria.federation.*.fedrelay.*"), "operator"))
	defer operator.Close()
	for flags, want := range map[string]string{
		"": `operators: the login may not subscribe to $SRV.> and choria.federation.london.fedrelay.>, ` +
			`so nats service does not show this instance and fedrelay observe, explain, rejects and trace get no answer; ` +
			`make its token with --subscribe '$SRV.>' --subscribe 'choria.federation.london.fedrelay.>' (or turn service.enabled off)`,
		"--subscribe $SRV.> --subscribe choria.federation.london.fedrelay.>": `operators: the login may not publish to inboxes below ` +
			`choria.reply, so answers are lost; make its token with --publish 'choria.reply.>'`,
		"--subscribe $SRV.> --subscribe choria.federation.london.fedrelay.> --publish choria.reply.>": `operators: the login may not ` +
			`publish the statistics; make its token with --publish choria.federation.london.stats, or set stats.publish to auto or false`,
	} {
		o := w.options(london())
		o.Endpoint, o.Publish = natstest.Must(link.NewEndpoint(link.Federation, holder(flags))), config.PublishTrue
		if flags == "" {
			o.Publish = config.PublishAuto
		}
		s, _ := w.launch(o)
		fedtest.Eventually(t, want, func() bool {
			_ = operator.Conn.PublishRequest(service.Subject(fedtest.Cluster, service.State), operator.Conn.NewInbox(), nil)
			for _, got := range s.Warnings(fedtest.Cluster) {
				if got == want {
					return true
				}
			}
			return false
		})
	}
}
