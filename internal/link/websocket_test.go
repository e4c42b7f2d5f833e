package link

import (
	"crypto/tls"
	"strings"
	"testing"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/natstest"
)

// webServer has a WebSocket listener, with TLS if config is not nil.
func webServer(t *testing.T, config *tls.Config) (url string) {
	t.Helper()
	o := fenced()
	o.Tune = func(o *natsserver.Options) {
		o.Websocket = natsserver.WebsocketOpts{Host: "127.0.0.1", Port: -1, NoTLS: config == nil, TLSConfig: config}
	}
	return natstest.Start(t, o).Inner().WebsocketURL()
}

func TestWebSocket(t *testing.T) {
	ca := natstest.NewAuthority(t, "Relay CA")
	for name, config := range map[string]*tls.Config{"ws": nil, "wss": ca.Server(natstest.Soon(), "127.0.0.1")} {
		t.Run(name, func(t *testing.T) {
			s := natstest.Side(webServer(t, config))
			s.User, s.Password = "relay", "secret"
			if config != nil {
				s.TLS.CA = ca.Path
			}
			session := connects(t, s)
			if session.Framed() != nil {
				t.Error("the frames of a WebSocket connection are not ours")
			}
			if _, secure := session.TLS(); secure != (config != nil) {
				t.Errorf("TLS %t", secure)
			}
			for round := range uint64(20) {
				for range 100 {
					publish(t, session, "closed.a")
					publish(t, session, "open.a")
				}
				if err := session.Conn.Flush(); err != nil {
					t.Fatal(err)
				}
				if err := session.Settle(t.Context()); err != nil {
					t.Fatal(err)
				}
				if want := 100 * (round + 1); session.Denied() != want {
					t.Fatalf("%d denied, want %d", session.Denied(), want)
				}
			}
		})
	}
}

func TestWebSocketNeedsTheRightCertificate(t *testing.T) {
	s := natstest.Side(webServer(t, natstest.NewAuthority(t, "Relay CA").Server(natstest.Soon(), "127.0.0.1")))
	s.TLS.CA = natstest.NewAuthority(t, "Another CA").Path
	cannotConnect(t, s, EventTLSError)
}

// A token must not go out in clear because a server is listed as ws://.
func TestWebSocketWithoutTheTLSThatIsWanted(t *testing.T) {
	s := natstest.Side(webServer(t, nil))
	s.TLS.Required = true
	if got := cannotConnect(t, s, EventTLSError); !strings.Contains(got, "tls: is required, and ws:// has none; write wss://") {
		t.Error(got)
	}
}
