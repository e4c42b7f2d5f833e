package client_test

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// london is what the examples ask: the cluster london, with a relay and simulated nodes, and a
// connection to its federation.
type london struct {
	*nats.Conn
	ends []func()
}

func startLondon(nodes ...string) *london {
	l := &london{}
	federation, collective := must(embedded.Start(embedded.Options{})), must(embedded.Start(embedded.Options{}))
	l.ends = append(l.ends, federation.Stop, collective.Stop)
	c := config.Default()
	c.Cluster, c.Identity, c.HTTP.Listen, c.Drain.Replies = "london", "relay1", "off", 0
	c.Federation.Servers, c.Collective.Servers = []string{federation.ClientURL()}, []string{collective.ClientURL()}
	l.startRelay(must(relay.New(c, relay.Options{})))
	simulated := must(fleet.StartNodes(fleet.NodesOptions{URL: collective.ClientURL(), Roster: must(fleet.NewRoster(nodes))}))
	l.ends = append(l.ends, simulated.Close)
	l.Conn = must(nats.Connect(federation.ClientURL()))
	l.ends = append(l.ends, l.Conn.Close)
	return l
}

func (l *london) startRelay(r *relay.Relay) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	l.ends = append(l.ends, func() { cancel(); <-done })
	for ok := false; !ok; ok, _ = r.Ready() {
		<-time.After(time.Millisecond)
	}
}

func (l *london) stop() {
	for i := len(l.ends) - 1; i >= 0; i-- {
		l.ends[i]()
	}
}

// sign stands for what makes signed requests. It returns a request id and the document.
func sign(agent string) (id string, document []byte) {
	id = fleet.NewIDs(fleet.V1, 1).Next()
	return id, fleet.NewWriter(fleet.ClientOptions{Caller: caller, Agent: agent}).Secure(id, time.Now())
}
