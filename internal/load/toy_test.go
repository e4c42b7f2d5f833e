package load

import (
	"encoding/json"
	"testing"

	"github.com/nats-io/nats.go"
)

// leg is one of the two ways through a relay.
type leg string

const (
	requests leg = "request"
	replies  leg = "reply"
)

// toy is the smallest relay there is, with a fault wherever a test wants one. It numbers the copies
// it publishes on each leg, from 0.
type toy struct {
	fed, col *nats.Conn
	times    func(l leg, n int) int                    // how often to publish; nil: once
	reroute  func(l leg, n int, subject string) string // where to; nil: where it should go
	hold     func(l leg, n int)                        // may block
}

func startToy(t testing.TB, fedURL, colURL string, r *toy) {
	t.Helper()
	r.fed, r.col = connect(t, fedURL), connect(t, colURL)
	requestCount, replyCount := 0, 0
	subscribe(t, r.fed, "choria.federation.london.federation", func(m *nats.Msg) {
		targets, out := openRequest(m.Data)
		for _, target := range targets {
			r.carry(r.col, requests, &requestCount, target, out)
		}
	})
	subscribe(t, r.col, "choria.federation.london.collective", func(m *nats.Msg) {
		subject, out := openReply(m.Data)
		r.carry(r.fed, replies, &replyCount, subject, out)
	})
}

func (r *toy) carry(nc *nats.Conn, l leg, n *int, subject string, out []byte) {
	times := 1
	if r.times != nil {
		times = r.times(l, *n)
	}
	if r.reroute != nil {
		subject = r.reroute(l, *n, subject)
	}
	if r.hold != nil {
		r.hold(l, *n)
	}
	*n++
	for range times {
		_ = nc.Publish(subject, out)
	}
}

func openRequest(raw []byte) (targets []string, out []byte) {
	transport, headers, federation := open(raw)
	reply, list := "reply-to", "target"
	if federation["targets"] != nil {
		reply, list = "reply", "targets"
	}
	for _, target := range federation[list].([]any) {
		targets = append(targets, target.(string))
	}
	delete(federation, list)
	federation[reply], headers[reply] = headers[reply], "choria.federation.london.collective"
	out, _ = json.Marshal(transport)
	return targets, out
}

func openReply(raw []byte) (subject string, out []byte) {
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

func connect(t testing.TB, url string) *nats.Conn {
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
