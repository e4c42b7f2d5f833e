// Package plain is the relay that a good engineer writes in an afternoon: nats.go, encoding/json,
// one subscription a side.
//
// It is the yardstick for what the care elsewhere in this repository buys. It does what the
// protocol asks of a relay and no more: nothing is checked, counted or drained.
package plain
