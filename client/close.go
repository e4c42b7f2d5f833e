package client

import (
	"context"
	"errors"
	"strings"

	"github.com/nats-io/nats.go"
)

// Close ends the call, and says what became of it. Called again it returns the same. It waits for
// nothing: who wants all replies reads Replies to its end before.
func (k *Call) Close() *Result {
	dropped, _ := k.sub.Dropped() // an error: the connection is closed, and was too late to tell
	early := k.ended()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.finished != nil {
		return k.finished
	}
	r := k.partial
	r.Skipped, r.Sent, r.LostMessages = k.skipped, k.sent, dropped
	r.Unread += len(k.waiting)
	r.JSONOnly = k.singles && !k.client.opts.SingleReplies
	r.Reconnects = int(k.client.nc.Stats().Reconnects - k.before.reconnects)
	k.books.fill(&r)
	r.explain(early, k.denied())
	k.finished, k.waiting = &r, nil
	_ = k.sub.Unsubscribe() // fails only when the connection is closed
	k.tell()
	return k.finished
}

// ended returns why the call ended too early, or nil.
func (k *Call) ended() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.books.complete():
		return nil
	case k.ctx.Err() != nil && !errors.Is(k.ctx.Err(), context.DeadlineExceeded):
		return context.Cause(k.ctx)
	case k.gone:
		return nats.ErrConnectionClosed
	}
	return nil
}

// denied returns the error with which the server has denied this call something, or nil. Only the
// last error of the connection is known.
func (k *Call) denied() error {
	err := k.client.nc.LastError()
	if err == k.before.err || !errors.Is(err, nats.ErrPermissionViolation) {
		return nil
	}
	for _, subject := range append(k.client.subjects(), k.expected.subject) {
		if strings.Contains(strings.ToLower(err.Error()), strings.ToLower(`"`+subject+`"`)) {
			return err
		}
	}
	return nil
}

// Answered is how many nodes have answered so far. It may be called at any time.
func (k *Call) Answered() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.books.answered
}
