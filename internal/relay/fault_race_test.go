//go:build race

package relay_test

// How much is sent where every byte is watched: less.
const (
	pressureMessages = 64
	manyNodes        = 20_000
)
