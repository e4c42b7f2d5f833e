package natsio

import (
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/pipeline"
)

func TestOnlyThePlaneThatWritesItselfIsPrompt(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		s := natstest.Start(t, embedded.Options{})
		f := newFeeder(natstest.Patience)
		if f.Prompt(1) {
			t.Error("prompt without a connection")
		}
		stop := attend(t, f, via(portable, endpoint(t, "collective", natstest.Side(s.ClientURL()))))
		natstest.Eventually(t, "up", f.Up)
		for range 10 {
			f.feed(serials("a", 2000)...)
			natstest.Eventually(t, "prompt if framed", func() bool {
				return f.InDoubt() == 0 && f.Prompt(20<<10) == !portable
			})
		}
		if f.Prompt(promptBytes + 1) {
			t.Error("more bytes than a socket surely takes")
		}
		f.Abort()
		if f.Prompt(1) {
			t.Error("prompt although aborted")
		}
		stop()
		f.end(t)
	})
}

// Nobody answers for what is written.
func TestAPublisherIsPromptUntilTheServerOwesTooMuch(t *testing.T) {
	b := &book{orders: []order{{serials("many", 10), strings.Repeat("x", 1000)}}}
	p := NewPublisher(PublisherConfig{Ledger: &b.ledger, TTL: time.Hour})
	o := over(p, framedWire(forgetfulConn{}, largestPayload))
	p.use(o)
	b.publish(t, publisherFunc(func(e *pipeline.Egress) {
		e.Received = time.Now()
		for round := range 4 {
			if want := round < 3; p.Prompt(10_500) != want {
				t.Errorf("%d bytes are unanswered, prompt %v", o.session.Framed().Unanswered(), !want)
			}
			p.Publish(e)
		}
	}))
	o.end()
}

func TestAPublisherIsNotPromptWhileItsOutboxIsBusy(t *testing.T) {
	p := NewPublisher(PublisherConfig{TTL: time.Hour})
	o := over(p, framedWire(forgetfulConn{}, largestPayload))
	p.use(o)
	for name, during := range map[string]func(func()){
		"a write or a barrier": func(ask func()) {
			o.mu.Lock()
			defer o.mu.Unlock()
			ask()
		},
		"a move": func(ask func()) {
			p.moving = true
			defer func() { p.moving = false }()
			ask()
		},
		"the end of its session": func(ask func()) {
			o.closed = true
			defer func() { o.closed = false }()
			ask()
		},
	} {
		if !p.Prompt(1) {
			t.Errorf("not prompt before %s", name)
		}
		during(func() {
			if p.Prompt(1) {
				t.Errorf("prompt during %s", name)
			}
		})
	}
}
