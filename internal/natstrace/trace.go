package natstrace

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// mostServers bounds what is waited for, whatever servers say.
	mostServers = 1000
	// patience is how long the servers of one attempt have after the last one that answered.
	patience = 500 * time.Millisecond
	// attempts is how often a trace is made at most. Servers that have just learnt of the inbox may
	// have missed the first one.
	attempts = 3
)

// VersionError says that the server is too old, or does not say how old it is. Nothing was
// published.
type VersionError struct{ Version string }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the server has version %q and does not trace messages: that needs 2.11 or later", e.Version)
}

// InboxError says that the login may not use an inbox as traces need it. Nothing was delivered.
type InboxError struct {
	Subject string // of the inbox
	Publish bool   // what is denied: publishing to it, or subscribing
}

func (e *InboxError) Error() string {
	if e.Publish {
		return "this login may not publish to its own inbox, where servers send what they trace: allow " + e.Right()
	}
	return "this login may not subscribe to its own inbox: allow " + e.Right()
}

// Right is what the login lacks.
func (e *InboxError) Right() string {
	if e.Publish {
		return fmt.Sprintf("publish %q", e.Pattern())
	}
	return fmt.Sprintf("subscribe %q", e.Pattern())
}

// Pattern covers all inboxes of the login, such as _INBOX.>.
func (e *InboxError) Pattern() string {
	tokens := strings.Split(e.Subject, ".")
	return strings.Join(tokens[:max(1, len(tokens)-2)], ".") + ".>"
}

// ErrSilent says that the server has answered a trace with nothing, not even with an error.
var ErrSilent = errors.New("the server sends no trace of a message")

// Supported returns nil if the server of a connection traces messages, and otherwise a
// *VersionError. A connection that may reconnect is an error, too: the next server may be older.
func Supported(nc *nats.Conn) error {
	if nc.Opts.AllowReconnect {
		return errors.New("natstrace: the connection may reconnect, and the next server may be an old one: pass one that does not")
	}
	if v := nc.ConnectedServerVersion(); !traces(v) {
		return &VersionError{Version: v}
	}
	return nil
}

// traces reports whether a server of that version knows the headers.
func traces(version string) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) != 3 || strings.HasPrefix(version, "2.11.0-") {
		return false
	}
	major, err := strconv.Atoi(parts[0])
	minor, wrong := strconv.Atoi(parts[1])
	return err == nil && wrong == nil && (major > 2 || major == 2 && minor >= 11)
}

// Trace finds the way of a message to subject, without one. It blocks until all servers have
// answered, for about two seconds at most, or until ctx ends. Several traces at once need a
// connection each. Errors are those of Supported, *InboxError, ErrSilent, and those of the
// connection and of ctx.
func Trace(ctx context.Context, nc *nats.Conn, subject string) (Result, error) {
	all, err := Sample(ctx, nc, subject, 1)
	if err != nil {
		return Result{}, err
	}
	return all[0], nil
}

// retry makes attempts until one is complete, and returns the fullest.
func retry(ctx context.Context, attempt func(n int) (Result, error)) (best Result, err error) {
	for n := range attempts {
		result, err := attempt(n)
		switch {
		case err != nil && len(best.Servers) > 0:
			return best, nil
		case err != nil:
			return best, err
		case len(result.Servers) > len(best.Servers) || result.Complete:
			best = result
		}
		if best.Complete || ctx.Err() != nil {
			break
		}
	}
	switch {
	case len(best.Servers) > 0:
		return best, nil
	case ctx.Err() != nil:
		return best, ctx.Err()
	}
	return best, ErrSilent
}

func subscribe(ctx context.Context, nc *nats.Conn, inbox string) (*nats.Subscription, error) {
	sub, err := nc.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	denied, err := settle(ctx, nc, inbox)
	if denied {
		err = &InboxError{Subject: inbox}
	}
	if err != nil {
		_ = sub.Unsubscribe() // fails only with the connection
		return nil, err
	}
	return sub, nil
}

// once makes one attempt. dest is where the servers answer.
func once(ctx context.Context, nc *nats.Conn, sub *nats.Subscription, subject, dest string) (Result, error) {
	if err := nc.PublishMsg(probe(subject, dest)); err != nil {
		return Result{}, err
	}
	denied, err := settle(ctx, nc, dest)
	switch {
	case denied:
		return Result{}, &InboxError{Subject: dest, Publish: true}
	case err != nil:
		return Result{}, err
	}
	return collect(ctx, sub, dest)
}

// probe makes a message that servers trace to dest and deliver to nobody.
func probe(subject, dest string) *nats.Msg {
	m := nats.NewMsg(subject)
	m.Header.Set("Nats-Trace-Dest", dest)
	m.Header.Set("Nats-Trace-Only", "true")
	return m
}

// settle waits for the server to take what was written. denied reports whether it has refused
// something about subject meanwhile. A refusal comes before the answer to the flush.
func settle(ctx context.Context, nc *nats.Conn, subject string) (denied bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, attempts*patience) // nats.go wants a deadline
	defer cancel()
	if err := nc.FlushWithContext(ctx); err != nil {
		return false, err
	}
	last := nc.LastError()
	return errors.Is(last, nats.ErrPermissionViolation) && strings.Contains(last.Error(), `"`+subject+`"`), nil
}

// collect waits for all servers of one attempt.
func collect(ctx context.Context, sub *nats.Subscription, dest string) (r Result, err error) {
	var answers tally
	for !answers.complete() && len(answers.servers) < mostServers {
		waiting, cancel := context.WithTimeout(ctx, patience)
		m, err := sub.NextMsgWithContext(waiting)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			break // at the end of ctx, too: what came is something
		}
		if err != nil {
			return r, err
		}
		if m.Subject != dest {
			continue // of an earlier attempt
		}
		if err := answers.add(m.Data); err != nil {
			return r, err
		}
	}
	return Result{Servers: arranged(answers.servers), Complete: answers.complete()}, nil
}

// isLiteral reports whether subject can be published to: tokens without blanks, and no wildcard.
func isLiteral(subject string) bool {
	if strings.ContainsAny(subject, " \t\r\n\f\x00") {
		return false
	}
	for token := range strings.SplitSeq(subject, ".") {
		if token == "" || token == "*" || token == ">" {
			return false
		}
	}
	return true
}
