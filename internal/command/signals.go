package command

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// SameSignal is how long after the first signal another one is still the same: a terminal sends it
// to a whole process group, and whoever leads that passes it on once more.
const SameSignal = time.Second

// UntilSignal returns a context that SIGINT or SIGTERM ends. The next one, SameSignal later or
// more, ends the process at once.
func UntilSignal(parent context.Context) (_ context.Context, stop func()) {
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { time.AfterFunc(SameSignal, stop) })
	return ctx, stop
}
