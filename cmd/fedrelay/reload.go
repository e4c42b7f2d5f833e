package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/internal/telemetry"
)

// A reloader reads the configuration again, from where it came, and gives it to the process.
type reloader struct {
	// Set by newReloader, then read-only.
	sources config.Sources
	process *relay.Process
	log     *logging

	count atomic.Pointer[telemetry.Reloads]

	// Guarded by mu, which reload holds.
	mu     sync.Mutex
	begins func()             // a reload begins
	ended  func(refused bool) // it has ended
}

func newReloader(src config.Sources, p *relay.Process, log *logging) *reloader {
	src.FilesLater = false
	r := &reloader{sources: src, process: p, log: log, begins: func() {}, ended: func(bool) {}}
	r.count.Store(&telemetry.Reloads{InForceSince: time.Now()})
	return r
}

// tells has begins and ended called around each reload.
func (r *reloader) tells(begins func(), ended func(refused bool)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begins, r.ended = begins, ended
}

// reload reads and applies the configuration, all or nothing, and logs what came of it. by says who
// has asked for it. It blocks for files and for DNS, and for another call of it.
func (r *reloader) reload(by string) telemetry.Reload {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begins()
	outcome := r.try()
	r.enter(outcome)
	switch {
	case len(outcome.Refused) > 0:
		r.log.Error("the configuration was not reloaded, and nothing has changed", "by", by, "because", outcome.Refused)
	case len(outcome.Changes) == 0:
		r.log.Info("configuration read again: there was nothing to change", "by", by)
	default:
		// Also where less is logged, because it says what is in force.
		logAlways(r.log.Handler(), slog.LevelInfo, "configuration reloaded", "by", by, "changes", outcome.Changes)
	}
	r.ended(len(outcome.Refused) > 0)
	return outcome
}

func (r *reloader) try() telemetry.Reload {
	if r.sources.File == config.Stdin {
		return telemetry.Reload{Refused: []string{"--config - is standard input, which cannot be read again; give a file to reload"}}
	}
	resolved, err := config.Resolve(r.sources)
	if err != nil {
		return telemetry.Reload{Refused: linesOf(err)}
	}
	changes, err := r.process.Reload(resolved.Config)
	if err != nil {
		return telemetry.Reload{Refused: reasonsOf(resolved, err), Ending: errors.Is(err, relay.ErrEnding)}
	}
	r.log.set(resolved.Config.Log)
	if len(changes) > 0 {
		for _, w := range resolved.Warnings {
			r.log.Warn(w)
		}
	}
	return telemetry.Reload{Changes: changes}
}

// linesOf returns one line for each mistake.
func linesOf(err error) (lines []string) {
	var problems config.Problems
	if !errors.As(err, &problems) {
		return []string{err.Error()}
	}
	for _, p := range problems {
		lines = append(lines, p.Line())
	}
	return lines
}

// reasonsOf returns one line for each reason, with the place in the file where there is one.
func reasonsOf(from config.Resolved, err error) (lines []string) {
	var refused *relay.RefusedError
	if !errors.As(err, &refused) {
		return []string{err.Error()}
	}
	for _, reason := range refused.Reasons {
		lines = append(lines, strings.TrimPrefix(from.Problem(reason.Key, reason.Text).Line(), ": "))
	}
	return lines
}

// warnings says so if the latest reload was refused. The reasons are in the log: they quote the
// file, and warnings go to whoever may ask the relay.
func (r *reloader) warnings() []string {
	if !r.counted().LastRefused {
		return nil
	}
	return []string{"the latest reload was refused, and nothing has changed: the log of this instance says why"}
}

// enter counts a reload.
func (r *reloader) enter(outcome telemetry.Reload) {
	c := *r.count.Load()
	c.LastRefused = len(outcome.Refused) > 0
	switch {
	case c.LastRefused:
		c.Refused++
	case len(outcome.Changes) > 0:
		c.Changed++
	default:
		c.Unchanged++
	}
	if !c.LastRefused {
		c.InForceSince = time.Now()
	}
	r.count.Store(&c)
}

func (r *reloader) counted() telemetry.Reloads { return *r.count.Load() }

// steadyHost is this host as it was found first. A reload must not fail because DNS is away, or
// because it knows the host by another name now: names of a process stay the same.
func steadyHost() config.Host {
	var system = net.DefaultResolver
	return config.Host{
		Name: sync.OnceValues(os.Hostname),
		Addresses: once(func(ctx context.Context, name string) ([]net.IP, error) {
			return system.LookupIP(ctx, "ip4", name)
		}),
		Names: once(system.LookupAddr),
	}
}

// once remembers what lookup has found for a name. Failures are not remembered.
func once[T any](lookup func(context.Context, string) ([]T, error)) func(context.Context, string) ([]T, error) {
	var found sync.Map
	return func(ctx context.Context, name string) ([]T, error) {
		if known, ok := found.Load(name); ok {
			return slices.Clone(known.([]T)), nil
		}
		all, err := lookup(ctx, name)
		if err == nil {
			found.Store(name, all)
		}
		return all, err
	}
}
