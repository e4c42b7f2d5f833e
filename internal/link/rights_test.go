package link

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

var needed = Rights{
	Patterns: []string{"*.node.>", "*.broadcast.agent.*"},
	Likely:   []string{"m.node.>", "m.broadcast.agent.*"},
	Probes:   []string{"m.node.x:1", "m.broadcast.agent.x:1"},
}

func TestWhatALoginMayPublishIsFoundOut(t *testing.T) {
	const ask, answers = userInfo, "_INBOX.>"
	for name, c := range map[string]struct {
		allow, deny []string
		listen      []string // may subscribe; nil: to anything
		responses   bool     // may answer requests
		want        Verdict
	}{
		"everything":                      {want: Permitted},
		"as documented":                   {allow: []string{"m.node.>", "m.broadcast.>"}, listen: []string{"in"}, want: Permitted},
		"one kind only":                   {allow: []string{"m.broadcast.agent.*"}, listen: []string{"in"}, want: Permitted},
		"but a part":                      {deny: []string{"m.node.db.>"}, want: Permitted},
		"some nodes, by its word":         {allow: []string{ask, "m.node.*.dmz"}, want: Permitted},
		"another collective, by its word": {allow: []string{ask, "eu.node.>"}, want: Permitted},
		"nothing, by its word":            {allow: []string{ask, answers, "$JS.>", "choria.federation.>"}, want: Forbidden},
		"perhaps another, by its word":    {allow: []string{ask, "choria.>"}, want: Doubtful},
		"all but that, by its word":       {deny: []string{"*.node.>", "*.broadcast.>"}, want: Forbidden},
		"deny is stronger, by its word":   {allow: []string{ask, "m.node.>"}, deny: []string{"m.>"}, want: Forbidden},
		"all but the likely":              {deny: []string{"m.>"}, want: Doubtful},
		"another collective":              {allow: []string{"eu.node.>"}, want: Doubtful},
		"some nodes":                      {allow: []string{"m.node.*.dmz"}, want: Doubtful},
		"nothing":                         {deny: []string{">"}, want: Doubtful},
		"nothing, and no answer":          {allow: []string{ask}, listen: []string{"in"}, want: Doubtful},
		"answers to requests only":        {responses: true, want: Doubtful},
		"and answers to requests":         {allow: []string{ask, "m.node.>"}, responses: true, want: Permitted},
		"answers only":                    {allow: []string{"m.node.>"}, listen: []string{answers}, want: Permitted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
				u := natstest.User("relay", "secret")
				u.Permissions = &natsserver.Permissions{Publish: &natsserver.SubjectPermission{Allow: c.allow, Deny: c.deny}}
				if c.listen != nil {
					u.Permissions.Subscribe = &natsserver.SubjectPermission{Allow: c.listen}
				}
				if c.responses {
					u.Permissions.Response = &natsserver.ResponsePermission{MaxMsgs: 1, Expires: time.Minute}
				}
				if got := judged(t, portable, embedded.Options{Users: []*natsserver.User{u}}); got != c.want {
					t.Errorf("verdict %d, want %d", got, c.want)
				}
			})
		})
	}
}

// judged returns the verdict about a login, and checks that finding out counts nothing.
func judged(t *testing.T, portable bool, o embedded.Options) Verdict {
	t.Helper()
	srv := natstest.Start(t, o)
	s := natstest.Side(srv.ClientURL())
	if len(o.Users) > 0 {
		s.User, s.Password = "relay", "secret"
	}
	var verdict Verdict
	var told []string
	r := &recorder{attach: func(ctx context.Context, s *Session) (err error) {
		s.OnDenied(func(subject string) { told = append(told, subject) })
		began := time.Now()
		verdict, err = needed.Judge(ctx, s)
		if (err == nil) != (verdict == Permitted) {
			t.Errorf("verdict %d: %v", verdict, err)
		}
		if took := time.Since(began); took > natstest.Patience/2 {
			t.Errorf("it took %s", took)
		}
		return nil
	}}
	l, stop := run(t, r, portably(portable, endpoint(t, Collective, s)))
	attached(t, l, 1)
	if n := r.Counted(EventPermissionDenied); n != 0 || r.session().Denied() != 0 {
		t.Errorf("%d events, %d denials counted", n, r.session().Denied())
	}
	stop()
	if told != nil {
		t.Errorf("told %q", told)
	}
	return verdict
}

func TestAServerWithoutSystemAccountIsProbed(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		u := natstest.User("relay", "secret")
		u.Permissions = &natsserver.Permissions{Publish: &natsserver.SubjectPermission{Deny: []string{"m.>"}}}
		o := embedded.Options{Users: []*natsserver.User{u}, Tune: func(o *natsserver.Options) { o.NoSystemAccount = true }}
		if got := judged(t, portable, o); got != Doubtful {
			t.Errorf("verdict %d", got)
		}
	})
}

