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
	log *slog.Logger

	sealing // those for the next routers; changed by a reload, one at a time

	watched sealing      // owned by watch
	next    chan sealing // for watch: those that a reload has set

	// Written by watch, read by telemetry.
	trouble atomic.Pointer[string] // what is wrong with the key file, or nil

	// Written by reply paths, read by telemetry.
	verdicts   [wire.NumReasons]atomic.Int64
	roundTrips *telemetry.Histogram
}

// sealing is how requests are sealed, and with which keys.
type sealing struct {
	settings config.ReturnAddress
	ring     *seal.Ring // nil if no keys are set; the watch replaces what is in it
	file     keyFile    // that the keys were read from
}

// newSeals reads the keys, if any are set. Later it keeps keys that it has, but it does not begin
// without.
func newSeals(c config.ReturnAddress, log *slog.Logger) (*seals, error) {
	s := &seals{
		log: log, next: make(chan sealing, 1), roundTrips: telemetry.NewHistogram(telemetry.NodeBounds),
	}
	first, err := newSealing(c)
	if err != nil {
		return s, err
	}
	s.sealing, s.watched = first, first
	s.logKeys()
	return s, nil
}

// newSealing reads the keys, if any are set.
func newSealing(c config.ReturnAddress) (sealing, error) {
	s := sealing{settings: c, file: keyFile{path: c.Keys}}
	if c.Keys == "" {
		return s, nil
	}
	keys, err := s.file.read()
	if err != nil {
		return s, fmt.Errorf("return_address.keys: %s: %w", c.Keys, err)
	}
	s.ring = seal.NewRing(keys)
	return s, nil
}

// use takes other settings and keys into use, for routers that are made from now on.
func (s *seals) use(next sealing) {
	s.sealing = next
	select {
	case <-s.next: // that watch has not seen yet
	default:
	}
	s.next <- next
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
