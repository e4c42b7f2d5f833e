//go:build !race

package sim

// usual is how many scenarios a plain go test runs.
const usual = 250
