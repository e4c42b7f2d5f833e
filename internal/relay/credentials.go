package relay

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
)

// CheckCredentials reads and judges the credentials of both sides, without connecting to anything.
// Each finding names its setting. A side whose settings contradict each other is left out, because
// New fails for it and says why. It blocks for files only.
func CheckCredentials(c config.Config, now time.Time) (mistakes, warnings []link.Finding) {
	var sides []link.Inspection
	second, settings := SecondSide(c)
	for _, s := range []struct {
		name string
		side config.Side
	}{{link.Federation, c.Federation}, {second, settings}} {
		endpoint, err := link.NewEndpoint(s.name, s.side)
		if err != nil {
			continue
		}
		found := endpoint.Inspect(now, needsOf(c, s.name))
		sides = append(sides, found)
		mistakes, warnings = append(mistakes, found.Mistakes...), append(warnings, found.Warnings...)
	}
	return mistakes, append(warnings, link.SharedKeys(sides...)...)
}

// credentials watches the credentials of both sides, because tokens and certificates end and files
// are replaced while a relay runs.
type credentials struct {
	// Set by newCredentials, then read-only.
	log       *slog.Logger
	endpoints []*link.Endpoint
	needs     func(side string) link.Needs
	wake      chan struct{} // makes watch inspect; holds one token

	// Owned by watch.
	logged map[string]time.Time // when a warning was logged last, by its text

	// Written by watch, read by telemetry.
	current atomic.Pointer[[]string]                        // warnings
	ends    atomic.Pointer[map[string]map[string]time.Time] // the earliest end by side and kind
}

func newCredentials(r *Relay) *credentials {
	c := &credentials{log: r.log, logged: make(map[string]time.Time), wake: make(chan struct{}, 1)}
	c.needs = func(side string) link.Needs { return needsOf(*r.settings.Load(), side) }
	for _, s := range r.sides {
		c.endpoints = append(c.endpoints, s.endpoint)
	}
	return c
}

// look makes watch inspect the files now. It does not block.
func (c *credentials) look() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

const (
	// inspectInterval is the time between two inspections of the files. Each connect reads them,
	// too.
	inspectInterval = time.Minute
	// remindAfter is the time after which a warning that still holds is logged again.
	remindAfter = 24 * time.Hour
)

// watch inspects the files, if there are any, and blocks, until ctx ends.
func (c *credentials) watch(ctx context.Context) {
	ticker := time.NewTicker(inspectInterval)
	defer ticker.Stop()
	for {
		tick := ticker.C
		if !slices.ContainsFunc(c.endpoints, hasFiles) {
			tick = nil
		}
		if tick != nil || c.current.Load() != nil { // there are some, or were
			c.inspect(time.Now())
		}
		select {
		case <-tick:
		case <-c.wake:
		case <-ctx.Done():
			return
		}
	}
}

func hasFiles(e *link.Endpoint) bool { return e.Latest().HasFiles() }

// inspect reads the files, stores the warnings and ends for telemetry, and logs the warnings.
func (c *credentials) inspect(now time.Time) {
	var texts []string
	var sides []link.Inspection
	ending := make(map[string]map[string]time.Time)
	for _, e := range c.endpoints {
		e = e.Latest()
		found := e.Inspect(now, c.needs(e.Side()))
		sides = append(sides, found)
		for _, f := range slices.Concat(found.Mistakes, found.Warnings) {
			texts = append(texts, f.Error())
		}
		ending[e.Side()] = earliest(found.Ending)
	}
	for _, f := range link.SharedKeys(sides...) {
		texts = append(texts, f.Error())
	}
	c.current.Store(&texts)
	c.ends.Store(&ending)
	c.logWarnings(texts, now)
}

// earliest returns the first end of each kind of credential.
func earliest(all []link.Credential) map[string]time.Time {
	ends := make(map[string]time.Time)
	for _, c := range all {
		if first, ok := ends[c.Kind]; !ok || c.Ends.Before(first) {
			ends[c.Kind] = c.Ends
		}
	}
	return ends
}

// logWarnings logs new warnings at once, and those that still hold after remindAfter.
func (c *credentials) logWarnings(texts []string, now time.Time) {
	for _, text := range texts {
		if last, ok := c.logged[text]; !ok || now.Sub(last) >= remindAfter {
			c.log.Warn("credentials: " + text)
			c.logged[text] = now
		}
	}
	for text, last := range c.logged {
		if now.Sub(last) > 2*remindAfter {
			delete(c.logged, text)
		}
	}
}

// warnings returns the warnings of the latest inspection. It is one of Relay.warners.
func (c *credentials) warnings() []string {
	if texts := c.current.Load(); texts != nil {
		return slices.Clone(*texts)
	}
	return nil
}

// endsOf returns when the first credential of each kind ends on a side.
func (c *credentials) endsOf(side string) map[string]time.Time {
	if ends := c.ends.Load(); ends != nil {
		return (*ends)[side]
	}
	return nil
}
