package plain

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"log/slog"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/benchmarks/message"
)

// A Relay carries messages between two connections. The callbacks of nats.go do all the work.
type Relay struct {
	fed, col *nats.Conn
	cluster  string
	identity string
}

// Run relays between the servers at fed and col until ctx ends. security may be nil: no TLS.
func Run(ctx context.Context, fed, col string, security *tls.Config) error {
	federation, err := connect(fed, security)
	if err != nil {
		return err
	}
	defer federation.Close()
	collective, err := connect(col, security)
	if err != nil {
		return err
	}
	defer collective.Close()
	r := &Relay{fed: federation, col: collective, cluster: message.Cluster, identity: "plain (plain:" + message.Cluster + ")"}
	if err := r.subscribe(); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func connect(address string, security *tls.Config) (*nats.Conn, error) {
	o := []nats.Option{nats.Name("plain")}
	if security != nil {
		o = append(o, nats.Secure(security))
	}
	return nats.Connect(address, o...)
}

func (r *Relay) subscribe() error {
	_, err := r.fed.QueueSubscribe("choria.federation."+r.cluster+".federation", r.cluster+"_federation", r.request)
	if err != nil {
		return err
	}
	_, err = r.col.QueueSubscribe("choria.federation."+r.cluster+".collective", r.cluster+"_collective", r.reply)
	return err
}

func (r *Relay) request(m *nats.Msg) {
	var t transport
	if err := json.Unmarshal(m.Data, &t); err != nil || t.Headers.Federation == nil {
		slog.Warn("not a federated request", "error", err)
		return
	}
	f := t.Headers.Federation
	targets := f.Targets
	f.Targets = nil
	f.ReplyTo = t.Headers.ReplyTo
	t.Headers.ReplyTo = "choria.federation." + r.cluster + ".collective"
	r.publish(r.col, r.fed, &t, targets)
}

func (r *Relay) reply(m *nats.Msg) {
	var t transport
	if err := json.Unmarshal(m.Data, &t); err != nil || t.Headers.Federation == nil {
		slog.Warn("not a federated reply", "error", err)
		return
	}
	targets := []string{t.Headers.Federation.ReplyTo}
	t.Headers.Federation = nil
	r.publish(r.fed, r.col, &t, targets)
}

func (r *Relay) publish(to, from *nats.Conn, t *transport, targets []string) {
	t.Headers.SeenBy = append(t.Headers.SeenBy, []string{from.ConnectedUrl(), r.identity, to.ConnectedUrl()})
	out, err := json.Marshal(t)
	if err != nil {
		slog.Warn("cannot encode", "error", err)
		return
	}
	for _, target := range targets {
		if err := to.Publish(target, out); err != nil {
			slog.Warn("cannot publish", "target", target, "error", err)
		}
	}
}
