package service

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/link"
)

// ErrNobody says that nobody listens to questions for a cluster.
var ErrNobody = errors.New("no instance listens to questions: " +
	"is the name of the cluster right, do its instances run, may they subscribe to the questions, and is this their federation?")

// An AskOption changes how Ask asks.
type AskOption func(*asking)

// asking is one call of Ask.
type asking struct {
	expected int
	odd      func(error)
	room     int // bytes that answers may still have, decompressed
}

// Expect makes Ask return as soon as n instances have answered.
func Expect(n int) AskOption { return func(a *asking) { a.expected = n } }

// OnOdd sets a function that is called for each answer that is no document: ErrNobody, what cannot
// be read, what is newer than this program, and what an instance says instead of an answer.
func OnOdd(f func(error)) AskOption { return func(a *asking) { a.odd = f } }

const (
	// mostAnswers is how many messages are looked at. There are hardly as many instances.
	mostAnswers = 1000
	// patienceFactor bounds how long answers that keep coming are waited for, in patiences.
	patienceFactor = 10
	// mostTogether is how large all answers together may be once they are decompressed, in bytes.
	mostTogether = 128 << 20
)

// Ask asks all instances of a cluster, and returns their answers in the order in which they come.
// It blocks for patience after the last answer, but for ten times of that at most, or until ctx
// ends. Nobody knows how many instances there are, so silence is the only sign of the end. If an
// instance answers twice, its later answer counts. The error is a *link.DeniedError if the login
// may not ask, or that of the connection.
func Ask[T any](ctx context.Context, nc *nats.Conn, cluster, verb string, question any, patience time.Duration, options ...AskOption) ([]T, error) {
	a := asking{odd: func(error) {}, room: mostTogether}
	for _, o := range options {
		o(&a)
	}
	ctx, cancel := context.WithTimeout(ctx, patienceFactor*patience)
	defer cancel()
	sub, err := send(ctx, nc, Subject(cluster, verb), question)
	if sub != nil {
		defer func() { _ = sub.Unsubscribe() }() // fails only with the connection
	}
	if err != nil {
		return nil, err
	}
	return collect[T](ctx, sub, patience, a)
}

// send sends a question, and returns the subscription on which the answers come.
func send(ctx context.Context, nc *nats.Conn, subject string, question any) (*nats.Subscription, error) {
	data, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	before := nc.LastError()
	inbox := nc.NewInbox()
	sub, err := nc.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	m := &nats.Msg{Subject: subject, Reply: inbox, Data: data}
	if nc.HeadersSupported() {
		m.Header = nats.Header{headerAccept: {"gzip"}}
	}
	if err := nc.PublishMsg(m); err != nil {
		return sub, err
	}
	if err := nc.FlushWithContext(ctx); err != nil {
		return sub, err
	}
	switch {
	case deniedSince(nc, before, inbox):
		return sub, &link.DeniedError{Subject: inbox}
	case deniedSince(nc, before, subject):
		return sub, &link.DeniedError{Publish: true, Subject: subject}
	}
	return sub, nil
}

// deniedSince reports whether the last error of the connection is the denial of a subject. After a
// flush all denials have come. before was the last error when the subject was not used yet.
func deniedSince(nc *nats.Conn, before error, subject string) bool {
	now := nc.LastError()
	return now != nil && now != before && errors.Is(now, nats.ErrPermissionViolation) &&
		strings.Contains(now.Error(), `"`+subject+`"`)
}

// collect takes answers until no more come.
func collect[T any](ctx context.Context, sub *nats.Subscription, patience time.Duration, a asking) ([]T, error) {
	var all []T
	var from []string // the instance of each
	for n := 0; n < mostAnswers && (a.expected == 0 || len(all) < a.expected); n++ {
		m, err := next(ctx, sub, patience)
		if errors.Is(err, nats.ErrNoResponders) {
			a.odd(ErrNobody)
			return all, nil
		}
		if m == nil || err != nil {
			return all, err
		}
		answer, size, err := read[T](m, min(mostRead, a.room))
		a.room -= size
		if err != nil {
			a.odd(err)
			continue
		}
		id := m.Header.Get(headerInstance)
		if i := slices.Index(from, id); i >= 0 && id != "" {
			all[i] = answer
			continue
		}
		all, from = append(all, answer), append(from, id)
	}
	return all, nil
}

// next returns the next answer, or nil if none comes in time.
func next(ctx context.Context, sub *nats.Subscription, patience time.Duration) (*nats.Msg, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m, err := sub.NextMsgWithContext(waiting)
	if errors.Is(err, context.DeadlineExceeded) && !errors.Is(ctx.Err(), context.Canceled) {
		return nil, nil
	}
	return m, err
}
