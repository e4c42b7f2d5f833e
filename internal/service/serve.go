package service

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/state"
)

// Options are what Serve needs.
type Options struct {
	Endpoint *link.Endpoint // of the federation side
	Name     string         // of the connection
	Version  string         // of the program
	Sources  []state.Source // one for each cluster
	Log      *slog.Logger
}

const (
	retryAfter   = 5 * time.Second
	probeTimeout = 3 * time.Second
)

// Serve answers questions until ctx ends. It blocks, and connects again for ever.
func Serve(ctx context.Context, o Options) {
	for ctx.Err() == nil {
		if err := serveOnce(ctx, o); err != nil && ctx.Err() == nil {
			o.Log.Debug("cannot answer operators over NATS; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryAfter):
		}
	}
}

// serveOnce serves on one connection, and blocks until that or ctx ends.
func serveOnce(ctx context.Context, o Options) error {
	s, err := link.Single(ctx, o.Endpoint, o.Name)
	if err != nil {
		return err
	}
	defer s.Close()
	for _, source := range o.Sources {
		if err := register(ctx, s.Conn, source, o.Version); err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
		return nil
	case <-s.Done():
		return s.Err()
	}
}

// register adds the micro service of one source.
func register(ctx context.Context, nc *nats.Conn, source state.Source, version string) error {
	i := source.Instance()
	service, err := micro.AddService(nc, micro.Config{
		Name: Name, Version: semver(version), Description: "fedrelay of cluster " + i.Cluster,
		Metadata: map[string]string{"cluster": i.Cluster, "identity": i.Identity, "version": version},
	})
	if err != nil {
		return err
	}
	for verb, answer := range answers(ctx, source) {
		err := service.AddEndpoint(verb, handler(answer),
			micro.WithEndpointSubject(Subject(i.Cluster, verb)), micro.WithEndpointQueueGroupDisabled())
		if err != nil {
			return err
		}
	}
	return nil
}

// answers returns what answers each verb. nil as an answer means that nothing is sent.
func answers(ctx context.Context, source state.Source) map[string]func(question []byte) any {
	return map[string]func([]byte) any{
		State: func([]byte) any { return source.Instance() },
		Requests: func(question []byte) any {
			return source.Requests(decode[Latest](question).Most)
		},
		Request: func(question []byte) any {
			if r, ok := source.Request(decode[ByID](question).ID); ok {
				return r
			}
			return nil
		},
		Rejections: func(question []byte) any {
			return source.Rejections(decode[Latest](question).Most)
		},
		Probe: func(question []byte) any {
			ctx, cancel := context.WithTimeout(ctx, probeTimeout)
			defer cancel()
			return source.Probe(ctx, decode[Target](question).Target)
		},
	}
}

func decode[T any](question []byte) (v T) {
	_ = json.Unmarshal(question, &v) // a question that cannot be read asks for nothing
	return v
}

func handler(answer func([]byte) any) micro.Handler {
	return micro.HandlerFunc(func(r micro.Request) {
		if v := answer(r.Data()); v != nil {
			_ = r.RespondJSON(v) // the asker is gone, or may not be answered
		}
	})
}

// semver returns a version in the form that micro wants.
func semver(string) string { return "0.0.0" }
