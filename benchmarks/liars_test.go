package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/benchmarks/message"
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
		"absent": func(context.Context, []string) error { return errors.New("gone") },
	}
}

// lie makes a relay that carries messages as they are, with do between it and the network. n counts
// them.
func lie(do func(send func([]byte), m []byte, n int64)) part {
	return func(ctx context.Context, at []string) error {
		fed, err := nats.Connect(at[0])
		if err != nil {
			return err
		}
		col, err := nats.Connect(at[1])
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
