//go:build race

package relay

// diffRounds is how many messages are compared where the detector watches every byte.
const diffRounds = 2_000
