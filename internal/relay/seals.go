package relay

import (
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/seal"
	"github.com/fedrelay/fedrelay/internal/telemetry"
	"github.com/fedrelay/fedrelay/wire"
)

// seals is what a relay has for sealed return addresses: the keys, and what it has found in
// replies.
type seals struct {
	// Set by newSeals, then read-only.
	settings config.ReturnAddress
	log      *slog.Logger
	ring     *seal.Ring // nil if no keys are set; the watch replaces what is in it

	watched keyFile // owned by watch

	// Written by watch, read by telemetry.
	trouble atomic.Pointer[string] // what is wrong with the key file, or nil

	// Written by reply paths, read by telemetry.
	verdicts   [wire.NumReasons]atomic.Int64
	roundTrips *telemetry.Histogram
}

// newSeals reads the keys, if any are set. Later it keeps keys that it has, but it does not begin
// without.
func newSeals(c config.ReturnAddress, log *slog.Logger) (*seals, error) {
	s := &seals{
		settings: c, log: log, watched: keyFile{path: c.Keys},
		roundTrips: telemetry.NewHistogram(telemetry.NodeBounds),
	}
	if c.Keys == "" {
		return s, nil
	}
	keys, err := s.watched.read()
	if err != nil {
		return s, fmt.Errorf("return_address.keys: %s: %w", c.Keys, err)
	}
	s.ring = seal.NewRing(keys)
	s.logKeys(keys)
	return s, nil
}

// sealScope says whose seals the relay makes and opens.
func sealScope(c config.Config) seal.Scope {
	if c.IsEdge() {
		return seal.Scope{Cluster: c.Cluster, Role: seal.Edge}
	}
	return seal.Scope{Cluster: c.Cluster, Role: seal.Relay}
}

// view returns what has been found in replies.
func (s *seals) view() (v telemetry.Seals) {
	for i := range s.verdicts {
		v.Verdicts[i] = s.verdicts[i].Load()
	}
	v.RoundTrips = s.roundTrips.Snapshot()
	return v
}
