package relay_test

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// The log says of each path that it has joined, whether the guard joined or the link when it
// connected.
func TestEachPathSaysThatItHasJoined(t *testing.T) {
	for _, late := range []string{"", "federation", "collective"} {
		n := fedtest.StartNetworks(t, embedded.Options{})
		var log lines
		r, err := relay.New(n.Config(), relay.Options{
			Log: slog.New(slog.NewTextHandler(&log, nil)), Dial: dialLate(late),
		})
		if err != nil {
			t.Fatal(err)
		}
		runUntilEnd(t, r)
		for _, path := range []string{"request", "reply"} {
			fedtest.Eventually(t, "the "+path+" path says so", func() bool {
				return log.count(`joined the queue group" path=`+path) == 1
			})
		}
	}
}

// dialLate makes the connections of one side later than those of the other.
func dialLate(late string) func(string) func(context.Context, string, string) (net.Conn, error) {
	return func(side string) func(context.Context, string, string) (net.Conn, error) {
		return func(ctx context.Context, network, address string) (net.Conn, error) {
			if side == late {
				<-time.After(300 * time.Millisecond)
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		}
	}
}
