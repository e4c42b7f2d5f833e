package service

import (
	"context"
	"encoding/json"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/state"
)

const (
	// mostStatistics is the size of the largest statistics document that is read, in bytes.
	mostStatistics = 64 << 10
	// statisticsWaiting is how many documents may wait for the caller of Listen.
	statisticsWaiting = 1000
)

// Listen calls heard with each statistics document of clusters, one call after the other. It blocks
// until ctx ends or the connection does. Brokers publish one every ten seconds; some publish
// nothing else about themselves. The error is a *link.DeniedError if the login may not listen.
func Listen(ctx context.Context, nc *nats.Conn, clusters []string, heard func(state.Statistics)) error {
	came := make(chan *nats.Msg, statisticsWaiting)
	for _, cluster := range clusters {
		before, subject := nc.LastError(), StatisticsSubject(cluster)
		sub, err := nc.ChanSubscribe(subject, came)
		if err != nil {
			return err
		}
		defer func() { _ = sub.Unsubscribe() }() // fails only with the connection
		if err := nc.FlushWithContext(ctx); err != nil {
			return err
		}
		if deniedSince(nc, before, subject) {
			return &link.DeniedError{Subject: subject}
		}
	}
	closed := nc.StatusChanged(nats.CLOSED)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-closed:
			return nats.ErrConnectionClosed
		case m := <-came:
			if s, ok := statisticsIn(m); ok {
				heard(s)
			}
		}
	}
}

// statisticsIn returns the document in a message, and false if there is none that fits the subject.
// Anybody may publish there.
func statisticsIn(m *nats.Msg) (s state.Statistics, ok bool) {
	if len(m.Data) > mostStatistics || json.Unmarshal(m.Data, &s) != nil {
		return s, false
	}
	s.Instance, s.Version = printable(s.Instance), printable(s.Version)
	s.Federation.ConnectedServer, s.Collective.ConnectedServer = printable(s.Federation.ConnectedServer), printable(s.Collective.ConnectedServer)
	return s, s.Instance != "" && m.Subject == StatisticsSubject(s.Cluster)
}
