package natsio

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

// interrupted calls before, and lets Attach fail, when its number is that of fails. The call comes
// when the session is the one that the source joins over, and has not joined yet.
type interrupted struct {
	*Source
	first    atomic.Pointer[link.Session]
	attached atomic.Int64
	fails    int64
	before   func()
}

func (h *interrupted) Attach(ctx context.Context, s *link.Session) error {
	h.first.CompareAndSwap(nil, s)
	if n := h.attached.Add(1); n == h.fails {
		ctx = &endsLater{Context: ctx, before: h.before}
	}
	return h.Source.Attach(ctx, s)
}

// endsLater has ended when somebody looks at it first, and calls before then.
type endsLater struct {
	context.Context
	before func()
	looked atomic.Bool
}

func (c *endsLater) Done() <-chan struct{} {
	if !c.looked.Swap(true) {
		c.before()
	}
	ended := make(chan struct{})
	close(ended)
	return ended
}

func (c *endsLater) Err() error { return context.Canceled }

// The weight changes while a session is being attached. Whether that is used or not, the one in use
// afterwards has the new weight.
func TestAWeightThatChangesDuringAnAttachIsTakenIntoUse(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		srv := natstest.Start(t, embedded.Options{})
		w := newTester(1000)
		w.SetWeight(2)
		w.start(t)
		h := &interrupted{Source: w.Source, fails: 2, before: func() { w.SetWeight(5) }}
		attend(t, h, via(portable, endpoint(t, link.Federation, natstest.Side(srv.ClientURL()))))
		serve(t, w.Source)
		base := srv.Inner().NumSubscriptions() - 2
		h.first.Load().Renew(link.ForRights) // which is tried once
		natstest.Eventually(t, "the new weight", func() bool { return srv.Inner().NumSubscriptions() == base+5 })
	})
}

// Rights change while a session is judged by those of before.
func TestRightsThatChangeDuringAnAttachAreJudged(t *testing.T) {
	srv := natstest.Start(t, embedded.Options{})
	var p *Publisher
	var asked atomic.Int64
	p = NewPublisher(PublisherConfig{Rights: func() link.Rights {
		if asked.Add(1) == 1 {
			p.Rejudge()
		}
		return nodeRights
	}})
	attend(t, p, endpoint(t, link.Collective, natstest.Side(srv.ClientURL())))
	natstest.Eventually(t, "the rights are asked for again", func() bool { return asked.Load() == 2 })
}

// The server cannot be reached at the moment at which rights change. The login is judged by them
// when it can.
func TestRightsThatHaveChangedAreJudgedHoweverLate(t *testing.T) {
	u := natstest.User("relay", "secret")
	u.Permissions = &natsserver.Permissions{Publish: &natsserver.SubjectPermission{Deny: []string{"m.>"}}}
	srv := natstest.Start(t, embedded.Options{Users: []*natsserver.User{u}})
	side := natstest.Side(srv.ClientURL())
	side.User, side.Password = "relay", "secret"
	var rights atomic.Pointer[link.Rights]
	rights.Store(&link.Rights{Patterns: []string{"n.node.>"}, Likely: []string{"n.node.>"}})
	p := NewPublisher(PublisherConfig{Rights: func() link.Rights { return *rights.Load() }})
	var failing atomic.Bool
	e := endpoint(t, link.Collective, side)
	dial := e.Dial
	e.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if failing.Swap(false) {
			return nil, errors.New("unreachable for a moment")
		}
		return dial(ctx, network, address)
	}
	attend(t, p, e)
	natstest.Eventually(t, "it is up", p.Up)
	rights.Store(&nodeRights)
	failing.Store(true)
	p.Rejudge()
	natstest.Eventually(t, "it is judged", func() bool { return p.Standing().Verdict == link.Doubtful && !failing.Load() })
}
