package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// waitReady waits until the relay has carried a request and its reply, and before that until
// /readyz says yes, if the relay has it.
func (l *lab) waitReady(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, l.opts.Ready)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	l.opts.Phase("waiting for the relay")
	why := errors.New("there was no time to try")
	for {
		err := l.tryRelay(bounded)
		if err == nil {
			return nil
		}
		if bounded.Err() == nil { // else err says only that time is up
			why = err
		}
		if err := l.relayEnded("before it was ready"); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-bounded.Done():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return cannotReach("the relay is not ready after %s: %w", l.opts.Ready, why)
		}
	}
}

// tryRelay returns an error that says why the relay is not ready.
func (l *lab) tryRelay(ctx context.Context) error {
	if l.books != nil {
		if err := askReady(ctx, l.opts.HTTP); err != nil {
			return err
		}
	}
	r, err := l.scout.client.Ask(ctx, l.scout.targets)
	switch {
	case r.Complete() && r.Replied > 0:
		return nil
	case errors.Is(err, context.DeadlineExceeded) || err == nil && r.Delivered == 0:
		return fmt.Errorf("a request to cluster %s does not arrive at its node", l.opts.Load.Cluster)
	case err != nil:
		return err
	}
	return fmt.Errorf("a request to cluster %s arrives, but no reply comes back", l.opts.Load.Cluster)
}

// askReady returns nil if /readyz says yes or does not exist.
func askReady(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := httpClient.Do(req)
	if err != nil {
		return fmt.Errorf("%s does not answer HTTP requests", address)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
	if resp.StatusCode == http.StatusOK || resp.StatusCode == http.StatusNotFound {
		return nil
	}
	return fmt.Errorf("/readyz says %s", strings.Join(strings.Fields(string(body)), " "))
}

// httpClient keeps no connection, because that would count as one of the relay.
var httpClient = &http.Client{
	Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, Proxy: nil},
}

// isNetwork reports whether a server could not be reached, or did not let us in.
func isNetwork(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, nats.ErrNoServers) || errors.Is(err, nats.ErrAuthorization) ||
		errors.Is(err, nats.ErrTimeout) || strings.Contains(err.Error(), "no such host") || isRefused(err)
}

func isRefused(err error) bool {
	var op *net.OpError
	return errors.As(err, &op)
}
