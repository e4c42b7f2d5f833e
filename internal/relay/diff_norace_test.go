//go:build !race

package relay

// diffRounds is how many messages are compared (make debug).
const diffRounds = 20_000
