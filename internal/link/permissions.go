package link

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// userInfo is the subject of the question what a login may do. If the login may not ask, the server
// denies the question at once. A server without a system account answers that nobody responds.
const userInfo = "$SYS.REQ.USER.INFO"

// infoTimeout is how long to wait for the answer, once it is clear that the question was not
// denied. Through a leaf node other servers answer, too, and perhaps sooner.
const infoTimeout = 500 * time.Millisecond

// permissions are the parts of the answer that matter here. A nil pointer stands for an answer
// without permissions, which allows everything.
type permissions struct {
	Publish   permission `json:"publish"`
	Subscribe permission `json:"subscribe"`
	// Responses is there if the login may answer questions that have come.
	Responses *struct{} `json:"responses"`
}

// A permission without Allow allows everything but Deny. An entry of Subscribe may have the name of
// a queue group behind the subject.
type permission struct {
	Allow []string `json:"allow"`
	Deny  []string `json:"deny"`
}

// errNotTold says that the answer has no data about the login, or cannot be parsed.
var errNotTold = errors.New("the server does not say what this login may do")

// permissions asks the server what the login may do, as Login does.
func (s *Session) permissions(ctx context.Context) (*permissions, error) {
	login, err := s.Login(ctx)
	if err != nil {
		return nil, err
	}
	return login.may, nil
}

// askInfo sends the question, and returns the subscription on which the answer comes. The error is
// a denial of the subscription or of the question, the end of ctx, or that of the connection.
func (s *Session) askInfo(ctx context.Context) (sub *nats.Subscription, err error) {
	inbox := s.Conn.NewInbox()
	for _, subject := range []string{inbox, userInfo} {
		s.denials.expect(subject)
		defer func() { s.denials.forget(subject, answered(err)) }()
	}
	if sub, err = s.Conn.SubscribeSync(inbox); err != nil {
		return nil, err
	}
	if err := s.flushUnlessDenied(ctx, &DeniedError{Subject: inbox}); err != nil {
		return sub, err
	}
	if err := s.Conn.PublishRequest(userInfo, inbox, nil); err != nil {
		return sub, err
	}
	return sub, s.flushUnlessDenied(ctx, &DeniedError{Publish: true, Subject: userInfo})
}

// flushUnlessDenied blocks for a round trip. It returns denied if the server has sent that denial.
func (s *Session) flushUnlessDenied(ctx context.Context, denied *DeniedError) error {
	if err := s.Conn.FlushWithContext(ctx); err != nil {
		return err
	}
	return s.unlessDenied(ctx, denied)
}

// publishTo reports whether the login may publish to at least a part of one of patterns. If
// mustBeNamed, an allowed pattern counts only if it says more than its first word: choria.> is
// hardly meant for the nodes of a collective named choria.
func (p *permissions) publishTo(patterns []string, mustBeNamed bool) bool {
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
			if some && !reserved(part) && !p.deniesAll(part) && (named(a) || !mustBeNamed) {
				return true
			}
		}
	}
	return false
}

// deniesAll reports whether everything that pattern covers is denied.
func (p *permissions) deniesAll(pattern string) bool {
	return slices.ContainsFunc(p.Publish.Deny, func(deny string) bool { return covers(deny, pattern) })
}

// named reports whether a pattern begins with a literal word, and does not allow everything below
// it.
func named(pattern string) bool {
	name, rest, _ := strings.Cut(pattern, ".")
	return name != "*" && name != ">" && rest != ">"
}

// reserved reports whether a pattern is for NATS itself, or for answers to clients.
func reserved(pattern string) bool {
	return strings.HasPrefix(pattern, "$") || strings.HasPrefix(pattern, "_")
}

// intersect returns the pattern that covers what both a and b cover, and false if that is nothing.
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

// covers reports whether a covers every subject that b covers.
func covers(a, b string) bool {
	both, ok := intersect(a, b)
	return ok && both == b
}
