package service

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
)

// Ask asks all instances of a cluster, and returns their answers in the order in which they come.
// It blocks for patience after the last answer, or until ctx ends. Nobody knows how many instances
// there are, so silence is the only sign of the end.
func Ask[T any](ctx context.Context, nc *nats.Conn, cluster, verb string, question any, patience time.Duration) ([]T, error) {
	data, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	inbox := nc.NewRespInbox()
	sub, err := nc.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	defer func() { _ = sub.Unsubscribe() }() // fails only with the connection
	if err := nc.PublishRequest(Subject(cluster, verb), inbox, data); err != nil {
		return nil, err
	}
	return collect[T](ctx, sub, patience)
}

func collect[T any](ctx context.Context, sub *nats.Subscription, patience time.Duration) (all []T, err error) {
	for {
		waiting, cancel := context.WithTimeout(ctx, patience)
		m, err := sub.NextMsgWithContext(waiting)
		cancel()
		switch {
		case errors.Is(err, nats.ErrNoResponders), errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
			return all, nil
		case err != nil:
			return all, err
		}
		var answer T
		if err := json.Unmarshal(m.Data, &answer); err != nil {
			return all, err
		}
		all = append(all, answer)
	}
}