// Others may answer the question, too, and sooner than the server.
func TestOnlyTheServersOwnWordCounts(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		srv := natstest.Start(t, embedded.Options{})
		nc := natstest.Client(t, srv.ClientURL())
		if _, err := nc.Subscribe("_INBOX.>", func(*nats.Msg) {}); err != nil {
			t.Fatal(err)
		}
		asked := make(chan string, 1)
		if _, err := nc.Subscribe(userInfo, func(m *nats.Msg) { asked <- m.Reply }); err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		var may *permissions
		r := &recorder{attach: func(ctx context.Context, s *Session) (err error) {
			sub, err := s.Conn.SubscribeSync("other")
			if err != nil {
				return err
			}
			foreign := `{"server":{"id":"HUB"},"data":{"permissions":{"publish":{"deny":[">"]}}}}`
			for range 3 {
				if err := s.Conn.Publish("other", []byte(foreign)); err != nil {
					return err
				}
			}
			ours := `{"server":{"id":"` + s.Conn.ConnectedServerId() + `"},"data":{"permissions":{"publish":{"allow":["a"]}}}}`
			if err := s.Conn.Publish("other", []byte(ours)); err != nil {
				return err
			}
			login, err := s.readInfo(ctx, sub, time.Now())
			if err == nil {
				may = login.may
			}
			return err
		}}
		l, _ := run(t, r, portably(portable, endpoint(t, Collective, natstest.Side(srv.ClientURL()))))
		attached(t, l, 1)
		if may == nil || len(may.Publish.Deny) != 0 || len(may.Publish.Allow) != 1 {
			t.Errorf("%+v", may)
		}
	})
}

// A hostile server may say anything.
func TestOddPermissionsAreNoPanic(t *testing.T) {
	for _, odd := range []string{"", ".", ">", "$", "a..b"} {
		var p permissions
		p.Publish.Allow, p.Publish.Deny = []string{odd}, []string{odd}
		for _, pattern := range []string{">", "*.node.>"} {
			if p.publishTo([]string{pattern}, false) {
				t.Errorf("%q is permitted by %q", pattern, odd)
			}
		}
	}
}

func TestPatternsIntersect(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"a.b", "a.b", "a.b"},
		{"a.*", "a.b", "a.b"},
		{"*.node.>", "eu.>", "eu.node.>"},
		{"*.node.>", "eu.node.*", "eu.node.*"},
		{"*.node.>", ">", "*.node.>"},
		{"*.node.>", "*.*.x", "*.node.x"},
		{"*.node.>", "eu.node", ""},
		{"*.node.>", "eu.reply.>", ""},
		{"a.b", "a.b.c", ""},
		{"a", "a.>", ""},
	} {
		for _, pair := range [][2]string{{c.a, c.b}, {c.b, c.a}} {
			if got, ok := intersect(pair[0], pair[1]); ok != (c.want != "") || ok && got != c.want {
				t.Errorf("%q and %q: %q, %v, want %q", pair[0], pair[1], got, ok, c.want)
			}
		}
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{">", "a.*.>", true}, {"a.>", "a.*", true}, {"a.*", "a.>", false}, {"a.*", "a.b", true}, {"a.b", "a.*", false}, {"*.*", "a.*", true},
	} {
		if covers(c.a, c.b) != c.want {
			t.Errorf("%q covers %q: %v", c.a, c.b, !c.want)
		}
	}
}

func TestChoriaTokensListenBelowTheirCaller(t *testing.T) {
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"callerid":"up=fedrelay"}`))
	const want = "choria.reply.ba7223d5"
	if got := choriaInbox("h." + claims + ".s"); !strings.HasPrefix(got, want) || len(got) != len("choria.reply.")+64 {
		t.Errorf("%q", got)
	}
	for _, token := range []string{"", "a.b", "a.!.c", "a.e30.c"} {
		if got := choriaInbox(token); got != "" {
			t.Errorf("%q: %q", token, got)
		}
	}
}

// Over WebSocket only nats.go sees the frames, so that we learn of denials by its callbacks alone.
func TestALoginIsJudgedOverAWebSocket(t *testing.T) {
	s := natstest.Side(webServer(t, nil))
	s.User, s.Password = "relay", "secret"
	session := connects(t, s)
	for range 20 {
		if verdict, err := needed.Judge(t.Context(), session); verdict != Doubtful || !errors.Is(err, nats.ErrPermissionViolation) {
			t.Fatalf("verdict %d: %v", verdict, err)
		}
	}
	open := Rights{Patterns: []string{"open.>"}, Likely: []string{"open.>"}, Probes: []string{"closed.a", "open.a"}}
	if verdict, err := open.Judge(t.Context(), session); verdict != Permitted || err != nil {
		t.Errorf("verdict %d: %v", verdict, err)
	}
	if n := session.Denied(); n != 0 {
		t.Errorf("%d denials counted", n)
	}
}
