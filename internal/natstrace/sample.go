package natstrace

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
)

// Sample finds the ways of n messages to subject, of which the first is that of Trace. Of a queue
// group each way names a member chosen at random. The others are asked for at once, and only if
// somebody would get the first. Those that no server has answered are left out.
func Sample(ctx context.Context, nc *nats.Conn, subject string, n int) ([]Result, error) {
	if err := Supported(nc); err != nil {
		return nil, err
	}
	if !isLiteral(subject) {
		return nil, fmt.Errorf("natstrace: %.60q is no subject that a message can be published to", subject)
	}
	inbox := nc.NewInbox()
	sub, err := subscribe(ctx, nc, inbox+".*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = sub.Unsubscribe() }() // fails only with the connection
	first, err := retry(ctx, func(n int) (Result, error) {
		return once(ctx, nc, sub, subject, inbox+"."+strconv.Itoa(n))
	})
	if err != nil || n < 2 || first.Found() != Yes {
		return []Result{first}, err
	}
	more, err := many(ctx, nc, sub, subject, inbox, n-1)
	return append([]Result{first}, more...), err
}

// many makes n attempts at once, behind those of retry.
func many(ctx context.Context, nc *nats.Conn, sub *nats.Subscription, subject, inbox string, n int) ([]Result, error) {
	answers := make(map[string]*tally, n)
	for i := range n {
		dest := inbox + "." + strconv.Itoa(attempts+i)
		answers[dest] = &tally{}
		if err := nc.PublishMsg(probe(subject, dest)); err != nil {
			return nil, err
		}
	}
	err := collectMany(ctx, sub, answers)
	var all []Result
	for _, a := range answers {
		if len(a.servers) > 0 {
			all = append(all, Result{Servers: arranged(a.servers), Complete: a.complete()})
		}
	}
	return all, err
}

// collectMany waits for all servers of the attempts, as long as one of them answers now and then.
func collectMany(ctx context.Context, sub *nats.Subscription, answers map[string]*tally) error {
	for open := len(answers); open > 0; {
		waiting, cancel := context.WithTimeout(ctx, patience)
		m, err := sub.NextMsgWithContext(waiting)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			return nil
		}
		if err != nil {
			return err
		}
		a := answers[m.Subject]
		if a == nil || a.complete() || len(a.servers) >= mostServers {
			continue
		}
		if err := a.add(m.Data); err != nil {
			return err
		}
		if a.complete() {
			open--
		}
	}
	return nil
}
