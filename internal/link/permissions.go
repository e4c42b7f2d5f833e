package link

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// userInfo is where a server tells a login what it may do. Whoever may not ask is told that at
// once; one without a system account says that nobody responds.
const userInfo = "$SYS.REQ.USER.INFO"

// infoTimeout is how long an answer may take to a question that was not denied. Beyond a leaf node
// others answer, too, and sooner.
const infoTimeout = 500 * time.Millisecond

// permissions are the parts of the answer that matter here. Without the block everything is
// allowed.
type permissions struct {
	Publish struct {
		Allow []string `json:"allow"`
		Deny  []string `json:"deny"`
	} `json:"publish"`
}

var errNotTold = errors.New("the server does not say what this login may do")

// permissions asks the server what the login may do; nil is everything. Its error is errNotTold, or
// why there was no answer. A denial of the question is counted nowhere; the server notes it in its
// log.
func (s *Session) permissions(ctx context.Context) (*permissions, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout/2)
	defer cancel()
	sub, err := s.askInfo(ctx)
	if sub != nil {
		defer func() { _ = sub.Unsubscribe() }() // fails only with the connection
	}
	if err != nil {
		return nil, err
	}
	return s.readInfo(ctx, sub)
}

// askInfo sends the question, and returns where its answer comes when the server has denied
// neither.
func (s *Session) askInfo(ctx context.Context) (sub *nats.Subscription, err error) {
	inbox := s.Conn.NewInbox()
	for _, subject := range []string{inbox, userInfo} {
		s.denials.expect(subject)
		defer func() { s.denials.forget(subject, answered(err)) }()
	}
	if sub, err = s.Conn.SubscribeSync(inbox); err != nil {
		return nil, err
	}
	if err := s.flushed(ctx, &DeniedError{Subject: inbox}); err != nil {
		return sub, err
	}
	if err := s.Conn.PublishRequest(userInfo, inbox, nil); err != nil {
		return sub, err
	}
	return sub, s.flushed(ctx, &DeniedError{Publish: true, Subject: userInfo})
}

// flushed waits for the server, and returns denied if that is so.
func (s *Session) flushed(ctx context.Context, denied *DeniedError) error {
	if err := s.Conn.FlushWithContext(ctx); err != nil {
		return err
	}
	return s.probed(ctx, denied)
}

// readInfo waits for the answer of the server that s is connected to. Others may answer, too.
func (s *Session) readInfo(ctx context.Context, sub *nats.Subscription) (*permissions, error) {
	ctx, cancel := context.WithTimeout(ctx, infoTimeout)
	defer cancel()
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return nil, err
		}
		var answer struct {
			Server struct {
				ID string `json:"id"`
			} `json:"server"`
			Data *struct {
				Permissions *permissions `json:"permissions"`
			} `json:"data"`
		}
		switch err := json.Unmarshal(m.Data, &answer); {
		case err != nil, answer.Data == nil:
			return nil, errNotTold
		case answer.Server.ID == s.Conn.ConnectedServerId():
			return answer.Data.Permissions, nil
		}
	}
}

// publish reports whether a part of what one of the patterns covers may be published to. Where it
// must be named, it counts only if what is allowed begins with more than a name: choria.> is hardly
// meant for the nodes of a collective choria.
func (p *permissions) publish(patterns []string, mustBeNamed bool) bool {
	if p == nil {
		return true
	}
	allow := p.Publish.Allow
	if len(allow) == 0 {
		allow = []string{">"}
	}
	for _, pattern := range patterns {
		for _, a := range allow {
			part, some := intersect(pattern, a)
			if some && !reserved(part) && !p.closed(part) && (named(a) || !mustBeNamed) {
				return true
			}
		}
	}
	return false
}

// closed reports whether a whole pattern is denied.
func (p *permissions) closed(pattern string) bool {
	return slices.ContainsFunc(p.Publish.Deny, func(deny string) bool { return covers(deny, pattern) })
}

// named reports whether a pattern begins with a name, and says more than that.
func named(pattern string) bool {
	name, rest, _ := strings.Cut(pattern, ".")
	return name != "*" && name != ">" && rest != ">"
}

// reserved reports whether a pattern is of NATS itself, or of the answers to clients.
func reserved(pattern string) bool {
	return strings.HasPrefix(pattern, "$") || strings.HasPrefix(pattern, "_")
}

// intersect returns the pattern that covers what both a and b cover; false if that is nothing.
func intersect(a, b string) (string, bool) {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range x {
		switch {
		case i == len(y):
			return "", false
		case x[i] == ">":
			return strings.Join(y, "."), true
		case y[i] == ">":
			return strings.Join(x, "."), true
		case x[i] == "*":
			x[i] = y[i]
		case y[i] == "*":
			y[i] = x[i]
		case x[i] != y[i]:
			return "", false
		}
		y[i] = x[i]
	}
	return strings.Join(x, "."), len(x) == len(y)
}

// covers reports whether all that b covers is covered by a.
func covers(a, b string) bool {
	both, ok := intersect(a, b)
	return ok && both == b
}
