package natsio

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

// A mailer is a fake server in a bubble, which goes on reading while its client does not.
type mailer struct {
	info string
	mute atomic.Bool  // does not answer pings
	pace atomic.Int64 // nanoseconds that each write takes

	sids   chan string // of subscriptions
	unsubs chan string // sids of those that ended
	out    chan string // to be sent, in order
}

func newMailer() *mailer {
	return &mailer{info: natstest.Info, sids: make(chan string, 100), unsubs: make(chan string, 100), out: make(chan string, 100_000)}
}

// serve is for one connection.
func (m *mailer) serve(c *natstest.Conn) {
	c.Welcome(m.info)
	gone := make(chan struct{})
	defer close(gone)
	go m.write(c, gone)
	for {
		line, err := c.In.ReadString('\n')
		if err != nil {
			return
		}
		switch fields := strings.Fields(line); fields[0] {
		case "PING":
			if !m.mute.Load() {
				m.out <- "PONG\r\n"
			}
		case "SUB":
			m.sids <- fields[len(fields)-1]
		case "UNSUB":
			m.unsubs <- fields[1]
		}
	}
}

func (m *mailer) write(c *natstest.Conn, gone <-chan struct{}) {
	for {
		var text string
		select {
		case text = <-m.out:
		case <-gone:
			return
		}
		select {
		case <-time.After(time.Duration(m.pace.Load())):
		case <-gone:
			return
		}
		if _, err := io.WriteString(c.Conn, text); err != nil {
			return
		}
	}
}

// mail sends serial numbers to a subscription, one by one.
func (m *mailer) mail(sid string, numbers int) {
	for i := range numbers {
		text := fmt.Sprint(i)
		m.out <- fmt.Sprintf("MSG in %s %d\r\n%s\r\n", sid, len(text), text)
	}
}

// mailed runs a link from r to m, on the framed path.
func mailed(t *testing.T, m *mailer, r *tester) (l *link.Link, stop func()) {
	t.Helper()
	e := endpoint(t, link.Federation, natstest.Side("192.0.2.1:4222"))
	e.Dial = natstest.Pipe(m.serve)
	l = link.New(link.Config{Endpoint: e, Name: "fedrelay test", Handler: r})
	return l, runLink(t, l)
}
