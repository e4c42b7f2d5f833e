package floor

import (
	"context"
	"errors"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
)

// Run relays between the servers fed and col until ctx ends or a connection does.
func Run(ctx context.Context, fed, col bare.Server) error {
	federation, err := bare.Dial(ctx, fed, "floor")
	if err != nil {
		return err
	}
	defer federation.Close()
	collective, err := bare.Dial(ctx, col, "floor")
	if err != nil {
		return err
	}
	defer collective.Close()
	ended := make(chan error, 2)
	go func() { ended <- carryRequests(federation, collective) }()
	go func() { ended <- carryReplies(collective, federation) }()
	select {
	case err = <-ended:
		return err
	case <-ctx.Done():
		return nil
	}
}

func carryRequests(from, to *bare.Conn) error {
	if err := from.Write(bare.AppendSub(nil, message.Federated, message.Cluster+"_federation", 1)); err != nil {
		return err
	}
	r := &requests{to: to, plans: map[int]*plan{}}
	return errors.Join(from.Read(r.carry, func() error { return r.err }), r.err)
}

func carryReplies(from, to *bare.Conn) error {
	if err := from.Write(bare.AppendSub(nil, message.Returned, message.Cluster+"_collective", 1)); err != nil {
		return err
	}
	r := &replies{to: to}
	return errors.Join(from.Read(r.carry, r.flush), r.err)
}
