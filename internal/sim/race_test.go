//go:build race

package sim

// With the race detector everything takes four times as long, so a plain go test does less.
const (
	usual  = 80 // scenarios
	stride = 10 // of the operations that fail
)
