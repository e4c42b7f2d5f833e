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

// parts are the processes of a trial that this program plays itself.
var parts = map[string]func(context.Context, []string) error{
	"servers": func(ctx context.Context, _ []string) error { return trial.Serve(ctx, os.Stdout) },
	"floor": func(ctx context.Context, at []string) error {
		if len(at) != 2 {
			return errArguments
		}
		return floor.Run(ctx, at[0], at[1])
	},
	"plain": func(ctx context.Context, at []string) error {
		if len(at) != 2 {
			return errArguments
		}
		return plain.Run(ctx, at[0], at[1], message.Cluster)
	},
}
