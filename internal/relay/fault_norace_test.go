//go:build !race

package relay_test

// How much is sent: requests of 200 MiB in all, and one to as many nodes as a request may name.
const (
	pressureMessages = 800
	manyNodes        = 50_000
)
