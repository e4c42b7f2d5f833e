package link

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

// framedAs connects a user, who may subscribe to what is listed, for questions about rights.
func framedAs(t *testing.T, srv *embedded.Server, user string) *Session {
	t.Helper()
	side := natstest.Side(srv.ClientURL())
	side.User, side.Password = user, "secret"
	s, err := SingleFramed(t.Context(), endpoint(t, Federation, side), "probe")
	natstest.Succeeds(t, err)
	t.Cleanup(s.Close)
	return s
}

func subscriber(name string, allow, deny []string) *natsserver.User {
	u := natstest.User(name, "secret")
	u.Permissions = &natsserver.Permissions{Subscribe: &natsserver.SubjectPermission{Allow: allow, Deny: deny}}
	return u
}

func TestSubscribingIsJudged(t *testing.T) {
	cases := map[string]struct {
		allow, deny []string
		want        string // "", "denied" or "untold"
	}{
		"all":                {want: ""},
		"least":              {allow: []string{"req"}, want: ""},
		"least, and inbox":   {allow: []string{"req", "_INBOX.>"}, want: ""},
		"the group, inbox":   {allow: []string{"req grp", "_INBOX.>"}, want: ""},
		"other group, inbox": {allow: []string{"req other", "_INBOX.>"}, want: "denied"},
		"other group, plain": {allow: []string{"req", "req other"}, want: "denied"},
		"the group alone":    {allow: []string{"req grp"}, want: "untold"},
		"nothing":            {allow: []string{"x"}, want: "untold"},
		"inbox only":         {allow: []string{"_INBOX.>"}, want: "denied"},
		"denied":             {deny: []string{"req"}, want: "denied"},
		"the group denied":   {deny: []string{"req grp"}, want: "denied"},
	}
	var users []*natsserver.User
	for name, c := range cases {
		users = append(users, subscriber(name, c.allow, c.deny))
	}
	srv := natstest.Start(t, embedded.Options{Users: users})
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := framedAs(t, srv, name)
			got := ""
			switch err := s.JudgeSubscribe(t.Context(), "req", "grp"); {
			case errors.Is(err, nats.ErrPermissionViolation):
				got = "denied"
			case errors.Is(err, ErrUntold):
				got = "untold"
			case err != nil:
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if s.Denied() != 0 || len(s.denials.deniedSubs) != 0 {
				t.Error("the question was counted")
			}
			if login, err := s.Login(t.Context()); err == nil && got != "untold" && login.MaySubscribe("req", "grp") != (got == "") {
				t.Errorf("what the server says reads as %v", login.MaySubscribe("req", "grp"))
			}
		})
	}
}

// A question must not cost a message, whenever it is asked.
func TestJudgingNeverTakesAMessageFromTheGroup(t *testing.T) {
	srv := natstest.Start(t, embedded.Options{Users: []*natsserver.User{
		natstest.User("member", "secret"), subscriber("least", []string{"req"}, nil), natstest.User("all", "secret"),
	}})
	member := natstest.Client(t, strings.Replace(srv.ClientURL(), "nats://", "nats://member:secret@", 1))
	got := natstest.Must(member.QueueSubscribeSync("req", "grp"))
	natstest.Succeeds(t, member.Flush())
	ctx, cancel := context.WithCancel(t.Context())
	sent, ended := 0, make(chan struct{})
	go func() {
		defer close(ended)
		for ; ctx.Err() == nil; sent++ {
			if member.Publish("req", nil) != nil || member.Flush() != nil {
				return
			}
		}
	}()
	for _, user := range []string{"least", "all"} {
		s := framedAs(t, srv, user)
		for range 50 {
			natstest.Succeeds(t, s.JudgeSubscribe(t.Context(), "req", "grp"))
		}
	}
	cancel()
	<-ended
	natstest.Succeeds(t, member.Flush())
	if n, _, _ := got.Pending(); n != sent || sent < 10 {
		t.Errorf("the member got %d of %d", n, sent)
	}
	if fmt.Sprint(member.LastError()) != "<nil>" {
		t.Error(member.LastError())
	}
}

func TestReach(t *testing.T) {
	for _, c := range []struct {
		allow, deny []string
		want        Reach
		parts       string
	}{
		{nil, nil, All, "*.node.>"},
		{[]string{"*.node.>"}, nil, All, "*.node.>"},
		{[]string{">"}, []string{"secret.>"}, Some, "*.node.>"},
		{[]string{"b.node.>", "a.node.>", "c.>"}, nil, Some, "a.node.> b.node.> c.node.>"},
		{[]string{"$JS.API.>", "_INBOX.>"}, nil, None, ""},
		{[]string{"a.node.>"}, []string{"a.>"}, None, ""},
	} {
		l := Login{may: &permissions{Publish: permission{Allow: c.allow, Deny: c.deny}}}
		if r, parts := l.MayPublish("*.node.>"); r != c.want || strings.Join(parts, " ") != c.parts {
			t.Errorf("%q but %q: %d, %q", c.allow, c.deny, r, parts)
		}
	}
}

func TestALoginIsDescribed(t *testing.T) {
	srv := natstest.Start(t, embedded.Options{Users: []*natsserver.User{subscriber("relay", []string{"req", "_INBOX.>"}, nil)}})
	l, err := framedAs(t, srv, "relay").Login(t.Context())
	natstest.Succeeds(t, err)
	if l.User != "relay" || l.Account != "$G" || !l.Restricted() || !l.Clock {
		t.Errorf("%+v", l)
	}
	if off := l.Ahead.Abs(); off > l.Unsure+natstest.Patience/10 {
		t.Errorf("its clock is said to be %s off, give or take %s", off, l.Unsure)
	}
}
