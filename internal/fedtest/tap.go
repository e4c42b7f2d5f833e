package fedtest

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
)

// A Tap sees every message on one network but those with which relays find out about their logins,
// and can publish there.
type Tap struct {
	*nats.Conn

	t          testing.TB
	seen       chan *nats.Msg
	ownTraffic ownTraffic
	ready      []*nats.Msg // from seen, without the relays' own
}

// tapRoom is how many messages may wait in a tap.
const tapRoom = 1 << 18

// NewTap connects to a server and listens to everything but what it publishes itself.
func NewTap(t testing.TB, s *embedded.Server, o ...nats.Option) *Tap {
	t.Helper()
	tap := &Tap{t: t, seen: make(chan *nats.Msg, tapRoom)}
	tap.Conn = Connect(t, s, append(o, nats.NoEcho())...)
	if _, err := tap.ChanSubscribe(">", tap.seen); err != nil {
		t.Fatal(err)
	}
	tap.Sync()
	return tap
}

// Send publishes a payload and waits until the server has it.
func (tap *Tap) Send(subject, payload string) {
	tap.t.Helper()
	tap.SendMsg(&nats.Msg{Subject: subject, Data: []byte(payload)})
}

// SendMsg publishes a message and waits until the server has it.
func (tap *Tap) SendMsg(m *nats.Msg) {
	tap.t.Helper()
	if err := tap.PublishMsg(m); err != nil {
		tap.t.Fatal(err)
	}
	tap.Sync()
}

// Sync waits until the server has everything published so far.
func (tap *Tap) Sync() {
	tap.t.Helper()
	if err := tap.FlushTimeout(Patience); err != nil {
		tap.t.Fatal(err)
	}
}

// Next waits for the next message.
func (tap *Tap) Next() *nats.Msg {
	tap.t.Helper()
	timeout := time.After(Patience)
	for len(tap.ready) == 0 {
		select {
		case m := <-tap.seen:
			tap.keep(m)
		case <-timeout:
			tap.t.Fatal("no message comes")
		}
	}
	m := tap.ready[0]
	tap.ready = tap.ready[1:]
	return m
}

// keep adds m to ready, unless it is a relay's own.
func (tap *Tap) keep(m *nats.Msg) {
	if !tap.ownTraffic.has(m) {
		tap.ready = append(tap.ready, m)
	}
}

// Until waits for a message on a subject, and returns those that came before it.
func (tap *Tap) Until(subject string) (before []*nats.Msg) {
	tap.t.Helper()
	for {
		m := tap.Next()
		if m.Subject == subject {
			return before
		}
		before = append(before, m)
	}
}

// Seen is how many messages have come that Next has not returned.
func (tap *Tap) Seen() int {
	for {
		select {
		case m := <-tap.seen:
			tap.keep(m)
		default:
			return len(tap.ready)
		}
	}
}
