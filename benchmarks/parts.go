package main

import (
	"context"
	"errors"
	"os"

	"github.com/fedrelay/fedrelay/benchmarks/floor"
	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/benchmarks/plain"
	"github.com/fedrelay/fedrelay/benchmarks/trial"
)

var errArguments = errors.New("want the addresses of both servers")

// parts are the processes of a trial for which this program is started again. The arguments are
// addresses of servers.
var parts = map[string]func(context.Context, []string) error{
	"servers": func(ctx context.Context, _ []string) error { return trial.Serve(ctx, os.Stdout) },
	"floor": func(ctx context.Context, args []string) error {
		if len(args) != 2 {
			return errArguments
		}
		return floor.Run(ctx, args[0], args[1])
	},
	"plain": func(ctx context.Context, args []string) error {
		if len(args) != 2 {
			return errArguments
		}
		return plain.Run(ctx, args[0], args[1], message.Cluster)
	},
}
