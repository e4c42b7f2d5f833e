package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"sync/atomic"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/benchmarks/plain"
	"github.com/fedrelay/fedrelay/benchmarks/secure"
)

type part = func(context.Context, []string) error

// liars are relays that do not do what they should.
func liars() map[string]part {
	return map[string]part{
		"twice": lie(func(send func([]byte), m []byte, _ int64) { send(m); send(m) }),
		"forger": lie(func(send func([]byte), m []byte, _ int64) {
			if bytes.Contains(m, []byte(`"99999999`)) { // it is not caught at the door
				send(m)
				return
			}
			send(bytes.Replace(m, []byte(`","headers"`), []byte(`A","headers"`), 1))
		}),
		"loser": lie(func(send func([]byte), m []byte, n int64) {
			if n%40 != 39 {
				send(m)
			}
		}),
		"confused": lieTo(func(m []byte) []string {
			all := targets(m)
			if bytes.Contains(m, []byte(`"99999999`)) || all[0] != message.ReplyTo(3) {
				return all
			}
			return []string{message.ReplyTo(4)}
		}, func(send func([]byte), m []byte, _ int64) { send(m) }),
		"lax": func(ctx context.Context, at []string) error { // with a cipher of its own
			security, err := secure.Client(at[2])
			if err != nil {
				return err
			}
			security.MinVersion, security.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
			return plain.Run(ctx, at[0], at[1], security)
		},
		"absent": func(context.Context, []string) error { return errors.New("gone") },
	}
}

// lie makes a relay that carries messages as they are, with do between it and the network. n counts
// them.
func lie(do func(send func([]byte), m []byte, n int64)) part { return lieTo(targets, do) }

// lieTo does the same, and chooses targets.
func lieTo(targets func(m []byte) []string, do func(send func([]byte), m []byte, n int64)) part {
	return func(ctx context.Context, at []string) error {
		var o []nats.Option
		if ca := at[2]; ca != "" {
			o = append(o, nats.RootCAs(ca))
		}
		fed, err := nats.Connect(at[0], o...)
		if err != nil {
			return err
		}
		col, err := nats.Connect(at[1], o...)
		if err != nil {
			return err
		}
		var n atomic.Int64
		carry := func(to *nats.Conn) nats.MsgHandler {
			return func(m *nats.Msg) {
				for _, target := range targets(m.Data) {
					do(func(out []byte) { _ = to.Publish(target, out) }, m.Data, n.Add(1))
				}
			}
		}
		_, err = fed.Subscribe(message.Federated, carry(col))
		_, err2 := col.Subscribe(message.Returned, carry(fed))
		<-ctx.Done()
		return errors.Join(err, err2)
	}
}

// targets are those of a request, or the client of a reply.
func targets(m []byte) []string {
	var t struct {
		Headers struct {
			Federation struct {
				Target  []string `json:"target"`
				ReplyTo string   `json:"reply-to"`
			}
		}
	}
	_ = json.Unmarshal(m, &t)
	if f := t.Headers.Federation; f.ReplyTo != "" {
		return []string{f.ReplyTo}
	}
	return t.Headers.Federation.Target
}
