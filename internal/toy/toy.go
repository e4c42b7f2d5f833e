// Package toy is the smallest relay there is, with a fault wherever a test wants one. Test only.
//
// It decodes messages into maps and tries the keys of both versions of the protocol, so it shares
// no code with what it is there to test.
package toy

import (
	"encoding/json"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
)

// Leg is one of the two ways through a relay.
type Leg string

// The two legs.
const (
	Requests Leg = "request"
	Replies  Leg = "reply"
)

// Relay is a toy for one cluster. It numbers the copies that it publishes on each leg, from 0.
type Relay struct {
	Cluster string                                    // default london
	Times   func(l Leg, n int) int                    // how often to publish; nil: once
	Reroute func(l Leg, n int, subject string) string // where to; nil: where it should go
	Hold    func(l Leg, n int)                        // may block

	fed, col *nats.Conn
}

// Start relays between two servers until the test ends.
func (r *Relay) Start(t testing.TB, fedURL, colURL string) {
	t.Helper()
	if r.Cluster == "" {
		r.Cluster = "london"
	}
	r.fed, r.col = Connect(t, fedURL), Connect(t, colURL)
	requests, replies := 0, 0
	subscribe(t, r.fed, "choria.federation."+r.Cluster+".federation", func(m *nats.Msg) {
		targets, out := OpenRequest(m.Data, r.Cluster)
		for _, target := range targets {
			r.carry(r.col, Requests, requests, target, out)
			requests++
		}
	})
	subscribe(t, r.col, "choria.federation."+r.Cluster+".collective", func(m *nats.Msg) {
		subject, out := OpenReply(m.Data)
		r.carry(r.fed, Replies, replies, subject, out)
		replies++
	})
}

func (r *Relay) carry(nc *nats.Conn, l Leg, n int, subject string, message []byte) {
	times := 1
	if r.Times != nil {
		times = r.Times(l, n)
	}
	if r.Reroute != nil {
		subject = r.Reroute(l, n, subject)
	}
	if r.Hold != nil {
		r.Hold(l, n)
	}
	for range times {
		_ = nc.Publish(subject, message)
	}
}

// OpenRequest returns the targets of a request, and what each of them should get.
func OpenRequest(raw []byte, cluster string) (targets []string, out []byte) {
	transport, headers, federation := open(raw)
	reply, list := "reply-to", "target"
	if federation["targets"] != nil {
		reply, list = "reply", "targets"
	}
	for _, target := range federation[list].([]any) {
		targets = append(targets, target.(string))
	}
	delete(federation, list)
	federation[reply], headers[reply] = headers[reply], "choria.federation."+cluster+".collective"
	out, _ = json.Marshal(transport)
	return targets, out
}

// OpenReply returns where a reply goes, and what the client should get.
func OpenReply(raw []byte) (subject string, out []byte) {
	transport, headers, federation := open(raw)
	subject, ok := federation["reply-to"].(string)
	if !ok {
		subject = federation["reply"].(string)
	}
	delete(headers, "federation")
	out, _ = json.Marshal(transport)
	return subject, out
}

func open(raw []byte) (transport, headers, federation map[string]any) {
	if err := json.Unmarshal(raw, &transport); err != nil {
		panic(err)
	}
	headers = transport["headers"].(map[string]any)
	return transport, headers, headers["federation"].(map[string]any)
}

// Server starts a NATS server until the test ends, and returns its URL.
func Server(t testing.TB) string {
	t.Helper()
	s, err := embedded.Start(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s.ClientURL()
}

// Connect connects until the test ends.
func Connect(t testing.TB, url string) *nats.Conn {
	t.Helper()
	closed := make(chan struct{})
	nc, err := nats.Connect(url, nats.ClosedHandler(func(*nats.Conn) { close(closed) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close(); <-closed })
	return nc
}

func subscribe(t testing.TB, nc *nats.Conn, subject string, f nats.MsgHandler) {
	t.Helper()
	if _, err := nc.Subscribe(subject, f); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
}
