package fleet

import (
	"encoding/json"
	"testing"

	"github.com/nats-io/nats.go"
)

// toy is the smallest relay there is: it decodes everything into maps and knows both versions by
// trying their keys. copies says how often the n-th message of a leg is published (from 0); nil:
// once.
type toy struct {
	fed, col *nats.Conn
	cluster  string
	copies   func(leg string, n int) int
	reroute  func(subject string) string
}

func startToy(t testing.TB, fedURL, colURL string, r *toy) {
	t.Helper()
	r.fed, r.col = connect(t, fedURL), connect(t, colURL)
	requests, replies := 0, 0
	subscribe(t, r.fed, "choria.federation."+r.cluster+".federation", func(m *nats.Msg) {
		targets, raw := r.request(m.Data)
		for _, target := range targets {
			if r.reroute != nil {
				target = r.reroute(target)
			}
			r.publish(r.col, target, raw, "request", requests)
			requests++
		}
	})
	subscribe(t, r.col, "choria.federation."+r.cluster+".collective", func(m *nats.Msg) {
		subject, raw := r.reply(m.Data)
		r.publish(r.fed, subject, raw, "reply", replies)
		replies++
	})
}

func (r *toy) publish(nc *nats.Conn, subject string, raw []byte, leg string, n int) {
	times := 1
	if r.copies != nil {
		times = r.copies(leg, n)
	}
	for range times {
		_ = nc.Publish(subject, raw)
	}
}

func (r *toy) request(raw []byte) (targets []string, out []byte) {
	t, h, f := open(raw)
	reply, list := "reply-to", "target"
	if t["protocol"] == v2Protocol {
		reply, list = "reply", "targets"
	}
	for _, target := range f[list].([]any) {
		targets = append(targets, target.(string))
	}
	delete(f, list)
	f[reply], h[reply] = h[reply], "choria.federation."+r.cluster+".collective"
	out, _ = json.Marshal(t)
	return targets, out
}

func (r *toy) reply(raw []byte) (subject string, out []byte) {
	t, h, f := open(raw)
	subject, ok := f["reply-to"].(string)
	if !ok {
		subject = f["reply"].(string)
	}
	delete(h, "federation")
	out, _ = json.Marshal(t)
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
