//go:build !race

package sim

// What a plain go test does.
const (
	usual  = 250 // scenarios
	stride = 1   // of the operations that fail
)
