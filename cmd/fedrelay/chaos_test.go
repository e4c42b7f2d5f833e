package main

import (
	"context"
	"os"
	"testing"

	"github.com/fedrelay/fedrelay/internal/chaos"
)

// actAsServer makes the test binary a NATS server.
const actAsServer = "RUN_AS_NATS_SERVER"

// A small version of what `make chaos` does: three processes are replaced under load, and all that
// was asked is answered once.
func TestInstancesAreReplacedUnderLoadWithoutLoss(t *testing.T) {
	o := chaos.Options{
		Relay: []string{"env", actAsMain + "=1", program(t)}, Server: []string{"env", actAsServer + "=1", program(t)},
		Nodes: 200, Rate: 10, Restarts: 3, Replies: 2000,
	}
	r, err := chaos.Run(t.Context(), o, chaos.Restarts)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Problems) > 0 || r.Times != 3 || r.Replies < 2000 || r.Lost != 0 || r.Duplicated != 0 {
		t.Errorf("%+v", r)
	}
}

func serveNATS(args []string) error { return chaos.Serve(context.Background(), os.Stdout, args) }
