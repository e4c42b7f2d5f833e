package main

import (
	"context"
	"errors"
	"os"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/floor"
	"github.com/fedrelay/fedrelay/benchmarks/plain"
	"github.com/fedrelay/fedrelay/benchmarks/secure"
	"github.com/fedrelay/fedrelay/benchmarks/trial"
)

var errArguments = errors.New("want the addresses of both servers, an authority's file or an empty word, and an address for HTTP")

// relayArguments are what the parts that are relays are called with.
var relayArguments = []string{"{fed}", "{col}", "{ca}", "{http}"}

// parts are the processes of a trial for which this program is started again.
var parts = map[string]func(ctx context.Context, args []string) error{
	"servers": func(ctx context.Context, args []string) error {
		serving, err := trial.ParseServing(args)
		if err != nil {
			return err
		}
		return trial.Serve(ctx, os.Stdout, serving)
	},
	"floor": func(ctx context.Context, args []string) error {
		if len(args) != len(relayArguments) {
			return errArguments
		}
		security, err := secure.Client(args[2])
		if err != nil {
			return err
		}
		tellMemory(args[3])
		return floor.Run(ctx, bare.Server{Address: args[0], TLS: security}, bare.Server{Address: args[1], TLS: security})
	},
	"plain": func(ctx context.Context, args []string) error {
		if len(args) != len(relayArguments) {
			return errArguments
		}
		security, err := secure.Client(args[2])
		if err != nil {
			return err
		}
		tellMemory(args[3])
		return plain.Run(ctx, args[0], args[1], security)
	},
}
